package import RecordBatch

/// Goes over the fields of a message, in their order on the wire, to read them, to write them, or for anything else.
///
/// A message is declared once, by a method that hands each of its fields to a coder: see ``WireStructure``. What becomes
/// of them is the coder's affair: ``MessageReader`` fills them in, ``MessageWriter`` encodes them.
///
/// The forms that values have are those of Kafka's protocol; in flexible versions (KIP-482) lengths are compact, and
/// structures end with tagged fields.
package protocol MessageCoding: ~Copyable, ~Escapable {
    /// The version of the message.
    var version: Int16 { get }
    /// Whether the version is a flexible one.
    var isFlexible: Bool { get }

    /// Announces the field that comes next.
    @_lifetime(self: copy self)
    mutating func beginField(_ name: StaticString)

    /// Takes note of an error that the message tells, and of `NONE`; the integer that it is comes by itself.
    @_lifetime(self: copy self)
    mutating func noteError(_ code: ErrorCode)

    /// An integer, big-endian.
    @_lifetime(self: copy self)
    mutating func integer<Value: WireInteger>(_ value: inout Value) throws(ProtocolError)
    /// A byte that is 0 or not.
    @_lifetime(self: copy self)
    mutating func bool(_ value: inout Bool) throws(ProtocolError)
    /// An IEEE 754 number of 64 bits, big-endian.
    @_lifetime(self: copy self)
    mutating func double(_ value: inout Double) throws(ProtocolError)
    /// 16 bytes.
    @_lifetime(self: copy self)
    mutating func uuid(_ value: inout KafkaUUID) throws(ProtocolError)
    /// A length, and as many bytes of UTF-8.
    @_lifetime(self: copy self)
    mutating func string(_ value: inout String?, isNullable: Bool) throws(ProtocolError)
    /// A length, and as many bytes.
    @_lifetime(self: copy self)
    mutating func bytes(_ value: inout [UInt8]?, isNullable: Bool) throws(ProtocolError)
    /// A length, and as many bytes, which the coder does not touch.
    @_lifetime(self: copy self)
    mutating func records(_ value: inout RecordsField?, isNullable: Bool) throws(ProtocolError)
    /// A count, and as many elements.
    @_lifetime(self: copy self)
    mutating func array<Element: WireValue>(_ value: inout [Element]?, isNullable: Bool) throws(ProtocolError)
    /// The fields of a structure, and its tagged fields if the version is flexible.
    @_lifetime(self: copy self)
    mutating func structure<Value: WireStructure>(_ value: inout Value) throws(ProtocolError)
    /// A byte that is -1 for null or 1 for a structure, which follows.
    @_lifetime(self: copy self)
    mutating func optionalStructure<Value: WireStructure>(_ value: inout Value?) throws(ProtocolError)
    /// A tagged field of a version that has it; it is written unless it has its default.
    @_lifetime(self: copy self)
    mutating func taggedField<Value: WireValue & Equatable>(
        _ tag: UInt32,
        _ name: StaticString,
        _ value: inout Value,
        default: Value
    ) throws(ProtocolError)
}

extension MessageCoding where Self: ~Copyable & ~Escapable {
    /// Does nothing.
    @_lifetime(self: copy self)
    package mutating func noteError(_ code: ErrorCode) {}
}

/// A coder of any kind, as declarations of messages take one.
package typealias MessageCoder = MessageCoding & ~Copyable & ~Escapable

/// What declarations are written with: a field's name as Kafka's definitions have it, where its value is kept, and the
/// versions that have the field and those in which it may be null; all, if none are named.
///
/// Where the version does not have the field, its value stays as it is: the default when a message is read, and not
/// written otherwise.
extension MessageCoding where Self: ~Copyable & ~Escapable {
    /// A field that is never null.
    @_lifetime(self: copy self)
    package mutating func field<Value: WireValue>(
        _ name: StaticString,
        _ value: inout Value,
        _ versions: some RangeExpression<Int16> = 0...
    ) throws(ProtocolError) {
        guard versions.contains(version) else { return }
        beginField(name)
        try value.code(with: &self)
    }

    /// A string that may be null.
    @_lifetime(self: copy self)
    package mutating func field(
        _ name: StaticString,
        _ value: inout String?,
        _ versions: some RangeExpression<Int16> = 0...,
        nullable: some RangeExpression<Int16> = 0...
    ) throws(ProtocolError) {
        guard versions.contains(version) else { return }
        beginField(name)
        try string(&value, isNullable: nullable.contains(version))
    }

    /// Bytes that may be null.
    @_lifetime(self: copy self)
    package mutating func field(
        _ name: StaticString,
        _ value: inout [UInt8]?,
        _ versions: some RangeExpression<Int16> = 0...,
        nullable: some RangeExpression<Int16> = 0...
    ) throws(ProtocolError) {
        guard versions.contains(version) else { return }
        beginField(name)
        try bytes(&value, isNullable: nullable.contains(version))
    }

    /// Bytes.
    @_lifetime(self: copy self)
    package mutating func field(
        _ name: StaticString,
        _ value: inout [UInt8],
        _ versions: some RangeExpression<Int16> = 0...
    ) throws(ProtocolError) {
        guard versions.contains(version) else { return }
        beginField(name)
        var bytes: [UInt8]? = value
        try self.bytes(&bytes, isNullable: false)
        value = bytes ?? []
    }

    /// Record batches, which may be null.
    @_lifetime(self: copy self)
    package mutating func field(
        _ name: StaticString,
        _ value: inout RecordsField?,
        _ versions: some RangeExpression<Int16> = 0...
    ) throws(ProtocolError) {
        guard versions.contains(version) else { return }
        beginField(name)
        try records(&value, isNullable: true)
    }

    /// An array that may be null.
    @_lifetime(self: copy self)
    package mutating func field<Element: WireValue>(
        _ name: StaticString,
        _ value: inout [Element]?,
        _ versions: some RangeExpression<Int16> = 0...,
        nullable: some RangeExpression<Int16> = 0...
    ) throws(ProtocolError) {
        guard versions.contains(version) else { return }
        beginField(name)
        try array(&value, isNullable: nullable.contains(version))
    }

    /// A structure that may be null.
    @_lifetime(self: copy self)
    package mutating func field<Value: WireStructure>(
        _ name: StaticString,
        _ value: inout Value?,
        _ versions: some RangeExpression<Int16> = 0...
    ) throws(ProtocolError) {
        guard versions.contains(version) else { return }
        beginField(name)
        try optionalStructure(&value)
    }

    /// A tagged field.
    ///
    /// Those of a structure are declared in the order of their tags.
    @_lifetime(self: copy self)
    package mutating func tag<Value: WireValue & Equatable>(
        _ tag: UInt32,
        _ name: StaticString,
        _ value: inout Value,
        default: Value,
        _ versions: some RangeExpression<Int16> = 0...
    ) throws(ProtocolError) {
        guard versions.contains(version) else { return }
        try taggedField(tag, name, &value, default: `default`)
    }
}
