import RecordBatch

/// Millrace's own file at the root of a log directory: how far each partition is known to be on disk.
///
/// Kafka's `recovery-point-offset-checkpoint` names offsets, is up to a minute behind, and knows nothing of positions. This
/// one is at most a second behind, and names the byte: what is bad above it is the torn tail of a crash, what is bad below
/// it was good once and has rotted.
///
/// ```
/// millrace 0                    format and version
/// leader.epoch 4                the epoch of the opening that wrote this; the next one gets a higher one
/// recovery.point.crc 17 29      CRC-32C of the recovery-point file that goes with this, and of the next one
/// 0                             from here on like Kafka's checkpoints: version,
/// 1                             number of entries,
/// orders 0 20 644 644 4160 700 1732270000000@655 4 644 5
///                               topic, partition, log start offset, recovery point, segment's base offset, position,
///                               offset, what is known of the segment's timestamps, epoch, its start offset, the epoch
///                               of what comes above
/// crc 1530669597                CRC-32C of all bytes before this line
/// ```
///
/// If the recovery-point file is not one of the two named, Kafka has had the directory in the meantime, and the positions
/// count for nothing. Two, because this file is written before that one.
struct DurableCheckpoint: Hashable, Sendable {
    static let fileName = "millrace-durable-checkpoint"
    private static let format = "durable checkpoint"

    /// What is known of the timestamps of a segment up to the durable position.
    enum Times: Hashable, Sendable {
        /// The index files are complete and on disk. Written `settled`.
        case settled
        /// The largest timestamp, and its batch's last offset. The time index may lack entries, but may not be without this.
        /// Written `timestamp@offset`.
        case largest(SparseIndexer.LargestTimestamp)
        /// Nothing. Written `unknown`.
        case unknown
    }

    /// How far a partition is on disk.
    struct Entry: Hashable, Sendable {
        /// The log start offset.
        ///
        /// It stands here too because this file has a checksum: nothing is deleted on the word of Kafka's file alone.
        var start: Offset
        /// Below it, the indexes are on disk too.
        var recoveryPoint: Offset
        /// The base offset of the segment in which the durable part ends.
        var segment: Offset
        /// Where it ends in that segment's file.
        var position: FilePosition
        /// The offset after the last durable record.
        var offset: Offset
        var times: Times
        /// The last entry of the partition's leader epochs, which its own file may lack yet.
        var epoch: LeaderEpoch
        var epochStart: Offset
        /// The epoch of everything that lies above the position: that of the opening which wrote this; `LeaderEpoch.none` if
        /// there may be others.
        var writer: LeaderEpoch
    }

    var leaderEpoch = LeaderEpoch.none
    var recoveryPointChecksums: [UInt32] = []
    var entries: [TopicPartition: Entry] = [:]

    func encoded() -> [UInt8] {
        let checksums = recoveryPointChecksums.map(\.description).joined(separator: " ")
        var bytes = Array("millrace 0\nleader.epoch \(leaderEpoch)\nrecovery.point.crc \(checksums)\n".utf8)
        bytes += CheckpointText.encode(
            entries.sorted { $0.key < $1.key }.map { partition, entry in
                [
                    partition.topic, "\(partition.partition)", "\(entry.start)", "\(entry.recoveryPoint)",
                    "\(entry.segment)", "\(entry.position)", "\(entry.offset)", "\(entry.times)", "\(entry.epoch)",
                    "\(entry.epochStart)", "\(entry.writer)",
                ]
            }
        )
        bytes += Array("crc \(CRC32C.checksum(of: bytes.rawSpan))\n".utf8)
        return bytes
    }

    init() {}

    /// - Throws: `FormatError` where anything is not as drawn, or the checksum is not that of the bytes.
    init(parsing bytes: [UInt8]) throws(FormatError) {
        func malformed(_ line: Int, _ reason: String) -> FormatError {
            FormatError(.malformed, format: Self.format, at: .line(line), reason: reason)
        }
        let lineEnds = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        guard lineEnds.count >= 6, let last = lineEnds.last, last == bytes.count - 1 else {
            throw FormatError(
                .truncated,
                format: Self.format,
                at: .line(lineEnds.count + 1),
                reason: "the file was cut short"
            )
        }
        func line(_ index: Int) -> [Substring] {
            let start = index == 0 ? 0 : lineEnds[index - 1] + 1
            return String(decoding: bytes[start..<lineEnds[index]], as: UTF8.self).split(separator: " ")
        }
        let body = bytes[...lineEnds[lineEnds.count - 2]]
        let crcLine = line(lineEnds.count - 1)
        guard crcLine.count == 2, crcLine[0] == "crc", let crc = UInt32(decimalDigits: crcLine[1].utf8) else {
            throw malformed(lineEnds.count, "the last line has to be the checksum")
        }
        guard crc == CRC32C.checksum(of: Array(body).rawSpan) else {
            throw FormatError(
                .checksumMismatch,
                format: Self.format,
                at: .line(lineEnds.count),
                reason: "the file has changed"
            )
        }
        guard line(0) == ["millrace", "0"] else {
            throw FormatError(
                .unsupportedVersion,
                format: Self.format,
                at: .line(1),
                reason: "only version 0 is known"
            )
        }
        let epochLine = line(1)
        guard epochLine.count == 2, epochLine[0] == "leader.epoch", let epoch = Int32(decimalDigits: epochLine[1].utf8)
        else { throw malformed(2, "it has to name the leader epoch") }
        leaderEpoch = LeaderEpoch(epoch)
        let checksumLine = line(2)
        guard checksumLine.first == "recovery.point.crc" else {
            throw malformed(3, "it has to name the checksums of the recovery-point file")
        }
        recoveryPointChecksums = checksumLine.dropFirst().compactMap { UInt32(decimalDigits: $0.utf8) }

        let text = CheckpointText(format: Self.format, fieldsPerEntry: 11)
        for line in try text.entries(parsing: Array(body[(lineEnds[2] + 1)...])) {
            let partition = try TopicPartition(
                topic: String(line.fields[0]),
                partition: try line.integer(1, "the partition", least: 0)
            )
            entries[partition] = Entry(
                start: Offset(try line.integer(2, "the log start offset", least: 0)),
                recoveryPoint: Offset(try line.integer(3, "the recovery point", least: 0)),
                segment: Offset(try line.integer(4, "the segment", least: 0)),
                position: FilePosition(try line.integer(5, "the position", least: 0)),
                offset: Offset(try line.integer(6, "the offset", least: 0)),
                times: try Times(line.fields[7], in: line),
                epoch: LeaderEpoch(try line.integer(8, "the epoch", least: -1)),
                epochStart: Offset(try line.integer(9, "the epoch's start", least: 0)),
                writer: LeaderEpoch(try line.integer(10, "the writer's epoch", least: -1))
            )
        }
    }
}

extension DurableCheckpoint.Entry {
    /// The entry of a log that was made since the checkpoint was written, by an opening of that epoch: of what it holds
    /// nothing is known to be on disk.
    static func nothing(by writer: LeaderEpoch) -> Self {
        Self(
            start: Offset(0),
            recoveryPoint: Offset(0),
            segment: Offset(0),
            position: .start,
            offset: Offset(0),
            times: .unknown,
            epoch: .none,
            epochStart: Offset(0),
            writer: writer
        )
    }

    /// The newest epoch of the durable part; `nil` if there is none.
    var latestEpoch: LeaderEpochCache.Entry? {
        epoch > .none ? .init(epoch: epoch, startOffset: epochStart) : nil
    }

    /// Promises no more than what is left once the log is cut.
    mutating func lower(to cut: DurableState.Cut) {
        guard (cut.segment, cut.position) < (segment, position) || cut.offset < offset else { return }
        position = segment == cut.segment ? min(position, cut.position) : cut.position
        segment = cut.segment
        offset = min(offset, cut.offset)
        recoveryPoint = min(recoveryPoint, cut.offset)
        times = .unknown
        // Until it is cut, what lies above is what was there before.
        writer = .none
    }
}

extension DurableCheckpoint.Times: CustomStringConvertible {
    var description: String {
        switch self {
        case .settled: "settled"
        case .unknown: "unknown"
        case .largest(let largest): "\(largest.timestamp)@\(largest.offset)"
        }
    }

    fileprivate init(_ text: Substring, in line: CheckpointText.Entry) throws(FormatError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        if text == "settled" {
            self = .settled
        } else if text == "unknown" {
            self = .unknown
        } else if parts.count == 2, let timestamp = Int64(decimalDigits: parts[0]),
            let offset = Int64(decimalDigits: parts[1])
        {
            self = .largest(.init(timestamp: Timestamp(timestamp), offset: Offset(offset)))
        } else {
            throw line.malformed("\"\(text.prefix(40))\" tells nothing of timestamps")
        }
    }
}
