/// A record that a broker wrote for brokers and consumers, not for applications: the only kind in a control batch.
///
///     key     version (2 bytes, 0)  type (2 bytes)
///     value   of ABORT and COMMIT:  version (2 bytes, 0)  coordinator epoch (4 bytes)         (KIP-98)
///             of the others:        a message of the Raft layer, not decoded here  (KIP-595, KIP-630, KIP-853)
public struct ControlRecord: Hashable, Sendable {
    /// Version of the key: 0 or more, of which later ones only add to what version 0 has.
    public var version: Int16
    /// What the record says.
    public var type: ControlRecordType
    /// Epoch of the transaction coordinator that wrote an ABORT or COMMIT marker; nil for other types.
    public var coordinatorEpoch: Int32?

    /// Makes a control record of its parts.
    public init(version: Int16 = 0, type: ControlRecordType, coordinatorEpoch: Int32?) {
        self.version = version
        self.type = type
        self.coordinatorEpoch = coordinatorEpoch
    }

    /// Reads a control record.
    ///
    /// - Parameter record: A record of a batch whose header says ``RecordBatchHeader/isControl``.
    /// - Throws: `invalidControlRecord` if the key, or the value of a transaction marker, is missing, too short or has
    ///   a negative version.
    public init(_ record: borrowing RecordView) throws(RecordBatchError) {
        try self.init(key: record.key, value: record.value)
    }

    /// Reads a control record from its key and value.
    ///
    /// - Throws: `invalidControlRecord`, as for a record.
    public init(key: RawSpan?, value: RawSpan?) throws(RecordBatchError) {
        guard let key, key.byteCount >= 4 else {
            throw Self.defect("its key is not at least 4 bytes of version and type")
        }
        version = key.integer(at: 0, as: Int16.self)
        type = ControlRecordType(rawValue: key.integer(at: 2, as: Int16.self))
        guard version >= 0 else {
            throw Self.defect("its key has version \(version)")
        }
        guard type.isTransactionMarker else {
            coordinatorEpoch = nil
            return
        }
        guard let value, value.byteCount >= 6 else {
            throw Self.defect("its value is not at least 6 bytes of version and coordinator epoch")
        }
        let valueVersion = value.integer(at: 0, as: Int16.self)
        guard valueVersion >= 0 else {
            throw Self.defect("its value has version \(valueVersion)")
        }
        coordinatorEpoch = value.integer(at: 2, as: Int32.self)
    }

    private static func defect(_ what: String) -> RecordBatchError {
        RecordBatchError(code: .invalidControlRecord, message: "the control record is malformed: \(what)")
    }
}

/// What a control record says.
public enum ControlRecordType: RawRepresentable, Hashable, Sendable {
    /// The transaction of the batch's producer is aborted.
    case abort
    /// The transaction of the batch's producer is committed.
    case commit
    /// The Raft layer has a new leader.
    case leaderChange
    /// The first record of a metadata snapshot.
    case snapshotHeader
    /// The last record of a metadata snapshot.
    case snapshotFooter
    /// The version of the Raft protocol that the voters finalised.
    case kraftVersion
    /// The set of voters.
    case kraftVoters
    /// A type of a later version, to be passed over.
    case unknown(Int16)

    /// The type of that number; `unknown` for one that later versions added.
    public init(rawValue: Int16) {
        self =
            switch rawValue {
            case 0: .abort
            case 1: .commit
            case 2: .leaderChange
            case 3: .snapshotHeader
            case 4: .snapshotFooter
            case 5: .kraftVersion
            case 6: .kraftVoters
            default: .unknown(rawValue)
            }
    }

    /// The number in the key.
    public var rawValue: Int16 {
        switch self {
        case .abort: 0
        case .commit: 1
        case .leaderChange: 2
        case .snapshotHeader: 3
        case .snapshotFooter: 4
        case .kraftVersion: 5
        case .kraftVoters: 6
        case .unknown(let rawValue): rawValue
        }
    }

    /// Whether it ends a transaction.
    public var isTransactionMarker: Bool { self == .abort || self == .commit }
}
