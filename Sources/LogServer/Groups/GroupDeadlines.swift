import LinuxIO

/// When something is to be done about which group, the next one first.
///
/// A group is remembered with a moment that is not after its deadline: where that moves away, as with every heartbeat,
/// nothing has to be done until the moment has come.
struct GroupDeadlines: Sendable {
    private var queue = TimerQueue<String>()
    private var moments: [String: (key: TimerQueue<String>.Key, instant: ContinuousClock.Instant)] = [:]
    private var lastKey: TimerQueue<String>.Key = 0

    /// The first moment at which ``takeDue(_:)`` has something.
    var next: ContinuousClock.Instant? { mutating get { queue.nextDeadline() } }

    /// Remembers a group's deadline.
    /// - Complexity: O(log groups)
    mutating func add(_ groupID: String, _ deadline: ContinuousClock.Instant) {
        if let moment = moments[groupID] {
            if moment.instant <= deadline { return }
            _ = queue.cancel(moment.key)
        }
        lastKey += 1
        moments[groupID] = (lastKey, deadline)
        queue.add(groupID, key: lastKey, deadline: deadline)
    }

    /// Takes out the groups whose moment has come; those that have another deadline are to be added again.
    mutating func takeDue(_ now: ContinuousClock.Instant) -> [String] {
        var due: [String] = []
        while let groupID = queue.popDue(at: now) {
            moments[groupID] = nil
            due.append(groupID)
        }
        return due
    }
}
