/// The batch of one control record with which a coordinator ends a transaction in a partition (KIP-98).
public struct EndTransactionMarker: Hashable, Sendable {
    /// `commit` or `abort`.
    public var type: ControlRecordType
    /// Of the producer whose transaction ends.
    public var producerID: ProducerID
    /// Of the producer whose transaction ends; higher than its records' if the coordinator fenced it.
    public var producerEpoch: ProducerEpoch
    /// Epoch of the coordinator, so that a partition can refuse a deposed one.
    public var coordinatorEpoch: Int32

    /// Makes a marker.
    ///
    /// - Precondition: `type` is `commit` or `abort`.
    public init(
        type: ControlRecordType,
        producerID: ProducerID,
        producerEpoch: ProducerEpoch,
        coordinatorEpoch: Int32
    ) {
        precondition(type.isTransactionMarker, "\(type) does not end a transaction")
        self.type = type
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.coordinatorEpoch = coordinatorEpoch
    }

    /// The marker as a batch, ready to be appended.
    ///
    /// - Parameters:
    ///   - timestamp: When the transaction ended.
    ///   - baseOffset: Of the marker: it takes one offset.
    ///   - partitionLeaderEpoch: Of the leader that appends it.
    /// - Returns: A complete batch.
    /// - Throws: `invalidHeader` if the offset is negative or `Int64.max`.
    public func batch(
        timestamp: Timestamp,
        baseOffset: Offset = Offset(0),
        partitionLeaderEpoch: LeaderEpoch = .none
    ) throws(RecordBatchError) -> [UInt8] {
        var builder = RecordBatchBuilder(
            producerID: producerID,
            producerEpoch: producerEpoch,
            isTransactional: true,
            isControl: true,
            partitionLeaderEpoch: partitionLeaderEpoch,
            baseOffset: baseOffset
        )
        var key: [UInt8] = []
        key.appendInteger(Int16(0))  // version
        key.appendInteger(type.rawValue)
        var value: [UInt8] = []
        value.appendInteger(Int16(0))  // version
        value.appendInteger(coordinatorEpoch)
        try builder.append(key: key, value: value, timestamp: timestamp)
        var compressor = Compressor()
        return try builder.finish(with: &compressor)
    }
}
