import KafkaProtocol
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@Suite("Captured traffic between librdkafka and a broker")
struct CapturedTrafficTests {
    private struct Exchange: Decodable {
        var api: String
        var apiKey: Int16
        var version: Int16
        var clientID: String?
        var correlationID: Int32
        var request: String
        var response: String?

        enum CodingKeys: String, CodingKey {
            case api, version
            case apiKey = "api_key"
            case clientID = "client_id"
            case correlationID = "correlation_id"
            case request = "request_hex"
            case response = "response_hex"
        }
    }

    @Test("is read and written byte for byte")
    func traffic() throws {
        let exchanges = try JSONLines.decode(Exchange.self, from: Fixtures.directory.appending("wire/kcat.jsonl"))
        var count = 0
        for exchange in exchanges {
            // Those of transactions.
            guard let api = APIKey(rawValue: exchange.apiKey) else { continue }
            #expect(api.kafkaName == exchange.api)
            try check(api.messages.request, exchange)
            count += 1
        }
        #expect(count > 80)
    }

    private func check<Request: RequestMessage>(_ type: Request.Type, _ exchange: Exchange) throws {
        let frame = try #require([UInt8](hex: exchange.request.dropFirst(8)))
        let (header, start) = try RequestHeader.read(frame.rawSpan)
        #expect(
            header
                == RequestHeader(
                    Request.api,
                    version: exchange.version,
                    correlationID: exchange.correlationID,
                    clientID: exchange.clientID
                )
        )
        let request = try Request(reading: frame.rawSpan, from: start, version: header.version)
        try expectEqual(request, frame, from: start, exchange)

        guard let hex = exchange.response else { return }
        let answer = try #require([UInt8](hex: hex.dropFirst(8)))
        let bodyStart = Request.api.hasFlexibleResponseHeader(header.version) ? 5 : 4
        #expect(answer.rawSpan.integer(at: 0, as: Int32.self) == exchange.correlationID)
        let response = try Request.Response(reading: answer.rawSpan, from: bodyStart, version: header.version)
        try expectEqual(response, answer, from: bodyStart, exchange)
    }

    private func expectEqual(
        _ message: some Message,
        _ frame: [UInt8],
        from start: Int,
        _ exchange: Exchange
    ) throws {
        let writer = try message.written(version: exchange.version, after: Array(frame[..<start]))
        #expect(writer.byteCount == frame.count, "\(exchange.api) \(exchange.version)")
        // The records are where the message says; everything else has to be as it was.
        var position = 0
        var start = 0
        for gap in writer.gaps {
            let count = gap.position - position
            #expect(writer.bytes[position..<gap.position] == frame[start..<(start + count)])
            position = gap.position
            start += count + gap.byteCount
        }
        #expect(writer.bytes[position...].elementsEqual(frame[start...]), "\(exchange.api) \(exchange.version)")
    }
}
