import Foundation
import KafkaProtocol
import RecordBatch
import TestSupport
import Testing

@Suite("Messages, against the Java client's")
struct GoldenMessageTests {
    private struct Golden {
        var version: Int16
        var json: Any
        var bytes: [UInt8]

        init(_ line: String) throws {
            guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let version = object["version"] as? Int, let json = object["json"], let hex = object["hex"] as? String,
                let bytes = [UInt8](hex: hex)
            else { throw TestSupportError("\(line.prefix(80)) is not a message") }
            self.version = Int16(version)
            self.json = json
            self.bytes = bytes
        }
    }

    private static let lines = Result { try Fixtures.lines(of: Fixtures.messages) }

    private func goldens(_ api: APIKey, _ kind: String) throws -> [Golden] {
        let start = "{\"api\":\"\(api.kafkaName)\",\"kind\":\"\(kind)\","
        return try Self.lines.get().filter { $0.hasPrefix(start) }.map { try Golden($0) }
    }

    @Test("are read and written byte for byte, in every version", arguments: APIKey.allCases)
    func messages(api: APIKey) throws {
        try check(api.messages.request, goldens(api, "Request"))
        try check(api.messages.response, goldens(api, "Response"))
    }

    private func check<Value: Message>(_ type: Value.Type, _ goldens: [Golden]) throws {
        #expect(Set(goldens.map(\.version)) == Set(Value.api.versions))
        for golden in goldens {
            let (named, records) = try JSONMessageReader.read(type, golden.json, version: golden.version)
            let written = try named.written(version: golden.version).filled(with: records)
            #expect(written == golden.bytes, "\(type) of version \(golden.version): \(golden.json)")

            let read = try Value(reading: golden.bytes.rawSpan, version: golden.version)
            if records.isEmpty { #expect(read == named, "\(type) of version \(golden.version)") }
            let again = try read.written(version: golden.version).filled(with: records)
            #expect(again == golden.bytes, "\(type) of version \(golden.version), read and written")
        }
    }

    @Test("are refused wherever they are cut off, but for bytes behind them", arguments: APIKey.allCases)
    func truncated(api: APIKey) throws {
        try checkTruncation(api.messages.request, goldens(api, "Request"))
        try checkTruncation(api.messages.response, goldens(api, "Response"))
    }

    private func checkTruncation<Value: Message>(_ type: Value.Type, _ goldens: [Golden]) throws {
        for golden in goldens where golden.bytes.count < 2000 {
            for count in golden.bytes.indices {
                #expect(throws: ProtocolError.self, "\(type) of version \(golden.version), \(count) bytes of it") {
                    _ = try Value(reading: Array(golden.bytes[..<count]).rawSpan, version: golden.version)
                }
            }
            let read = try Value(reading: golden.bytes.rawSpan, version: golden.version)
            let longer = golden.bytes + [1, 2, 3]
            #expect(try Value(reading: longer.rawSpan, version: golden.version) == read)
        }
    }
}
