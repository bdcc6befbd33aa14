import RecordBatch
import SystemPackage

/// What is known of a log from the segments of it that were checked so far.
struct LogState {
    let directory: FilePath
    var sequence: BatchSequence
    var epochs: EpochCheck
    var counts = VerificationCounts()

    /// A finding about the order of batches, with the file that it is in.
    func fault(_ finding: BatchSequence.Finding) -> VerificationFault {
        VerificationFault(
            finding.kind,
            path(ofSegment: finding.segment),
            position: finding.position,
            offset: finding.offset,
            finding.reason
        )
    }

    func path(ofSegment baseOffset: Offset) -> FilePath {
        directory.appending(SegmentFileName(baseOffset: baseOffset, kind: .log).description)
    }
}

/// How much a ``LogVerifier`` has looked at.
public struct VerificationCounts: Hashable, Sendable {
    /// Partitions whose check has begun.
    public var partitions = 0
    /// Segments whose check has begun.
    public var segments = 0
    /// Batches with a right CRC.
    public var batches: Int64 = 0
    /// Records of them that were decoded.
    public var records: Int64 = 0
    /// The bytes of these batches.
    public var checkedBytes: Int64 = 0

    /// Counts of nothing.
    public init() {}

    static func + (a: VerificationCounts, b: VerificationCounts) -> VerificationCounts {
        var sum = a
        sum.partitions += b.partitions
        sum.segments += b.segments
        sum.batches += b.batches
        sum.records += b.records
        sum.checkedBytes += b.checkedBytes
        return sum
    }
}
