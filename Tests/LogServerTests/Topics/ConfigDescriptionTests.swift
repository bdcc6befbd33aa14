import KafkaProtocol
import Testing

@testable import LogServer

@Suite("What is told of a topic's configuration")
struct ConfigDescriptionTests {
    private typealias Entry = DescribeConfigsResponse.Result.ResourceResult

    private func entry(_ name: String, _ config: TopicConfig, includeSynonyms: Bool = true) throws -> Entry {
        let entries = ConfigDescription.entries(of: config, names: [name], includeSynonyms: includeSynonyms)
        #expect(entries.count == 1)
        return try #require(entries.first)
    }

    private func synonyms(_ entry: Entry) -> [String] {
        entry.synonyms.map { "\($0.source) \($0.name)=\($0.value ?? "")" }
    }

    @Test("all are told when none is named, and those that are named otherwise")
    func names() throws {
        let all = TopicConfigKey.all.map(\.name)
        for names in [nil, []] as [[String]?] {
            let entries = ConfigDescription.entries(of: try config(), names: names, includeSynonyms: false)
            #expect(entries.map(\.name) == all)
            #expect(
                entries.allSatisfy { !$0.readOnly && !$0.isSensitive && $0.synonyms.isEmpty && $0.configSource == 5 }
            )
        }
        let named = ConfigDescription.entries(
            of: try config(),
            names: ["segment.ms", "x", "flush.ms"],
            includeSynonyms: true
        )
        #expect(named.map(\.name) == ["flush.ms", "segment.ms"])
        #expect(named.map(\.configType) == [5, 5])
    }

    @Test("the chain of synonyms goes from the topic by the server to the default")
    func chain() throws {
        let name = "segment.bytes"
        let untouched = try entry(name, config())
        #expect(untouched.value == "1073741824" && untouched.configSource == 5 && untouched.configType == 3)
        #expect(synonyms(untouched) == ["5 log.segment.bytes=1073741824"])

        let broker = try entry(name, config([:], ["log.segment.bytes": "2097152"]))
        #expect(broker.value == "2097152" && broker.configSource == 4)
        #expect(synonyms(broker) == ["4 log.segment.bytes=2097152", "5 log.segment.bytes=1073741824"])

        let topic = try entry(name, config([name: " 3145728"], ["log.segment.bytes": "2097152"]))
        #expect(topic.value == "3145728" && topic.configSource == 1)
        #expect(
            synonyms(topic) == [
                "1 segment.bytes=3145728", "4 log.segment.bytes=2097152", "5 log.segment.bytes=1073741824",
            ]
        )
        #expect(try entry(name, config([name: "3145728"]), includeSynonyms: false).synonyms.isEmpty)
    }

    @Test("synonyms in hours are told as they were written")
    func units() throws {
        let entry = try entry("retention.ms", config([:], ["log.retention.hours": "1", "log.retention.ms": "9"]))
        #expect(entry.value == "9")
        #expect(
            synonyms(entry) == ["4 log.retention.ms=9", "4 log.retention.hours=1", "5 log.retention.ms=604800000"]
        )
    }

    @Test("what the server cannot set has no synonyms, and the default's source")
    func withoutSynonyms() throws {
        let entry = try entry("remote.storage.enable", config())
        #expect(entry.synonyms.isEmpty && entry.configSource == 5 && entry.value == "false" && entry.configType == 1)
        #expect(entry.documentation == nil)
    }

    @Test("every version of the response can be written")
    func versions() throws {
        var response = DescribeConfigsResponse()
        var result = DescribeConfigsResponse.Result()
        result.configs = ConfigDescription.entries(of: try config(), names: nil, includeSynonyms: true)
        response.results = [result]
        for version in APIKey.describeConfigs.versions { _ = try response.written(version: version) }
    }
}
