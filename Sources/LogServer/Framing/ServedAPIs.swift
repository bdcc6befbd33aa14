package import KafkaProtocol
import RecordBatch

/// The requests that a server answers, and what it does with all others.
package struct ServedAPIs: Sendable {
    private let apis: Set<APIKey>

    /// - Parameter apis: What is served, each in all versions that can be read. ``APIKey/apiVersions`` always is.
    package init(_ apis: some Sequence<APIKey> = APIKey.allCases) {
        self.apis = Set(apis).union([.apiVersions])
    }

    /// What becomes of a request.
    package enum Decision: Hashable, Sendable {
        /// It is read, from that byte on, and answered. Bytes that follow its body are tolerated, as Kafka does.
        case serve(RequestHeader, bodyStart: Int)
        /// The client asks for versions in a version that is not known: it is told, in version 0, which are (KIP-511).
        case answerUnsupportedVersion(correlationID: Int32)
        /// Nobody knows what answer it would understand: the connection is closed.
        case close(ProtocolError)
    }

    /// Decides on a request by its header.
    /// - Parameter request: A request without its length, at least ``FrameDecoder/minimumBytes``.
    package func decide(on request: RawSpan) -> Decision {
        do {
            let (header, bodyStart) = try RequestHeader.read(request)
            guard apis.contains(header.api) else {
                return .close(ProtocolError(.unknownAPI, "\(header.api) requests are not served", at: 0))
            }
            return .serve(header, bodyStart: bodyStart)
        } catch {
            // The fields up to the correlation id are the same in all versions, also in those to come.
            guard error.code == .unsupportedVersion,
                request.integer(at: 0, as: Int16.self) == APIKey.apiVersions.rawValue
            else { return .close(error) }
            return .answerUnsupportedVersion(correlationID: request.integer(at: 4, as: Int32.self))
        }
    }

    /// The answer to a client that asks for versions, in a version that is known.
    ///
    /// A client whose name or version is not of the form that KIP-511 demands is told so.
    package func answer(_ request: APIVersionsRequest, version: Int16) -> APIVersionsResponse {
        var response = APIVersionsResponse()
        let names = [request.clientSoftwareName, request.clientSoftwareVersion]
        guard version < 3 || names.allSatisfy(Self.isSoftwareName) else {
            response.errorCode = .invalidRequest
            return response
        }
        response.apiKeys = apis.sorted { $0.rawValue < $1.rawValue }.map(Self.versions)
        return response
    }

    /// The answer, to be written in version 0, to a client that asks in a version that is not known.
    ///
    /// It names the versions of ``APIKey/apiVersions`` alone, of which the client then takes one.
    package static var unsupportedVersionAnswer: APIVersionsResponse {
        var response = APIVersionsResponse()
        response.errorCode = .unsupportedVersion
        response.apiKeys = [versions(of: .apiVersions)]
        return response
    }

    private static func versions(of api: APIKey) -> APIVersionsResponse.ApiVersion {
        var entry = APIVersionsResponse.ApiVersion()
        entry.apiKey = api.rawValue
        entry.minVersion = api.versions.lowerBound
        entry.maxVersion = api.versions.upperBound
        return entry
    }

    /// Letters and digits, with dots and dashes between them.
    private static func isSoftwareName(_ name: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = name.utf8.first, let last = name.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && name.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }
}
