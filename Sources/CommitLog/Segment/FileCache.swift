import LinuxIO
import Synchronization

/// Bounds how many segment files are open at once, by the clock (second-chance) algorithm.
///
/// A soft bound: files with unsynced writes and files that a reader holds stay open beyond it. Using an open file costs no
/// lock of the cache; only opening one does.
final class FileCache: Sendable {
    /// How many files may be open before some are given up.
    let limit: Int
    private let clock = Lock(Clock())

    /// A file that was opened.
    ///
    /// Held weakly, since it holds the cache: it goes, and its descriptor with it, when its log does.
    private struct Entry {
        weak var file: CachedFile?
    }

    private struct Clock {
        var files: [Entry] = []
        var hand = 0

        /// Moves the hand over at most `steps` files and forgets those that `isGone` says hold no handle any more, or that
        /// are gone themselves.
        mutating func advance(steps: Int, until enough: Int, isGone: (CachedFile) -> Bool) -> Int {
            var released = 0
            for _ in 0..<steps where !files.isEmpty && released < enough {
                if hand >= files.count { hand = 0 }
                if files[hand].file.map(isGone) ?? true {
                    files.swapAt(hand, files.count - 1)
                    files.removeLast()
                    released += 1
                } else {
                    hand += 1
                }
            }
            return released
        }
    }

    /// - Parameter limit: how many files may be open; at least 1.
    init(limit: Int) { self.limit = max(1, limit) }

    /// How many files the cache knows to be open, those included that went with their logs since the hand came by.
    var count: Int { clock.withLock { $0.files.count } }

    /// Takes note of a file that was just opened, and gives up others if that makes too many.
    func admit(_ file: CachedFile) {
        clock.withLock { clock in
            clock.files.append(Entry(file: file))
            let excess = clock.files.count - limit
            guard excess > 0 else { return }
            // Two turns: the first takes away second chances.
            _ = clock.advance(steps: 2 * clock.files.count, until: excess) { $0 !== file && $0.giveUp() }
        }
    }

    /// Gives up files, used or not, until `count` are closed.
    ///
    /// Returns how many were.
    func giveUp(atLeast count: Int) -> Int {
        clock.withLock { clock in
            clock.advance(steps: clock.files.count, until: count) { $0.giveUp(always: true) }
        }
    }

    /// Gives up the files that were not used since the last sweep, so that idle partitions hold no descriptor.
    ///
    /// Returns how many files are still open.
    func sweep() -> Int {
        clock.withLock { clock in
            _ = clock.advance(steps: clock.files.count, until: .max) { $0.giveUp() }
            return clock.files.count
        }
    }
}
