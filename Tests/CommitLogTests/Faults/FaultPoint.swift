import LinuxIO
import SystemPackage

/// A call of a scenario, told apart from the others by what it is made on, so that it is found again in another run
/// though threads interleave in another way.
struct FaultPoint: Hashable, Sendable, CustomStringConvertible {
    let name: SystemCall
    /// The last component of the path it is made on, without what is drawn at random.
    let file: String
    /// How many like it were made before.
    let occurrence: Int

    var description: String { "\(name) \(file) \(occurrence)" }

    /// What can become of it.
    var faults: [Fault] {
        switch name {
        case .close: [.errno(.ioError)]
        case .pwrite: [.errno(.ioError), .errno(.noSpace), .interruption, .busyness, .short, .shortAndFull]
        case .pread: [.errno(.ioError), .interruption, .busyness, .short]
        case .copyFileRange: [.errno(.ioError), .errno(.noSpace), .interruption, .busyness, .short]
        case .fsync, .fdatasync: [.errno(.ioError), .errno(.noSpace), .interruption, .busyness]
        case .open: [.errno(.ioError), .errno(.noSpace), .errno(.tooManyOpenFiles), .interruption, .busyness]
        case .opendir: [.errno(.ioError), .errno(.tooManyOpenFiles), .interruption]
        case .rename, .mkdir, .fallocate, .ftruncate:
            [.errno(.ioError), .errno(.noSpace), .interruption, .busyness]
        default: [.errno(.ioError), .interruption]
        }
    }

    enum Fault: Hashable, Sendable, CustomStringConvertible {
        case errno(Errno)
        /// EINTR, once.
        case interruption
        /// EAGAIN, once.
        case busyness
        /// A transfer of a part.
        case short
        /// The same, and the rest meets a full disk.
        case shortAndFull

        var description: String {
            switch self {
            case .errno(.ioError): "EIO"
            case .errno(.noSpace): "ENOSPC"
            case .errno(.tooManyOpenFiles): "EMFILE"
            case .errno(let errno): "\(errno.rawValue)"
            case .interruption: "EINTR"
            case .busyness: "EAGAIN"
            case .short: "short"
            case .shortAndFull: "short+ENOSPC"
            }
        }

        /// Whether nobody may notice.
        var isHarmless: Bool { self == .interruption || self == .busyness || self == .short }

        func answer(_ call: FaultInjector.Call) -> FaultInjector.Answer {
            switch self {
            case .errno(let errno): .fail(errno)
            case .interruption: .fail(.interrupted)
            case .busyness: .fail(.resourceTemporarilyUnavailable)
            case .short, .shortAndFull: .short(max(1, call.bytes / 2))
            }
        }
    }
}

/// Finds the points of a run, and makes one of them fail.
final class FaultPlan: Sendable {
    private struct State {
        var isArmed = false
        var counts: [String: Int] = [:]
        var points: [FaultPoint] = []
        /// The file whose next write meets a full disk.
        var full: FilePath?
        var wasHit = false
    }

    private let target: (point: FaultPoint, fault: FaultPoint.Fault)?
    private let state = Lock(State())

    /// - Parameter target: what fails; `nil` to find out what there is.
    init(_ target: (point: FaultPoint, fault: FaultPoint.Fault)?) { self.target = target }

    /// Between these two, calls count.
    func arm() { state.withLock { $0.isArmed = true } }
    func disarm() { state.withLock { $0.isArmed = false } }

    var points: [FaultPoint] { state.withLock { $0.points } }
    var wasHit: Bool { state.withLock { $0.wasHit } }

    func answer(_ call: FaultInjector.Call) -> FaultInjector.Answer {
        state.withLock { state in
            guard state.isArmed else { return .proceed }
            if call.name == .pwrite, call.path == state.full {
                state.full = nil
                return .fail(.noSpace)
            }
            let last = call.path.lastComponent?.string ?? ""
            let file = last.hasSuffix("-delete") ? "unfinished or deleted" : last
            let key = "\(call.name) \(file)"
            let point = FaultPoint(name: call.name, file: file, occurrence: state.counts[key, default: 0])
            state.counts[key, default: 0] += 1
            state.points.append(point)
            guard let target, target.point == point else { return .proceed }
            state.wasHit = true
            if target.fault == .shortAndFull, call.bytes > 1 { state.full = call.path }
            return target.fault.answer(call)
        }
    }
}
