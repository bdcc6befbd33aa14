import KafkaProtocol
import RecordBatch
import TestSupport
import Testing

@Suite("Bytes that lie")
struct HostileBytesTests {
    private func failure<Value: Message>(_ type: Value.Type, _ bytes: [UInt8], _ version: Int16) -> ProtocolError? {
        do throws(ProtocolError) {
            _ = try Value(reading: bytes.rawSpan, version: version)
            return nil
        } catch {
            return error
        }
    }

    @Test("a count of more elements than bytes is refused before anything is made of it", arguments: [0, 9] as [Int16])
    func count(version: Int16) {
        let bytes: [UInt8] = version == 0 ? [0x7f, 0xff, 0xff, 0xff, 0] : [0xff, 0xff, 0xff, 0xff, 0x07, 0]
        #expect(failure(MetadataRequest.self, bytes, version)?.code == .truncated)
    }

    @Test("a negative length is refused, and null where there can be none")
    func lengths() {
        #expect(failure(MetadataRequest.self, [0xff, 0xff, 0xff, 0xfe], 4)?.code == .malformed)
        #expect(failure(MetadataRequest.self, [0, 0, 0, 1, 0xff, 0xff, 0], 4)?.code == .malformed)
        // Null is no list of topics in version 0.
        #expect(failure(MetadataRequest.self, [0xff, 0xff, 0xff, 0xff], 0)?.code == .malformed)
        #expect(failure(MetadataRequest.self, [0xff, 0xff, 0xff, 0xff, 0], 4) == nil)
    }

    @Test("a number of variable length that does not end, or is too large, is refused")
    func varint() {
        #expect(failure(MetadataRequest.self, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 9)?.code == .truncated)
        #expect(failure(MetadataRequest.self, [0xff, 0xff, 0xff, 0xff, 0x1f, 0], 9)?.code == .truncated)
    }

    @Test("tagged fields that nobody knows are passed over, those that end elsewhere than said are refused")
    func tags() throws {
        // No topics, three flags, and then tagged fields.
        #expect(failure(MetadataRequest.self, [1, 0, 0, 0] + [1, 77, 3, 1, 2, 3], 9) == nil)
        #expect(failure(MetadataRequest.self, [1, 0, 0, 0] + [1, 77, 4, 1, 2, 3], 9)?.code == .truncated)
        var request = FetchRequest()
        request.clusterID = "c"
        var bytes = try request.written(version: 12).bytes
        #expect(failure(FetchRequest.self, bytes, 12) == nil)
        // The last four bytes: tag 0, size 2, length 1 + 1, "c".
        #expect(bytes.suffix(4) == [0, 2, 2, UInt8(ascii: "c")])
        bytes[bytes.count - 3] = 1
        #expect(failure(FetchRequest.self, bytes, 12)?.code == .malformed)
    }

    @Test("a request is refused whose API or version there is not, or whose header is cut off")
    func header() throws {
        func code(_ bytes: [UInt8]) -> ProtocolError.Code? {
            do throws(ProtocolError) {
                _ = try RequestHeader.read(bytes.rawSpan)
                return nil
            } catch {
                return error.code
            }
        }
        let fetch: [UInt8] = [0, 1, 0, 12, 0, 0, 0, 7, 0, 1, UInt8(ascii: "x"), 0]
        let (read, start) = try RequestHeader.read(fetch.rawSpan)
        #expect(read == RequestHeader(.fetch, version: 12, correlationID: 7, clientID: "x"))
        #expect(start == fetch.count)
        for count in fetch.indices { #expect(code(Array(fetch[..<count])) == .truncated) }
        #expect(code([0, 1, 0, 3] + fetch[4...]) == .unsupportedVersion)
        #expect(code([0, 1, 0, 18] + fetch[4...]) == .unsupportedVersion)
        #expect(code([3, 232] + fetch[2...]) == .unknownAPI)
    }

    @Test("what a version cannot express is not written")
    func notRepresentable() {
        var request = MetadataRequest()
        request.topics = nil
        #expect(throws: ProtocolError.self) { _ = try request.written(version: 0).bytes }
        var long = FindCoordinatorRequest()
        long.key = String(repeating: "x", count: 40_000)
        #expect(throws: ProtocolError.self) { _ = try long.written(version: 0).bytes }
    }
}
