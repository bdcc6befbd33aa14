package import RecordBatch

/// Writes messages.
///
/// The bytes of ``RecordsField``s are left out: ``gaps`` tells where they belong.
package struct MessageWriter: MessageCoding, ~Copyable {
    package let version: Int16
    package let isFlexible: Bool

    /// What was written, without what belongs into the gaps.
    package private(set) var bytes: [UInt8]
    /// Where record batches belong, in order.
    package private(set) var gaps: [Gap] = []
    /// The first error that the message tells; nil if it tells none.
    package private(set) var firstError: ErrorCode?
    private var taggedFields = TaggedFields.counted(0)

    /// A place that record batches belong to.
    package struct Gap: Hashable, Sendable {
        /// How many of ``MessageWriter/bytes`` come before it.
        package var position: Int
        /// How many bytes of record batches belong there; at least 1.
        package var byteCount: Int
    }

    /// What the tagged fields of a structure are gone over for: first to count those that do not have their defaults.
    private enum TaggedFields {
        case counted(UInt32)
        case written
    }

    /// - Parameters:
    ///   - version: The version of the message.
    ///   - isFlexible: Whether that is a flexible one.
    ///   - bytes: What the message is written behind, such as a header.
    package init(version: Int16, isFlexible: Bool, after bytes: consuming [UInt8] = []) {
        self.version = version
        self.isFlexible = isFlexible
        self.bytes = bytes
    }

    /// How many bytes there are, with those that belong into the gaps.
    package var byteCount: Int { gaps.reduce(bytes.count) { $0 + $1.byteCount } }

    package mutating func beginField(_ name: StaticString) {}

    package mutating func noteError(_ code: ErrorCode) {
        if firstError == nil, code != .none { firstError = code }
    }

    package mutating func integer<Value: WireInteger>(_ value: inout Value) throws(ProtocolError) {
        bytes.appendInteger(value)
    }

    package mutating func bool(_ value: inout Bool) throws(ProtocolError) {
        bytes.append(value ? 1 : 0)
    }

    package mutating func double(_ value: inout Double) throws(ProtocolError) {
        bytes.appendInteger(value.bitPattern)
    }

    package mutating func uuid(_ value: inout KafkaUUID) throws(ProtocolError) {
        bytes.appendInteger(value.rawValue)
    }

    package mutating func string(_ value: inout String?, isNullable: Bool) throws(ProtocolError) {
        guard let value else { return try null(short: true, isNullable) }
        let utf8 = value.utf8
        try length(utf8.count, short: true)
        bytes += utf8
    }

    package mutating func bytes(_ value: inout [UInt8]?, isNullable: Bool) throws(ProtocolError) {
        guard let value else { return try null(short: false, isNullable) }
        try length(value.count, short: false)
        bytes += value
    }

    package mutating func records(_ value: inout RecordsField?, isNullable: Bool) throws(ProtocolError) {
        guard let value else { return try null(short: false, isNullable) }
        try length(value.byteCount, short: false)
        if value.byteCount > 0 { gaps.append(Gap(position: bytes.count, byteCount: value.byteCount)) }
    }

    package mutating func array<Element: WireValue>(
        _ value: inout [Element]?,
        isNullable: Bool
    ) throws(ProtocolError) {
        guard let elements = value else { return try null(short: false, isNullable) }
        try length(elements.count, short: false)
        for var element in elements { try element.code(with: &self) }
    }

    package mutating func structure<Value: WireStructure>(_ value: inout Value) throws(ProtocolError) {
        try value.fields(&self)
        guard isFlexible else { return }
        let outer = taggedFields
        taggedFields = .counted(0)
        try value.taggedFields(&self)
        if case .counted(let count) = taggedFields {
            bytes.appendUnsignedVarint(count)
            if count > 0 {
                taggedFields = .written
                try value.taggedFields(&self)
            }
        }
        taggedFields = outer
    }

    package mutating func optionalStructure<Value: WireStructure>(_ value: inout Value?) throws(ProtocolError) {
        guard var structure = value else { return bytes.append(0xff) }
        bytes.append(1)
        try self.structure(&structure)
    }

    package mutating func taggedField<Value: WireValue & Equatable>(
        _ tag: UInt32,
        _ name: StaticString,
        _ value: inout Value,
        default: Value
    ) throws(ProtocolError) {
        guard value != `default` else { return }
        switch taggedFields {
        case .counted(let count):
            taggedFields = .counted(count + 1)
        case .written:
            // The size comes first, and is not known before. Such fields are rare and short.
            var field = MessageWriter(version: version, isFlexible: isFlexible)
            try value.code(with: &field)
            precondition(field.gaps.isEmpty, "A tagged field with records is not provided for")
            bytes.appendUnsignedVarint(tag)
            bytes.appendUnsignedVarint(UInt32(field.bytes.count))
            bytes += field.bytes
        }
    }

    private mutating func null(short: Bool, _ isNullable: Bool) throws(ProtocolError) {
        guard isNullable else {
            throw ProtocolError(.notRepresentable, "version \(version) has a field that cannot be null, but is")
        }
        if isFlexible {
            bytes.append(0)
        } else if short {
            bytes.appendInteger(Int16(-1))
        } else {
            bytes.appendInteger(Int32(-1))
        }
    }

    private mutating func length(_ count: Int, short: Bool) throws(ProtocolError) {
        // One less than what 32 bits hold, since compact lengths are one more.
        let limit = short ? Int(Int16.max) : Int(Int32.max) - 1
        guard count <= limit else {
            throw ProtocolError(.notRepresentable, "a field has a length of \(count), more than \(limit)")
        }
        if isFlexible {
            bytes.appendUnsignedVarint(UInt32(count + 1))
        } else if short {
            bytes.appendInteger(Int16(count))
        } else {
            bytes.appendInteger(Int32(count))
        }
    }
}
