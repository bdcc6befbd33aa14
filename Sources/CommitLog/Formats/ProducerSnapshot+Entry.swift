public import RecordBatch

extension ProducerSnapshot {
    /// What a log knows of one producer.
    ///
    /// ```
    /// byte 0               8       10              14              22
    ///      | producer id   | epoch | last sequence | last offset   |
    ///      |         Int64 | Int16 |         Int32 |         Int64 |
    /// byte 22             26              34                  38                                46
    ///      | offset delta | timestamp     | coordinator epoch | first offset of the transaction |
    ///      |        Int32 |         Int64 |             Int32 |      that is open, -1 for none  |
    /// ```
    public struct Entry: Hashable, Sendable {
        /// 46 bytes.
        public static let byteCount = 46

        /// The producer.
        public var producerID: ProducerID
        /// Its current epoch.
        public var producerEpoch: ProducerEpoch
        /// The sequence number of the last record of its last batch; none where the log has only markers of it.
        public var lastSequence: SequenceNumber
        /// The offset of that record, or -1.
        public var lastOffset: Offset
        /// How far the last offset of that batch is above its first.
        public var offsetDelta: Int32
        /// The largest timestamp of that batch or of a later marker.
        ///
        /// Producers expire by it.
        public var timestamp: Timestamp
        /// The epoch of the transaction coordinator that wrote the last marker, or -1.
        public var coordinatorEpoch: Int32
        /// The first offset of the transaction that is open, if one is.
        public var currentTransactionFirstOffset: Offset?

        /// What is known of a producer.
        public init(
            producerID: ProducerID,
            producerEpoch: ProducerEpoch,
            lastSequence: SequenceNumber,
            lastOffset: Offset,
            offsetDelta: Int32,
            timestamp: Timestamp,
            coordinatorEpoch: Int32,
            currentTransactionFirstOffset: Offset?
        ) {
            self.producerID = producerID
            self.producerEpoch = producerEpoch
            self.lastSequence = lastSequence
            self.lastOffset = lastOffset
            self.offsetDelta = offsetDelta
            self.timestamp = timestamp
            self.coordinatorEpoch = coordinatorEpoch
            self.currentTransactionFirstOffset = currentTransactionFirstOffset
        }

        /// The sequence number of the first record of the last batch.
        ///
        /// Sequence numbers go from the largest back to 0.
        public var firstSequence: SequenceNumber {
            guard lastSequence != .none else { return .none }
            return SequenceNumber(rawValue: (lastSequence.rawValue &- offsetDelta) & Int32.max)
        }

        /// Reads an entry; at least ``byteCount`` bytes follow `position`.
        init(decoding bytes: RawSpan, at position: Int) throws(FormatError) {
            producerID = ProducerID(rawValue: bytes.integer(at: position, as: Int64.self))
            producerEpoch = ProducerEpoch(rawValue: bytes.integer(at: position + 8, as: Int16.self))
            lastSequence = SequenceNumber(rawValue: bytes.integer(at: position + 10, as: Int32.self))
            lastOffset = Offset(rawValue: bytes.integer(at: position + 14, as: Int64.self))
            offsetDelta = bytes.integer(at: position + 22, as: Int32.self)
            timestamp = Timestamp(rawValue: bytes.integer(at: position + 26, as: Int64.self))
            coordinatorEpoch = bytes.integer(at: position + 34, as: Int32.self)
            let open = bytes.integer(at: position + 38, as: Int64.self)
            currentTransactionFirstOffset = open == -1 ? nil : Offset(rawValue: open)

            // The checksum held, so these were written; but arithmetic on them has to be safe all the same.
            guard lastOffset.rawValue >= -1, lastSequence.rawValue >= -1, offsetDelta >= 0, open >= -1 else {
                throw FormatError(
                    .malformed,
                    format: "producer snapshot",
                    at: .byte(position),
                    reason: """
                        producer \(producerID.rawValue): last offset \(lastOffset.rawValue), last sequence \
                        \(lastSequence.rawValue), offset delta \(offsetDelta), open transaction \(open): one is too small
                        """
                )
            }
        }

        func append(to bytes: inout [UInt8]) {
            bytes.appendInteger(producerID.rawValue)
            bytes.appendInteger(producerEpoch.rawValue)
            bytes.appendInteger(lastSequence.rawValue)
            bytes.appendInteger(lastOffset.rawValue)
            bytes.appendInteger(offsetDelta)
            bytes.appendInteger(timestamp.rawValue)
            bytes.appendInteger(coordinatorEpoch)
            bytes.appendInteger(currentTransactionFirstOffset?.rawValue ?? -1)
        }
    }
}
