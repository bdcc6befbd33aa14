import LinuxIO
import Logging
import RecordBatch
import Synchronization
import SystemPackage

/// What housekeeping remembers of a log.
///
/// The lock around it is held by whoever works on the log's files beside the appender.
struct Maintenance: Sendable {
    /// How many index entries may gather in memory: 512 lie some 2 MiB of log apart.
    static let indexTailEntries = 512

    var reservation: SpaceReservation
    /// Segments that are out of the list and have files left.
    var removals: [Removal] = []

    /// A segment whose files are being taken away.
    struct Removal: Sendable {
        let segment: Segment
        /// Whether the files have left the log: others may have their names since.
        var isOut = false
    }

    /// The size of the active segment from which on the next one's file is made ahead: half of what it may become.
    static func prepareDue(_ configuration: LogConfiguration) -> FilePosition {
        FilePosition(Int64(configuration.segmentBytes / 2))
    }

    /// The size of the active segment at which the next visit is due.
    func nextDue(written: FilePosition, _ configuration: LogConfiguration) -> FilePosition {
        let prepareDue = Self.prepareDue(configuration)
        return written < prepareDue ? min(prepareDue, reservation.nextDue) : reservation.nextDue
    }
}

extension PartitionLog {
    /// Asks housekeeping for a visit, unless one is asked for already.
    func requestMaintenance() {
        if !isMaintenanceRequested.exchange(true, ordering: .acquiringAndReleasing) {
            services.housekeeper.execute { self.maintain() }
        }
    }

    /// On the housekeeper's thread: everything that an append leaves to others.
    ///
    /// Failures are logged and cost no data: indexes are derived, reserved space is a courtesy, and what was left undone is
    /// tried again at the next visit. Only a failed sync is not: it is final, for the log as for any other.
    private func maintain() {
        isMaintenanceRequested.store(false, ordering: .sequentiallyConsistent)
        maintenance.withLock { state in
            // Under the lock: of a log that was deleted just now, not even the directory is left.
            guard failure == nil else { return }
            do throws(IOError) {
                try settleSealedSegments()
                try writeProducerSnapshot()
                try flushActiveIndexes()
                try prepareNextSegment()
                try reserveSpace(&state)
                try finishRemovals(&state)
            } catch {
                if error.isFailedSync { return failSync(error) }
                services.logger.warning("Housekeeping of \(topicPartition) was cut short: \(error)")
            }
        }
    }

    /// On the housekeeper's thread, once the log has not been appended to for a while: writes out what is in memory and
    /// gives back what was reserved, so that its files can be closed.
    func quiesce() {
        maintenance.withLock { state in
            guard failure == nil else { return }
            do throws(IOError) {
                try settleSealedSegments()
                guard let active = segments.last else { return }
                try active.offsetIndex.settle()
                try active.timeIndex.settle()
                // Under the appender's lock, lest an append that comes just now is cut off.
                let end = try appender.withLock { (appender) throws(IOError) in
                    let end = appender.active.writtenEnd
                    try appender.active.log.open().file.truncate(to: end.rawValue)
                    return end
                }
                state.reservation = SpaceReservation(
                    segment: active.baseOffset,
                    written: end,
                    at: services.housekeeper.seconds
                )
                maintenanceDue.store(state.nextDue(written: end, configuration).rawValue, ordering: .relaxed)
            } catch {
                if error.isFailedSync { return failSync(error) }
                services.logger.warning("\(topicPartition) could not be put to rest: \(error)")
            }
        }
    }

    /// Completes the sealed segments: writes out their indexes, gives back their reserved space, makes both durable.
    func settleSealedSegments() throws(IOError) {
        var unsettled: [Segment] = []
        for segment in segments.dropLast().reversed() {
            if segment.isSettled { break }
            unsettled.append(segment)
        }
        // In order, since the recovery point stops at the first that is not settled.
        for segment in unsettled.reversed() { try settle(segment) }
    }

    /// Completes one segment that is not appended to any more.
    private func settle(_ segment: Segment) throws(IOError) {
        try segment.log.open().file.truncate(to: segment.writtenEnd.rawValue)
        try segment.offsetIndex.settle()
        try segment.timeIndex.settle()
        try synchronizeDirectory()
        segment.isSettled = true
    }

    /// Removes the files of segments that are out of the list.
    func finishRemovals(_ state: inout Maintenance) throws(IOError) {
        if state.removals.isEmpty { return }
        while let removal = state.removals.first {
            if !removal.isOut { try removal.segment.takeOut(of: directory) }
            state.removals[0].isOut = true
            try removal.segment.removeTakenOut(from: directory)
            state.removals.removeFirst()
        }
        try removeRedundantProducerSnapshots()
    }

    private func flushActiveIndexes() throws(IOError) {
        guard let active = segments.last else { return }
        try active.offsetIndex.flush()
        try active.timeIndex.flush()
    }

    /// Makes the next segment's file under a temporary name, once the active one is half full, so that a roll costs an
    /// append no more than a rename.
    private func prepareNextSegment() throws(IOError) {
        let due = Maintenance.prepareDue(configuration)
        let name = appender.withLock { appender in
            let isDue = !appender.hasPrepared && appender.active.writtenEnd >= due
            return isDue ? appender.preparedName : nil
        }
        guard let name else { return }
        let prepared = try File.open(directory.appending(name.description), .readWrite, create: .ifMissing)
        // Whatever an earlier use has left in it must not lie behind what will be written.
        try prepared.truncate(to: 0)
        var file: File? = prepared
        appender.withLock { $0.prepared = file.take() }
    }

    private func reserveSpace(_ state: inout Maintenance) throws(IOError) {
        guard let active = segments.last else { return }
        let (written, configuration) = (active.writtenEnd, configuration)
        let range = state.reservation.due(
            segment: active.baseOffset,
            written: written,
            limit: FilePosition(Int64(configuration.segmentBytes)),
            at: services.housekeeper.seconds
        )
        maintenanceDue.store(state.nextDue(written: written, configuration).rawValue, ordering: .relaxed)
        guard let range else { return }
        do {
            try active.log.open().file.reserve(
                from: range.lowerBound.rawValue,
                bytes: Int64(range.upperBound - range.lowerBound)
            )
        } catch  where error.errno == .notSupportedOnSocket || error.errno == .noFunction {
            // The file system cannot reserve: writes meet the full disk then.
        }
    }
}
