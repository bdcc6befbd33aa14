/// The attribute bits of a record batch (KIP-98; bit 6: KIP-534).
///
///     bit  15 ... 7     6           5         4               3               2 ... 0
///          unused   delete     control   transactional   timestamp type   compression codec
///                   horizon                              (1: LogAppendTime)
@frozen
public struct RecordBatchAttributes: RawRepresentable, Hashable, Sendable {
    /// The bits as they stand in the header.
    public var rawValue: Int16

    /// Gives the bits their meaning; all are accepted.
    @inlinable
    public init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    init(
        codec: CompressionCodec,
        timestampType: TimestampType,
        isTransactional: Bool,
        isControl: Bool,
        hasDeleteHorizon: Bool
    ) {
        rawValue = Int16(codec.rawValue)
        self.timestampType = timestampType
        rawValue |= isTransactional ? Self.transactionalBit : 0
        rawValue |= isControl ? Self.controlBit : 0
        rawValue |= hasDeleteHorizon ? Self.deleteHorizonBit : 0
    }

    @inlinable static var codecBits: Int16 { 0b000_0111 }
    @inlinable static var logAppendTimeBit: Int16 { 0b000_1000 }
    @inlinable static var transactionalBit: Int16 { 0b001_0000 }
    @inlinable static var controlBit: Int16 { 0b010_0000 }
    @inlinable static var deleteHorizonBit: Int16 { 0b100_0000 }

    /// The compression codec's id, 0...7, of which 5...7 are not assigned.
    @inlinable public var codecID: UInt8 { UInt8(rawValue & Self.codecBits) }

    /// The compression codec, or nil for an id that is not assigned.
    @inlinable public var codec: CompressionCodec? { CompressionCodec(rawValue: codecID) }

    /// Whose clock the records' timestamps are from.
    @inlinable public var timestampType: TimestampType {
        get { rawValue & Self.logAppendTimeBit == 0 ? .createTime : .logAppendTime }
        set {
            switch newValue {
            case .createTime: rawValue &= ~Self.logAppendTimeBit
            case .logAppendTime: rawValue |= Self.logAppendTimeBit
            }
        }
    }

    /// Whether the batch belongs to a transaction (KIP-98).
    @inlinable public var isTransactional: Bool { rawValue & Self.transactionalBit != 0 }

    /// Whether the records are control records, which applications do not get to see (KIP-98).
    @inlinable public var isControl: Bool { rawValue & Self.controlBit != 0 }

    /// Whether the base timestamp is a delete horizon (KIP-534).
    @inlinable public var hasDeleteHorizon: Bool { rawValue & Self.deleteHorizonBit != 0 }
}
