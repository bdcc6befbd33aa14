import KafkaProtocol
import Testing

@testable import LogServer

@Suite("Altering a topic's configuration")
struct ConfigAlterationTests {
    private typealias Change = IncrementalAlterConfigsRequest.AlterConfigsResource.AlterableConfig
    private typealias Config = AlterConfigsRequest.Resource.AlterableConfig

    private func change(_ name: String, _ operation: Int8, _ value: String?) -> Change {
        var change = Change()
        (change.name, change.configOperation, change.value) = (name, operation, value)
        return change
    }

    private func alter(_ overrides: [String: String], _ changes: [Change]) throws -> [String: String] {
        try ConfigAlteration.incremental(config(overrides), changes).overrides
    }

    private func code(of changes: [Change], on overrides: [String: String] = [:]) -> ErrorCode? {
        #expect(throws: APIError.self) { try alter(overrides, changes) }?.code
    }

    @Test("what is set and deleted changes, and the rest stays")
    func setAndDelete() throws {
        let before = ["flush.ms": "1", "segment.ms": "2"]
        #expect(try alter(before, [change("flush.ms", 0, "3")]) == ["flush.ms": "3", "segment.ms": "2"])
        #expect(try alter(before, [change("flush.ms", 1, nil)]) == ["segment.ms": "2"])
        #expect(try alter(before, [change("flush.ms", 1, "ignored")]) == ["segment.ms": "2"])
        #expect(try alter(before, [change("retention.ms", 1, nil)]) == before)
        #expect(try alter(before, []) == before)
    }

    @Test("lists are added to and taken from, beginning with the default")
    func lists() throws {
        let name = "cleanup.policy"
        #expect(try alter([:], [change(name, 2, "compact")]) == [name: "delete,compact"])
        #expect(try alter([name: "compact"], [change(name, 2, "compact,delete")]) == [name: "compact,delete"])
        #expect(try alter([name: "compact,delete"], [change(name, 3, "delete")]) == [name: "compact"])
        #expect(try alter([name: "compact"], [change(name, 3, "delete,compact")]) == [name: ""])
        #expect(try alter([:], [change(name, 3, "delete")]) == [name: ""])
    }

    @Test("what is wrong with a request has Kafka's code")
    func refusals() {
        #expect(code(of: [change("flush.ms", 2, "1")]) == .invalidConfig)
        #expect(code(of: [change("flush.ms", 3, "1")]) == .invalidConfig)
        #expect(code(of: [change("cleanup.policy", 2, "keep")]) == .invalidConfig)
        #expect(code(of: [change("flush.ms", 0, "-1")]) == .invalidConfig)
        for operation in Int8(0)...3 { #expect(code(of: [change("nothing", operation, "1")]) == .invalidConfig) }
        #expect(code(of: [change("flush.ms", 0, nil)]) == .invalidRequest)
        #expect(code(of: [change("cleanup.policy", 2, nil)]) == .invalidRequest)
        #expect(code(of: [change("flush.ms", 4, "1")]) == .invalidRequest)
        #expect(code(of: [change("flush.ms", -1, "1")]) == .invalidRequest)
        #expect(code(of: [change("flush.ms", 0, "1"), change("flush.ms", 1, nil)]) == .invalidRequest)
    }

    @Test("a change that contradicts what is there is refused")
    func contradiction() {
        #expect(
            code(of: [change("min.compaction.lag.ms", 0, "6")], on: ["max.compaction.lag.ms": "5"]) == .invalidConfig
        )
    }

    @Test("the legacy request gives all configurations: what it leaves out is no longer set")
    func replacing() throws {
        func replace(_ configs: [(String, String?)]) throws -> [String: String] {
            let configs = configs.map { name, value in
                var config = Config()
                (config.name, config.value) = (name, value)
                return config
            }
            return try ConfigAlteration.replacing(config(["flush.ms": "1", "segment.ms": "2"]), with: configs).overrides
        }
        #expect(try replace([("flush.ms", "3")]) == ["flush.ms": "3"])
        #expect(try replace([]) == [:])
        #expect(#expect(throws: APIError.self) { try replace([("flush.ms", nil)]) }?.code == .invalidRequest)
        #expect(#expect(throws: APIError.self) { try replace([("x", "1")]) }?.code == .invalidConfig)
        let twice: [(String, String?)] = [("flush.ms", "1"), ("flush.ms", "1")]
        #expect(#expect(throws: APIError.self) { try replace(twice) }?.code == .invalidRequest)
    }
}
