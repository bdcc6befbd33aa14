import CommitLog
package import KafkaProtocol

/// A record of the topic `__consumer_offsets`, which is compacted: of each key the last one counts, and one without a
/// value takes the key away.
///
/// ```
/// key    what it is  Int16: 0 or 1 a committed offset, 2 a group, more what is not of the classic protocol
///        the fields
/// value  version     Int16
///        the fields, with compact lengths and tagged fields from version 4 on
/// ```
///
/// Read are versions 0 to 4, as by Kafka 4.0. Written are those that Kafka 4.0 writes: 3, but 1 of an offset with an expiry
/// of its own, so that a broker older than that can read them.
///
/// Source: Kafka's `CoordinatorRecordType` and `GroupCoordinatorRecordHelpers`.
package enum GroupRecord: Hashable, Sendable {
    /// A group has committed an offset; without a value, it has none any more.
    case offset(OffsetCommitKey, OffsetCommitValue?)
    /// A group has an assignment, or lost its last member; without a value, there is no such group any more.
    case group(GroupMetadataKey, GroupMetadataValue?)

    private static let versions: ClosedRange<Int16> = 0...4
    private static let firstFlexibleVersion: Int16 = 4

    /// Reads a record.
    /// - Parameters:
    ///   - key: Its key.
    ///   - value: Its value; `nil` in a tombstone.
    /// - Returns: `nil` for a record of another kind, such as those of the newer group protocols.
    /// - Throws: `ProtocolError` where key or value is cut off or malformed, or the value of a later version.
    package init?(key: [UInt8], value: [UInt8]?) throws(ProtocolError) {
        var kind: Int16 = 0
        var reader = MessageReader(key.rawSpan, version: 0, isFlexible: false)
        try reader.integer(&kind)
        switch kind {
        case 0, 1:
            var offsetKey = OffsetCommitKey()
            try reader.structure(&offsetKey)
            self = .offset(offsetKey, try Self.read(value))
        case 2:
            var groupKey = GroupMetadataKey()
            try reader.structure(&groupKey)
            self = .group(groupKey, try Self.read(value))
        default: return nil
        }
    }

    /// The bytes of the record's key and value.
    /// - Throws: `ProtocolError` where a string is longer than the format can express.
    package func encoded() throws(ProtocolError) -> (key: [UInt8], value: [UInt8]?) {
        switch self {
        case .offset(let key, let value):
            let version: Int16 = value.map { $0.expireTimestamp == .none } ?? true ? 3 : 1
            return (
                try Self.write(key, 1), try value.map { value throws(ProtocolError) in try Self.write(value, version) }
            )
        case .group(let key, let value):
            return (try Self.write(key, 2), try value.map { value throws(ProtocolError) in try Self.write(value, 3) })
        }
    }

    private static func read<Value: WireStructure>(_ bytes: [UInt8]?) throws(ProtocolError) -> Value? {
        guard let bytes else { return nil }
        var version: Int16 = 0
        var start = MessageReader(bytes.rawSpan, version: 0, isFlexible: false)
        try start.integer(&version)
        guard versions.contains(version) else {
            throw ProtocolError(.unsupportedVersion, "a group's record has the version \(version)", at: 0)
        }
        var reader = MessageReader(
            bytes.rawSpan,
            from: start.position,
            version: version,
            isFlexible: version >= firstFlexibleVersion
        )
        var value = Value()
        try reader.structure(&value)
        return value
    }

    /// Behind the version, or what the key is of.
    private static func write(_ structure: some WireStructure, _ version: Int16) throws(ProtocolError) -> [UInt8] {
        var version = version
        var writer = MessageWriter(version: version, isFlexible: version >= firstFlexibleVersion)
        try writer.integer(&version)
        var copy = structure
        try writer.structure(&copy)
        return writer.bytes
    }
}
