/// A whole request or response, without its header.
package protocol Message: WireStructure, Hashable, Sendable {
    /// What it asks for, or answers.
    static var api: APIKey { get }

    /// Reads a message.
    ///
    /// Bytes behind it are passed over, as Kafka does: some clients send a few too many.
    /// - Parameters:
    ///   - bytes: What holds the message, perhaps behind a header. ``RecordsField``s speak of places in it.
    ///   - position: Where the message begins.
    ///   - version: One of those of ``api``.
    init(reading bytes: RawSpan, from position: Int, version: Int16) throws(ProtocolError)

    /// Writes the message.
    /// - Parameters:
    ///   - version: One of those of ``api``.
    ///   - header: What it is written behind.
    /// - Throws: `notRepresentable` where a value cannot be expressed in the version.
    func written(version: Int16, after header: consuming [UInt8]) throws(ProtocolError) -> MessageWriter
}

/// What a client sends.
package protocol RequestMessage: Message {
    /// What it is answered with.
    associatedtype Response: ResponseMessage
}

/// What a client gets.
package protocol ResponseMessage: Message {}

extension Message {
    package init(reading bytes: RawSpan, from position: Int, version: Int16) throws(ProtocolError) {
        self = try .read(bytes, position, version)
    }

    /// Reads a message that begins with the bytes.
    package init(reading bytes: RawSpan, version: Int16) throws(ProtocolError) {
        try self.init(reading: bytes, from: 0, version: version)
    }

    package func written(version: Int16, after header: consuming [UInt8]) throws(ProtocolError) -> MessageWriter {
        try write(version, header)
    }

    /// Writes the message behind nothing.
    package func written(version: Int16) throws(ProtocolError) -> MessageWriter {
        try written(version: version, after: [])
    }

    fileprivate static func read(_ bytes: RawSpan, _ position: Int, _ version: Int16) throws(ProtocolError) -> Self {
        var message = Self()
        var reader = MessageReader(
            bytes,
            from: position,
            version: version,
            isFlexible: api.isFlexible(version)
        )
        try reader.structure(&message)
        return message
    }

    fileprivate func write(_ version: Int16, _ header: consuming [UInt8]) throws(ProtocolError) -> MessageWriter {
        var writer = MessageWriter(version: version, isFlexible: Self.api.isFlexible(version), after: header)
        var copy = self
        try writer.structure(&copy)
        return writer
    }
}

// What servers do all day long. With their types named here the compiler makes code for each of them, where the above goes
// over the fields of any message by the types that it finds at run time: three times as long.

extension FetchRequest {
    package init(reading bytes: RawSpan, from position: Int, version: Int16) throws(ProtocolError) {
        self = try FetchRequest.read(bytes, position, version)
    }
}

extension FetchResponse {
    package func written(version: Int16, after header: consuming [UInt8]) throws(ProtocolError) -> MessageWriter {
        try write(version, header)
    }
}

extension ProduceRequest {
    package init(reading bytes: RawSpan, from position: Int, version: Int16) throws(ProtocolError) {
        self = try ProduceRequest.read(bytes, position, version)
    }
}

extension ProduceResponse {
    package func written(version: Int16, after header: consuming [UInt8]) throws(ProtocolError) -> MessageWriter {
        try write(version, header)
    }
}
