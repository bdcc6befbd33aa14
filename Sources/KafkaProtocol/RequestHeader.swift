/// What comes before every request.
///
/// ```
/// api key         int16
/// api version     int16
/// correlation id  int32
/// client id       nullable string: with a length of 16 bits in flexible versions too
/// tagged fields   in flexible versions
/// ```
///
/// Source: `RequestHeader.json` of Kafka's message definitions; versions 1 and 2.
package struct RequestHeader: Hashable, Sendable {
    /// What is asked for.
    package var api: APIKey
    /// The version of the request, and of its response.
    package var version: Int16
    /// What the response has to begin with.
    package var correlationID: Int32
    /// What the client calls itself.
    package var clientID: String?

    /// Makes a header.
    package init(_ api: APIKey, version: Int16, correlationID: Int32, clientID: String?) {
        self.api = api
        self.version = version
        self.correlationID = correlationID
        self.clientID = clientID
    }

    /// Reads a header.
    /// - Parameter bytes: A request without the four bytes of its length.
    /// - Returns: The header, and where the request's body begins.
    /// - Throws: `unknownAPI` or `unsupportedVersion` where there is no telling what the body is; `truncated` or `malformed`
    ///   where the bytes are no header.
    package static func read(_ bytes: RawSpan) throws(ProtocolError) -> (header: RequestHeader, bodyStart: Int) {
        // The first fields are the same in all versions.
        var reader = MessageReader(bytes, version: 1, isFlexible: false)
        var (key, version, correlationID): (Int16, Int16, Int32) = (0, 0, 0)
        try reader.integer(&key)
        try reader.integer(&version)
        try reader.integer(&correlationID)
        guard let api = APIKey(rawValue: key) else {
            throw ProtocolError(.unknownAPI, "there is no request with the API key \(key)", at: 0)
        }
        guard api.versions.contains(version) else {
            throw ProtocolError(
                .unsupportedVersion,
                "\(api) requests of version \(version) are not served, but of \(api.versions)",
                at: 2
            )
        }
        var clientID: String?
        try reader.string(&clientID, isNullable: true)
        if api.isFlexible(version) { try reader.skipTaggedFields() }
        return (
            RequestHeader(api, version: version, correlationID: correlationID, clientID: clientID), reader.position
        )
    }
}
