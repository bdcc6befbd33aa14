import RecordBatch

/// The rules by which one batch follows another in a log: what a batch's CRC does not cover (base offset, length, magic,
/// leader epoch) is checked against its neighbours and the segment's name.
struct BatchChain: Hashable, Sendable {
    /// The base offset of the segment, which its file is named by.
    let segment: Offset
    /// The least offset that the next batch may begin with.
    private(set) var nextOffset: Offset
    /// The least epoch that it may have.
    private(set) var epoch: LeaderEpoch
    /// Whether offsets may be missing, as they are where the log was compacted.
    var allowsGaps = true

    /// - Parameters:
    ///   - nextOffset: the offset after the batch before.
    ///   - epoch: the epoch of the batch before, `LeaderEpoch.none` if it is not known.
    init(segment: Offset, nextOffset: Offset, epoch: LeaderEpoch) {
        self.segment = segment
        self.nextOffset = nextOffset
        self.epoch = epoch
    }

    /// Takes a batch into the chain, or tells what is wrong with it.
    mutating func accept(_ header: RecordBatchHeader) -> String? {
        if header.baseOffset < nextOffset || (!allowsGaps && header.baseOffset > nextOffset) {
            return "its base offset is \(header.baseOffset), but offset \(nextOffset) is due"
        }
        if header.lastOffset.rawValue - segment.rawValue > Int64(Int32.max) {
            return "its last offset \(header.lastOffset) is out of reach of a segment that begins at \(segment)"
        }
        if header.partitionLeaderEpoch < epoch {
            return "its leader epoch is \(header.partitionLeaderEpoch), but the batch before it has \(epoch)"
        }
        nextOffset = header.nextOffset
        epoch = header.partitionLeaderEpoch
        return nil
    }
}
