internal import SystemPackage

/// Waits under way, any number of them, by their keys, none of which is ever used twice.
///
/// The decisions alone. A wait is over when its result is there, and not before: ending one early only makes a note of
/// the reason, while the kernel is asked to cancel it. If it was ready before the kernel came to that, it is ready.
struct WaitTable<Wait> {
    private struct Entry {
        let wait: Wait
        var ending: Errno?
    }

    private var entries: [UInt64: Entry] = [:]

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    /// Adds a wait that starts now.
    mutating func add(_ wait: Wait, key: UInt64) {
        let previous = entries.updateValue(Entry(wait: wait), forKey: key)
        precondition(previous == nil, "Cannot add two waits with the same key")
    }

    /// Notes why a wait is to end; returns it if the kernel has to be asked.
    ///
    /// Nil when `key` names none, for instance because it is over, or when it is ending already.
    mutating func end(_ key: UInt64, because reason: Errno) -> Wait? {
        guard var entry = entries[key], entry.ending == nil else { return nil }
        entry.ending = reason
        entries[key] = entry
        return entry.wait
    }

    /// Ends all waits; returns those that the kernel has to be asked to cancel.
    mutating func endAll(because reason: Errno) -> [(key: UInt64, wait: Wait)] {
        entries.keys.compactMap { key in end(key, because: reason).map { (key, $0) } }
    }

    /// Takes out a wait whose result is there: what it is ready for, or -errno.
    ///
    /// The outcome is nil when it is ready, or may be: after a signal (EINTR) the caller's next call tells. Returns nil
    /// when `key` names no wait.
    mutating func finish(_ key: UInt64, result: Int) -> (wait: Wait, outcome: Errno?)? {
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        guard result < 0 else { return (entry.wait, nil) }
        switch Errno(result: result) {
        case .interrupted: return (entry.wait, nil)
        case .canceled: return (entry.wait, entry.ending ?? .canceled)
        case let errno: return (entry.wait, errno)
        }
    }
}
