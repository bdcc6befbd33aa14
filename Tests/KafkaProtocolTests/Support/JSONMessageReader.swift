import Foundation
import KafkaProtocol
import RecordBatch
import TestSupport

/// Fills a message from Kafka's JSON form of it: by the names of the fields, where the wire has but their order.
struct JSONMessageReader: MessageCoding {
    let version: Int16
    let isFlexible: Bool
    /// The bytes of records fields, in the order in which they were met.
    private(set) var records: [[UInt8]] = []

    private var object: [String: Any] = [:]
    private var current: Any?
    private var name = ""

    /// Reads a message.
    static func read<Value: Message>(
        _ type: Value.Type,
        _ json: Any,
        version: Int16
    ) throws -> (Value, records: [[UInt8]]) {
        var reader = JSONMessageReader(version: version, isFlexible: Value.api.isFlexible(version))
        reader.current = json
        var message = Value()
        try reader.structure(&message)
        return (message, reader.records)
    }

    private init(version: Int16, isFlexible: Bool) {
        self.version = version
        self.isFlexible = isFlexible
    }

    mutating func beginField(_ name: StaticString) {
        self.name = "\(name)"
        current = object[self.name]
    }

    mutating func integer<Value: WireInteger>(_ value: inout Value) throws(ProtocolError) {
        guard let number = current as? NSNumber, let read = Value(exactly: number.int64Value) else { throw mismatch() }
        value = read
    }

    mutating func bool(_ value: inout Bool) throws(ProtocolError) {
        guard let read = current as? Bool else { throw mismatch() }
        value = read
    }

    mutating func double(_ value: inout Double) throws(ProtocolError) {
        guard let number = current as? NSNumber else { throw mismatch() }
        value = number.doubleValue
    }

    mutating func uuid(_ value: inout KafkaUUID) throws(ProtocolError) {
        guard let text = current as? String, let read = KafkaUUID(text) else { throw mismatch() }
        value = read
    }

    mutating func string(_ value: inout String?, isNullable: Bool) throws(ProtocolError) {
        if isNullable, current is NSNull { return value = nil }
        guard let read = current as? String else { throw mismatch() }
        value = read
    }

    mutating func bytes(_ value: inout [UInt8]?, isNullable: Bool) throws(ProtocolError) {
        if isNullable, current is NSNull { return value = nil }
        guard let text = current as? String, let data = Data(base64Encoded: text) else { throw mismatch() }
        value = [UInt8](data)
    }

    mutating func records(_ value: inout RecordsField?, isNullable: Bool) throws(ProtocolError) {
        var read: [UInt8]?
        try bytes(&read, isNullable: isNullable)
        if let read { records.append(read) }
        value = read.map { RecordsField(byteCount: $0.count) }
    }

    mutating func array<Element: WireValue>(_ value: inout [Element]?, isNullable: Bool) throws(ProtocolError) {
        if isNullable, current is NSNull { return value = nil }
        guard let elements = current as? [Any] else { throw mismatch() }
        var read: [Element] = []
        for element in elements {
            current = element
            var value = Element.unread
            try value.code(with: &self)
            read.append(value)
        }
        value = read
    }

    mutating func structure<Value: WireStructure>(_ value: inout Value) throws(ProtocolError) {
        guard let inner = current as? [String: Any] else { throw mismatch() }
        let outer = object
        object = inner
        try value.fields(&self)
        if isFlexible { try value.taggedFields(&self) }
        object = outer
    }

    mutating func optionalStructure<Value: WireStructure>(_ value: inout Value?) throws(ProtocolError) {
        if current is NSNull { return value = nil }
        var read = Value()
        try structure(&read)
        value = read
    }

    mutating func taggedField<Value: WireValue & Equatable>(
        _ tag: UInt32,
        _ name: StaticString,
        _ value: inout Value,
        default: Value
    ) throws(ProtocolError) {
        beginField(name)
        if current != nil { try value.code(with: &self) }
    }

    private func mismatch() -> ProtocolError {
        ProtocolError(.malformed, "\(name) is \(current.map { "\($0)" } ?? "missing")")
    }
}
