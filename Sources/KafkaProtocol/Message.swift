/// A whole request or response, without its header.
package protocol Message: WireStructure, Hashable, Sendable {
    /// What it asks for, or answers.
    static var api: APIKey { get }
}

/// What a client sends.
package protocol RequestMessage: Message {
    /// What it is answered with.
    associatedtype Response: ResponseMessage
}

/// What a client gets.
package protocol ResponseMessage: Message {}

extension Message {
    /// Reads a message.
    ///
    /// Bytes behind it are passed over, as Kafka does: some clients send a few too many.
    /// - Parameters:
    ///   - bytes: What holds the message, perhaps behind a header. ``RecordsField``s speak of places in it.
    ///   - position: Where the message begins.
    ///   - version: One of those of ``api``.
    package init(reading bytes: RawSpan, from position: Int = 0, version: Int16) throws(ProtocolError) {
        self.init()
        var reader = MessageReader(
            bytes,
            from: position,
            version: version,
            isFlexible: Self.api.isFlexible(version)
        )
        try reader.structure(&self)
    }

    /// Writes the message.
    /// - Parameters:
    ///   - version: One of those of ``api``.
    ///   - header: What it is written behind.
    /// - Throws: `notRepresentable` where a value cannot be expressed in the version.
    package func written(version: Int16, after header: consuming [UInt8] = []) throws(ProtocolError) -> MessageWriter {
        var writer = MessageWriter(version: version, isFlexible: Self.api.isFlexible(version), after: header)
        var copy = self
        try writer.structure(&copy)
        return writer
    }
}
