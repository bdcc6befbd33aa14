import LinuxIO
import RecordBatch
import Synchronization

extension PartitionLog {
    /// Changes how the log behaves, from the next append on.
    ///
    /// An append that is under way may still be checked by the old configuration. The active segment goes on by the new one:
    /// it is rolled before the next append if it is too large or too old by that.
    ///
    /// `flush.messages` decides what readers see. Set to 1 from another value, it holds readers to what is durable from now
    /// on; what they could read before that stays readable, so that the high watermark never goes back, and a commit for it
    /// is asked for. Set from 1 to another value, it lets them read what is in the page cache, at once.
    ///
    /// Waits for an append that is under way, and for no sync.
    ///
    /// - Parameter new: All of the configuration. It is not stored: the next opening goes by what it is given.
    /// - Throws: ``LogError/Code/invalidArgument`` for a configuration that makes no sense.
    public func setConfiguration(_ new: LogConfiguration) throws(LogError) {
        try new.validate()
        let old = appender.withLock { appender in adopt(new, &appender) }
        guard old != new, failure == nil else { return }
        // For what the old configuration let wait, longer perhaps than the new one does; and for what is readable and ought
        // to be durable now.
        if (old.flushMessages, old.flushMs) != (new.flushMessages, new.flushMs) { requestCommit() }
        requestMaintenance()
    }

    /// Returns the old configuration.
    private func adopt(_ new: LogConfiguration, _ appender: inout Appender) -> LogConfiguration {
        let old = configuration
        settings.withLock { $0 = new }
        appender.progress?.adopt(new)
        if (old.flushMessages, old.flushMs) != (new.flushMessages, new.flushMs) {
            appender.unflushed = UnflushedRecords()
        }
        guard old.isDurableByDefault != new.isDurableByDefault else { return old }
        durableState.withLock { _ in
            if new.isDurableByDefault {
                // First the positions of what stays readable: who finds readers held goes by them.
                for segment in segments { segment.expose() }
                isHeldToDurable.store(true, ordering: .releasing)
            } else {
                // First that nobody is held: an offset that is seen has its bytes.
                isHeldToDurable.store(false, ordering: .releasing)
                readable.move(to: logEnd.current)
            }
        }
        return old
    }
}
