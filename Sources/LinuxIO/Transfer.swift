internal import SystemPackage

/// How far a read or a write has come, and what to do after each call that the kernel answered.
///
/// The kernel may move fewer bytes than it was asked to (a signal, a full disk, its own limit of 2 GiB a call), so a
/// transfer is a sequence of calls. This is the decision alone: whoever makes the calls, on a thread or on a ring,
/// reports each result to ``advance(by:)``.
struct Transfer: Hashable, Sendable {
    enum Direction: Hashable, Sendable { case reading, writing }

    enum Step: Hashable, Sendable {
        /// Ask for the rest: ``nextCount`` bytes at ``nextPosition``.
        case again
        /// ``done`` bytes were moved: all of them, or what there was up to the end of the file.
        case finished
        case failed(Errno)
    }

    /// The most that Linux moves in one call: read(2), "Notes".
    static let mostInOneCall = 0x7fff_f000

    let direction: Direction
    let position: Int64
    let count: Int
    private(set) var done = 0

    /// A transfer of which nothing has been done yet; nil when its range leaves that of file positions.
    init?(_ direction: Direction, count: Int, at position: Int64) {
        guard position >= 0, count >= 0, !position.addingReportingOverflow(Int64(count)).overflow else { return nil }
        self.direction = direction
        self.position = position
        self.count = count
    }

    /// A transfer of nothing.
    init(_ direction: Direction) {
        self.direction = direction
        position = 0
        count = 0
    }

    var nextPosition: Int64 { position + Int64(done) }
    var nextCount: Int { min(count - done, Transfer.mostInOneCall) }

    /// Takes in the result of a call for the next bytes: how many it moved, or -errno.
    mutating func advance(by result: Int) -> Step {
        if result < 0 {
            let errno = Errno(result: result)
            return errno == .interrupted ? .again : .failed(errno)
        }
        precondition(result <= nextCount, "Cannot have moved more bytes than were asked for")
        done += result
        if done == count { return .finished }
        if result > 0 { return .again }
        // Nothing moved and nothing wrong: the end of the file. A write has no such end; one that makes no progress
        // would be repeated for ever.
        return direction == .reading ? .finished : .failed(.ioError)
    }
}
