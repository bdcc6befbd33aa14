package import RecordBatch

/// A type that fields of messages have.
package protocol WireValue {
    /// A value for a coder to read into.
    static var unread: Self { get }

    /// Hands the value to a coder, which may change it.
    mutating func code(with coder: inout some MessageCoder) throws(ProtocolError)
}

/// A part of a message with fields of its own, or a whole one.
///
/// The declaration is the two methods: each field once, in the order on the wire, under the name and with the versions that
/// Kafka's definition (`clients/src/main/resources/common/message`) gives it. Its default is the property's.
///
/// ```swift
/// package struct Topic: WireStructure, Hashable, Sendable {
///     package var name = ""
///     package var partitions: [Int32]?
///     package init() {}
///     package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
///         try coder.field("name", &name)
///         try coder.field("partitions", &partitions, 2..., nullable: 3...)
///     }
/// }
/// ```
package protocol WireStructure: WireValue {
    /// A structure of which every field has its default.
    init()

    /// Hands the fields to a coder.
    mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError)

    /// Hands the tagged fields to a coder, in the order of their tags; called for flexible versions, and by a reader once
    /// for each tagged field that it meets.
    mutating func taggedFields(_ coder: inout some MessageCoder) throws(ProtocolError)
}

extension WireStructure {
    package static var unread: Self { Self() }

    package mutating func code(with coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.structure(&self)
    }

    /// There are none.
    package mutating func taggedFields(_ coder: inout some MessageCoder) throws(ProtocolError) {}
}

/// The integers of the protocol.
package protocol WireInteger: WireValue, FixedWidthInteger, BitwiseCopyable {}

extension WireInteger {
    package static var unread: Self { 0 }

    package mutating func code(with coder: inout some MessageCoder) throws(ProtocolError) { try coder.integer(&self) }
}

extension Int8: WireInteger {}
extension Int16: WireInteger {}
extension UInt16: WireInteger {}
extension Int32: WireInteger {}
extension UInt32: WireInteger {}
extension Int64: WireInteger {}

/// An integer with a meaning, on the wire just the integer.
package protocol WireNumber: WireValue, RawRepresentable where RawValue: WireInteger {
    /// Gives a raw value its meaning.
    init(rawValue: RawValue)
}

extension WireNumber {
    package static var unread: Self { Self(rawValue: 0) }

    package mutating func code(with coder: inout some MessageCoder) throws(ProtocolError) {
        var number = rawValue
        try coder.integer(&number)
        self = Self(rawValue: number)
    }
}

extension Offset: WireNumber {}
extension Timestamp: WireNumber {}
extension LeaderEpoch: WireNumber {}
extension ProducerID: WireNumber {}
extension ProducerEpoch: WireNumber {}
extension SequenceNumber: WireNumber {}

extension Bool: WireValue {
    package static var unread: Bool { false }

    package mutating func code(with coder: inout some MessageCoder) throws(ProtocolError) { try coder.bool(&self) }
}

extension Double: WireValue {
    package static var unread: Double { 0 }

    package mutating func code(with coder: inout some MessageCoder) throws(ProtocolError) { try coder.double(&self) }
}

extension KafkaUUID: WireValue {
    package static var unread: KafkaUUID { KafkaUUID(rawValue: 0) }

    package mutating func code(with coder: inout some MessageCoder) throws(ProtocolError) { try coder.uuid(&self) }
}

extension TopicID: WireValue {
    package static var unread: TopicID { .zero }

    package mutating func code(with coder: inout some MessageCoder) throws(ProtocolError) {
        var uuid = rawValue
        try coder.uuid(&uuid)
        self = TopicID(rawValue: uuid)
    }
}

extension String: WireValue {
    package static var unread: String { "" }

    package mutating func code(with coder: inout some MessageCoder) throws(ProtocolError) {
        var string: String? = self
        try coder.string(&string, isNullable: false)
        self = string ?? ""
    }
}

extension Array: WireValue where Element: WireValue {
    package static var unread: [Element] { [] }

    package mutating func code(with coder: inout some MessageCoder) throws(ProtocolError) {
        // Taken out and put back, so that the coder has the only reference, and changes nothing by copying.
        var array: [Element]? = self
        self = []
        try coder.array(&array, isNullable: false)
        self = array ?? []
    }
}

extension Optional: WireValue where Wrapped == String {
    package static var unread: String? { nil }

    package mutating func code(with coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.string(&self, isNullable: true)
    }
}
