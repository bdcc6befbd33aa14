package import RecordBatch

/// Reads messages from borrowed bytes.
///
/// Nothing is believed: every length is held against the bytes that are there before anything is allocated for it. What a
/// message becomes in memory is bounded by a small multiple of its bytes.
package struct MessageReader: MessageCoding, ~Copyable, ~Escapable {
    package let version: Int16
    package let isFlexible: Bool

    private var cursor: ByteCursor
    /// The tagged field that is being read; `nil` once it was taken.
    private var pendingTag: UInt32?

    /// - Parameters:
    ///   - bytes: What holds the message, perhaps after something else, such as a header.
    ///   - position: Where the message begins.
    ///   - version: Its version.
    ///   - isFlexible: Whether that is a flexible one.
    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan, from position: Int = 0, version: Int16, isFlexible: Bool) {
        cursor = ByteCursor(bytes, from: position, to: bytes.byteCount)
        self.version = version
        self.isFlexible = isFlexible
    }

    /// Where the next value begins, in bytes from the start of what is read.
    package var position: Int { cursor.position }

    /// How many bytes there are behind it.
    package var remaining: Int { cursor.remaining }

    package mutating func beginField(_ name: StaticString) {}

    @_lifetime(self: copy self)
    package mutating func integer<Value: WireInteger>(_ value: inout Value) throws(ProtocolError) {
        guard let read = cursor.readInteger(Value.self) else { throw truncated(MemoryLayout<Value>.size) }
        value = read
    }

    @_lifetime(self: copy self)
    package mutating func bool(_ value: inout Bool) throws(ProtocolError) {
        var byte: Int8 = 0
        try integer(&byte)
        value = byte != 0
    }

    @_lifetime(self: copy self)
    package mutating func double(_ value: inout Double) throws(ProtocolError) {
        var bits: Int64 = 0
        try integer(&bits)
        value = Double(bitPattern: UInt64(bitPattern: bits))
    }

    @_lifetime(self: copy self)
    package mutating func uuid(_ value: inout KafkaUUID) throws(ProtocolError) {
        guard let bits = cursor.readInteger(UInt128.self) else { throw truncated(16) }
        value = KafkaUUID(rawValue: bits)
    }

    @_lifetime(self: copy self)
    package mutating func string(_ value: inout String?, isNullable: Bool) throws(ProtocolError) {
        // Kafka's limit for a string holds in flexible versions too.
        guard let range = try range(shortLength: true, isNullable) else { return value = nil }
        value = cursor.bytes.extracting(range).decodedUTF8
    }

    @_lifetime(self: copy self)
    package mutating func bytes(_ value: inout [UInt8]?, isNullable: Bool) throws(ProtocolError) {
        guard let range = try range(shortLength: false, isNullable) else { return value = nil }
        var copy: [UInt8] = []
        copy.append(contentsOf: cursor.bytes.extracting(range))
        value = copy
    }

    @_lifetime(self: copy self)
    package mutating func records(_ value: inout RecordsField?, isNullable: Bool) throws(ProtocolError) {
        value = try range(shortLength: false, isNullable).map { RecordsField(range: $0) }
    }

    @_lifetime(self: copy self)
    package mutating func array<Element: WireValue>(
        _ value: inout [Element]?,
        isNullable: Bool
    ) throws(ProtocolError) {
        guard let count = try length(short: false, isNullable) else { return value = nil }
        // An element takes at least a byte, so that more elements than bytes are a lie.
        guard count <= remaining else {
            throw ProtocolError(
                .truncated,
                "an array is said to have \(count) elements, but only \(remaining) bytes follow",
                at: position
            )
        }
        var elements: [Element] = []
        elements.reserveCapacity(min(count, 1024))
        for _ in 0..<count {
            var element = Element.unread
            try element.code(with: &self)
            elements.append(element)
        }
        value = elements
    }

    @_lifetime(self: copy self)
    package mutating func structure<Value: WireStructure>(_ value: inout Value) throws(ProtocolError) {
        try value.fields(&self)
        if isFlexible { try taggedFields(of: &value) }
    }

    @_lifetime(self: copy self)
    package mutating func optionalStructure<Value: WireStructure>(_ value: inout Value?) throws(ProtocolError) {
        var presence: Int8 = 0
        try integer(&presence)
        guard presence >= 0 else { return value = nil }
        var structure = Value()
        try self.structure(&structure)
        value = structure
    }

    @_lifetime(self: copy self)
    package mutating func taggedField<Value: WireValue & Equatable>(
        _ tag: UInt32,
        _ name: StaticString,
        _ value: inout Value,
        default: Value
    ) throws(ProtocolError) {
        guard tag == pendingTag else { return }
        pendingTag = nil
        try value.code(with: &self)
    }

    /// Passes over the tagged fields of a structure that is known to have none.
    @_lifetime(self: copy self)
    mutating func skipTaggedFields() throws(ProtocolError) {
        var none = NoFields()
        try taggedFields(of: &none)
    }

    /// ```
    /// count   uvarint
    /// fields  tag uvarint, size uvarint, size bytes; ascending tags
    /// ```
    @_lifetime(self: copy self)
    private mutating func taggedFields(of value: inout some WireStructure) throws(ProtocolError) {
        let outerTag = pendingTag
        for _ in 0..<(try unsignedVarint()) {
            let tag = try unsignedVarint()
            let size = Int(try unsignedVarint())
            guard size <= remaining else { throw truncated(size) }
            let end = position + size
            pendingTag = tag
            try value.taggedFields(&self)
            // One that nobody knows: from a newer peer.
            if pendingTag != nil { _ = cursor.skip(size) }
            guard position == end else {
                throw ProtocolError(
                    .malformed,
                    "the tagged field \(tag) is said to end at byte \(end)",
                    at: position
                )
            }
        }
        pendingTag = outerTag
    }

    /// Where the bytes lie that a length speaks of; `nil` for null.
    @_lifetime(self: copy self)
    private mutating func range(shortLength: Bool, _ isNullable: Bool) throws(ProtocolError) -> Range<Int>? {
        guard let count = try length(short: shortLength, isNullable) else { return nil }
        let start = position
        guard cursor.skip(count) else { throw truncated(count) }
        return start..<position
    }

    /// A length, in the form that the version gives it; `nil` for null.
    @_lifetime(self: copy self)
    private mutating func length(short: Bool, _ isNullable: Bool) throws(ProtocolError) -> Int? {
        let start = position
        let length: Int
        if isFlexible {
            length = Int(try unsignedVarint()) - 1
        } else if short {
            var value: Int16 = 0
            try integer(&value)
            length = Int(value)
        } else {
            var value: Int32 = 0
            try integer(&value)
            length = Int(value)
        }
        if length < 0 {
            guard length == -1, isNullable else {
                throw ProtocolError(.malformed, "\(length == -1 ? "null" : "\(length)") is no length", at: start)
            }
            return nil
        }
        guard length <= (short ? Int(Int16.max) : Int(Int32.max)) else {
            throw ProtocolError(.malformed, "a length of \(length) is more than there can be", at: start)
        }
        return length
    }

    @_lifetime(self: copy self)
    private mutating func unsignedVarint() throws(ProtocolError) -> UInt32 {
        let start = position
        guard let value = cursor.readUnsignedVarint() else {
            throw ProtocolError(.truncated, "there is no number of variable length", at: start)
        }
        return value
    }

    private func truncated(_ needed: Int) -> ProtocolError {
        ProtocolError(.truncated, "\(needed) bytes are needed, but only \(remaining) follow", at: position)
    }
}

/// What has nothing but perhaps tagged fields.
private struct NoFields: WireStructure {
    mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {}
}
