import LinuxIO
import Logging
import RecordBatch
import SystemPackage

/// Opens a partition's directory: trusts what was closed cleanly, recovers the tail of what was not.
///
/// Waits for the disk; runs on a thread that may.
struct LogLoader {
    let topicPartition: TopicPartition
    let directory: FilePath
    let configuration: LogConfiguration
    let cache: FileCache
    let logger: Logger
    /// What the checkpoints say of the log's start.
    let head: HeadDecision.Evidence
    /// Below it, logs and indexes are on disk.
    let recoveryPoint: Offset
    /// From ``DurableCheckpoint``, where that speaks of the directory as it is.
    let durable: DurableCheckpoint.Entry?
    /// Whether that speaks of the directory and not of this log, and neither does Kafka's.
    ///
    /// The log was made after it was written, or was put there by somebody.
    let isUnknown: Bool
    /// The highest leader epoch that Millrace used in the directory.
    let highestEpoch: LeaderEpoch
    /// Whether the directory was closed cleanly.
    let isClean: Bool

    /// Loads the log; a log that cannot be used comes back fenced.
    ///
    /// Fails for a reason that passes, such as descriptors that ran out, which says nothing about the log.
    func load() -> Result<LoadedLog, LogError> {
        do {
            return .success(try loadOrThrow())
        } catch {
            if error.isRetryable { return .failure(error) }
            if (error.cause as? IOError)?.isFailedSync == true { UnsyncedMark.leave(in: directory, logger) }
            logger.error("\(topicPartition) is closed to appends and reads: \(error)")
            var fence = error
            if error.code != .fenced {
                fence.code = .fenced
                fence.message = "The log could not be opened, and is left as it is: \(error.message)"
            }
            return .success(LoadedLog(fenced: fence, in: directory, cache: cache))
        }
    }

    private func loadOrThrow() throws(LogError) -> LoadedLog {
        do {
            let files = PartitionFiles(names: try FileSystem.list(directory).map(\.name))
            guard files.swaps.isEmpty else {
                throw LogError(
                    .fenced,
                    "A compaction was interrupted while its results took their places (\(files.swaps[0])); open the directory with Kafka once to complete it",
                    at: .init(topicPartition, path: directory)
                )
            }
            if !files.strays.isEmpty {
                logger.warning(
                    "\(topicPartition) has indexes of segments that it does not have: \(files.strays); they are removed"
                )
            }
            for name in files.leftovers + files.strays { try FileSystem.removeFile(directory.appending(name)) }
            let written = try loadEpochs()
            var epochs = written
            // The list has no checksum; what it may have beyond this, the batches tell that are scanned.
            if let latest = durable?.latestEpoch { epochs.setLatest(latest.epoch, startOffset: latest.startOffset) }
            // Of a segment that the head was cut in, batches below the start are walked too; whose they are is forgotten.
            epochs.truncateFromStart(head.start)
            var loaded = try segments(files, &epochs)
            try loadProducers(files.snapshots, &loaded)
            if files.hasUnsyncedMark {
                try FileSystem.removeFile(directory.appending(UnsyncedMark.fileName))
                try FileSystem.synchronizeDirectory(directory)
            }
            loaded.epochsChanged = loaded.epochs != written
            loaded.topicID = try loadTopicID()
            return loaded
        } catch {
            throw LogError(error, at: .init(topicPartition, path: directory))
        }
    }

    private func segments(_ files: PartitionFiles, _ epochs: inout LeaderEpochCache) throws -> LoadedLog {
        var recovery = TailRecovery(self, believesIndexes: !files.hasUnsyncedMark)
        let found: (segments: [Segment], nextOffset: Offset)
        if head.isContradictory {
            logger.warning(
                "\(topicPartition): \(Checkpoints.logStartFileName) has \(head.checkpointed ?? Offset(0)) for its start, \(DurableCheckpoint.fileName) \(head.start), which is used"
            )
        }
        if files.segments.isEmpty {
            let durableOffset = durable?.offset ?? recoveryPoint
            guard durableOffset <= head.start else {
                throw LogError(
                    .fenced,
                    "The log was durable up to offset \(durableOffset), but has no segments; restore them from a copy",
                    at: .init(topicPartition, path: directory, offset: durableOffset)
                )
            }
            found = try recovery.empty(at: head.start)
        } else if isClean, !files.hasUnsyncedMark, let clean = try cleanSegments(files.segments) {
            found = clean
        } else {
            found = try recovery.run(files.segments, &epochs)
        }
        var (segments, nextOffset) = found
        let decision = HeadDecision(head, of: segments[0].baseOffset..<nextOffset, isGoing: files.doomed)
        let start: Offset
        switch decision {
        case .start(let offset, _, _):
            start = offset
            // A cut of the head that was interrupted is brought to its end: of such a segment the indexes may be gone.
            while segments.count > 1, decision.takesAway(segments[0].baseOffset, before: segments[1].baseOffset) {
                try segments.removeFirst().remove(from: directory)
            }
        case .restart(let offset):
            start = offset
            for segment in segments.reversed() { try segment.remove(from: directory) }
            (segments, nextOffset) = try recovery.empty(at: start)
        case .doubtful(let start, let end):
            throw LogError(
                .fenced,
                """
                \(Checkpoints.logStartFileName) says that the log starts at offset \(start), but it ends at \(end), and \
                nothing else tells that it was cut. Nothing was deleted; correct the entry, or remove it to have what \
                is there
                """,
                at: .init(topicPartition, path: directory, offset: end)
            )
        }
        epochs.truncateFromEnd(nextOffset)
        epochs.truncateFromStart(start)
        return LoadedLog(
            segments: segments,
            active: segments[segments.count - 1],
            nextOffset: nextOffset,
            startOffset: start,
            epochs: epochs,
            report: recovery.report
        )
    }

    /// The segments of a log that was closed cleanly; `nil` if they are not as they were left, so that recovery has to look.
    private func cleanSegments(_ baseOffsets: [Offset]) throws -> (segments: [Segment], nextOffset: Offset)? {
        var segments: [Segment] = []
        segments.reserveCapacity(baseOffsets.count)
        for baseOffset in baseOffsets {
            segments.append(try segment(at: baseOffset, isSettled: true))
        }
        let last = segments[segments.count - 1]
        if let durable {
            let isAsLeft =
                last.writtenEnd == .start
                ? durable.offset == last.baseOffset
                : durable.segment == last.baseOffset && durable.position == last.writtenEnd
            return isAsLeft ? (segments, durable.offset) : nil
        }
        // Closed by Kafka: the end is found behind the last index entry, and its recovery point names it too.
        guard let nextOffset = try endOfLastBatch(in: last), nextOffset == recoveryPoint else { return nil }
        return (segments, nextOffset)
    }

    /// The offset behind a segment's last batch; `nil` where the last index entry does not lead there.
    private func endOfLastBatch(in segment: Segment) throws(IOError) -> Offset? {
        var nextOffset = segment.baseOffset
        let entry = try segment.offsetIndex.last()
        let start = entry.map { FilePosition(Int64($0.position)) } ?? .start
        guard start >= .start, start <= segment.writtenEnd else { return nil }
        var scan = BatchScan(try segment.log.open(), from: start, to: segment.writtenEnd)
        do {
            while let (header, position) = try scan.next() {
                if let entry, position == start, !entry.names(header, from: segment.baseOffset) { return nil }
                guard header.baseOffset >= nextOffset else { return nil }
                nextOffset = header.nextOffset
            }
        } catch  where error.code == .corruptMessage {
            return nil
        } catch {
            if let cause = error.cause as? IOError { throw cause }
            return nil
        }
        return scan.position == segment.writtenEnd ? nextOffset : nil
    }

    /// A segment as its file stands.
    func segment(at baseOffset: Offset, isSettled: Bool) throws(IOError) -> Segment {
        let name = SegmentFileName(baseOffset: baseOffset, kind: .log).description
        let size = try FileSystem.status(directory.appending(name))?.size ?? 0
        return Segment(
            baseOffset: baseOffset,
            in: directory,
            cache: cache,
            size: FilePosition(size),
            isSettled: isSettled,
            indexCounts: nil
        )
    }

    private func loadEpochs() throws(IOError) -> LeaderEpochCache {
        let path = directory.appending(LeaderEpochCache.fileName)
        do {
            return try LeaderEpochCache(parsing: FileSystem.readFile(path, limit: 64 << 20))
        } catch let error as IOError {
            if error.isNotFound { return LeaderEpochCache() }
            throw error
        } catch {
            logger.warning("\(path) is not used, epochs are taken from the batches that are scanned: \(error)")
            return LeaderEpochCache()
        }
    }

    private func loadTopicID() throws(IOError) -> TopicID? {
        let path = directory.appending(PartitionMetadata.fileName)
        do {
            return try PartitionMetadata(parsing: FileSystem.readFile(path, limit: 1 << 16)).topicID
        } catch let error as IOError {
            if error.isNotFound { return nil }
            throw error
        } catch {
            logger.warning("\(path) is not used: \(error)")
            return nil
        }
    }
}
