package import KafkaProtocol
import RecordBatch

/// What a connection sends for one request: bytes, and ranges of files that go from the page cache to the socket.
///
/// ```
/// length          int32, big-endian: of what follows
/// correlation id  int32: that of the request
/// tagged fields   in flexible versions, but never of ApiVersions
/// message         with record batches in its gaps
/// ```
///
/// Source: Kafka's protocol guide, "Common Request and Response Structure"; `ResponseHeader.json`.
package struct Response: Sendable {
    /// A stretch of it.
    package enum Part: Sendable {
        case bytes(ArraySlice<UInt8>)
        case file(FileRange)

        /// How many bytes.
        package var byteCount: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .file(let range): Int(range.byteCount)
            }
        }
    }

    /// All of it, in order.
    package let parts: [Part]
    /// The first error that it tells; nil if it tells none.
    package let error: ErrorCode?

    /// How long it is.
    package var byteCount: Int { parts.reduce(0) { $0 + $1.byteCount } }

    private static let lengthBytes = 4

    /// - Parameters:
    ///   - message: The answer.
    ///   - request: The header of what it answers.
    ///   - records: The record batches of each of the message's fields of them that is not empty, in order.
    /// - Throws: `notRepresentable` where the version cannot express a value, or 32 bits the length.
    package init(
        _ message: some ResponseMessage,
        to request: RequestHeader,
        records: [[Part]] = []
    ) throws(ProtocolError) {
        let isFlexible = request.api.hasFlexibleResponseHeader(request.version)
        try self.init(message, request.version, request.correlationID, isFlexible, records)
    }

    /// The answer to a client that asks for versions in a version that is not known.
    package init(toUnknownVersionOf correlationID: Int32) throws(ProtocolError) {
        try self.init(ServedAPIs.unsupportedVersionAnswer, 0, correlationID, false, [])
    }

    private init(
        _ message: some ResponseMessage,
        _ version: Int16,
        _ correlationID: Int32,
        _ isFlexible: Bool,
        _ records: [[Part]]
    ) throws(ProtocolError) {
        var header: [UInt8] = []
        header.appendInteger(Int32(0))  // the length, once it is known
        header.appendInteger(correlationID)
        if isFlexible { header.append(0) }
        let writer = try message.written(version: version, after: header)
        precondition(
            writer.gaps.map(\.byteCount) == records.map { $0.reduce(0) { $0 + $1.byteCount } },
            "The records are not those that the message speaks of"
        )
        guard let length = Int32(exactly: writer.byteCount - Self.lengthBytes) else {
            throw ProtocolError(.notRepresentable, "a response of \(writer.byteCount) bytes has no length in 32 bits")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(writer.bytes.count)
        bytes.appendInteger(length)
        bytes += writer.bytes[Self.lengthBytes...]
        var (parts, start): ([Part], Int) = ([], 0)
        for (gap, batches) in zip(writer.gaps, records) {
            parts.append(.bytes(bytes[start..<gap.position]))
            parts += batches
            start = gap.position
        }
        if start < bytes.count { parts.append(.bytes(bytes[start...])) }
        self.parts = parts
        error = writer.firstError
    }
}
