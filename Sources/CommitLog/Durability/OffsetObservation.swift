package import RecordBatch

/// Who wants to be called when more of a log can be read.
package protocol OffsetObserver: AnyObject, Sendable {
    /// More can be read, or nothing more ever will be, such as of a log that was deleted.
    ///
    /// Called once for each observation, by the thread that has brought it about; must not block, nor observe.
    func offsetChanged()
}

/// An observation that may be ended before the observer is called.
package struct OffsetObservation: Sendable {
    let gate: OffsetGate
    let id: OffsetWaiterID

    /// Ends it: the observer is not called any more, unless that is under way.
    package func cancel() { gate.cancel(id) }
}

extension PartitionLog {
    /// Calls an observer once, as soon as the record at an offset can be read, or the log has ended.
    ///
    /// - Returns: `nil` if that is so already; the observer is not called then.
    package func observe(_ offset: Offset, by observer: any OffsetObserver) -> OffsetObservation? {
        readable.observe(offset + 1, by: observer)
    }

    /// How many wait for more to be readable.
    package var observerCount: Int { readable.waiterCount }
}
