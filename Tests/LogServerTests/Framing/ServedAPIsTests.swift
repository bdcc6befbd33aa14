import CommitLog
import KafkaProtocol
import RecordBatch
import Testing

@testable import LogServer

@Suite("Which requests are served")
struct ServedAPIsTests {
    /// A request's header, with a client id, and an empty set of tagged fields if asked for.
    private func header(_ key: Int16, _ version: Int16, correlationID: Int32 = 77, isFlexible: Bool = false) -> [UInt8]
    {
        var bytes: [UInt8] = []
        for value in [key, version] {
            bytes += [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
        }
        bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: correlationID >> $0) }
        return bytes + [0, 1, UInt8(ascii: "c")] + (isFlexible ? [0] : [])
    }

    private func decide(_ bytes: [UInt8], _ served: ServedAPIs = ServedAPIs()) -> ServedAPIs.Decision {
        served.decide(on: bytes.rawSpan)
    }

    @Test("every API is served in exactly the versions of the table", arguments: APIKey.allCases)
    func versions(api: APIKey) {
        for version in Int16(-2)...30 {
            let isFlexible = api.isFlexible(version)
            let decision = decide(header(api.rawValue, version, isFlexible: isFlexible) + [9, 9, 9])
            if api.versions.contains(version) {
                let header = RequestHeader(api, version: version, correlationID: 77, clientID: "c")
                #expect(decision == .serve(header, bodyStart: isFlexible ? 12 : 11))
            } else if api == .apiVersions {
                #expect(decision == .answerUnsupportedVersion(correlationID: 77))
            } else {
                guard case .close(let error) = decision else {
                    Issue.record("version \(version): \(decision)")
                    continue
                }
                #expect(error.code == .unsupportedVersion)
            }
        }
    }

    @Test("an unknown API closes the connection", arguments: [Int16(-1), 4, 17, 1000])
    func unknownAPI(key: Int16) {
        guard case .close(let error) = decide(header(key, 0)) else {
            Issue.record("API key \(key) is answered")
            return
        }
        #expect(error.code == .unknownAPI)
    }

    @Test("an API that is known but not served closes the connection; ApiVersions is always served")
    func unservedAPI() {
        let served = ServedAPIs([.fetch])
        guard case .close(let error) = decide(header(0, 3), served) else {
            Issue.record("Produce is answered")
            return
        }
        #expect(error.code == .unknownAPI)
        guard case .serve = decide(header(18, 0), served) else {
            Issue.record("ApiVersions is not answered")
            return
        }
        #expect(served.answer(APIVersionsRequest(), version: 0).apiKeys.map(\.apiKey) == [1, 18])
    }

    @Test("a request of a version that is not known needs no more than its first eight bytes")
    func shortHeader() {
        #expect(decide(Array(header(18, 99)[..<8])) == .answerUnsupportedVersion(correlationID: 77))
        guard case .close(let error) = decide(Array(header(18, 0)[..<8])) else {
            Issue.record("a header without a client id is answered")
            return
        }
        #expect(error.code == .truncated)
    }

    @Test("bytes behind a request's body are tolerated")
    func trailingBytes() throws {
        let bytes = header(18, 0) + [1, 2, 3, 4]
        guard case .serve(let header, let start) = decide(bytes) else {
            Issue.record("the request is not served")
            return
        }
        #expect(try APIVersionsRequest(reading: bytes.rawSpan, from: start, version: header.version) == .init())
    }

    @Test("the answer in version 0 is error 35 and the versions of ApiVersions alone")
    func unsupportedVersion() {
        let answer = ServedAPIs.unsupportedVersionAnswer
        #expect(answer.errorCode.rawValue == 35)
        #expect(answer.apiKeys.map(\.apiKey) == [18])
        #expect(answer.apiKeys.map(\.maxVersion) == [APIKey.apiVersions.versions.upperBound])
    }

    @Test("a client has to name itself from version 3 on", arguments: ["", "-x", "x.", "a b", "ä"])
    func clientSoftware(name: String) {
        var request = APIVersionsRequest()
        request.clientSoftwareName = name
        request.clientSoftwareVersion = "1.0"
        #expect(ServedAPIs().answer(request, version: 3).errorCode.rawValue == 42)
        #expect(ServedAPIs().answer(request, version: 2).errorCode == .none)
        request.clientSoftwareName = "apache-kafka-java"
        let answer = ServedAPIs().answer(request, version: 3)
        #expect(answer.errorCode == .none)
        #expect(answer.apiKeys.count == APIKey.allCases.count)
    }
}
