import CommitLog
import RecordBatch
import TestSupport
import Testing

@testable import LogServer

@Suite("The register of topics")
struct TopicRegisterTests {
    private func register(using generator: inout SplitMix64) -> TopicRegister {
        let values = ["", "1", " a b ", "%", "100%\n\r\t\u{7f}\u{0}", "ü€😀", "%25"]
        var register = TopicRegister()
        for index in 0..<Int.random(in: 0...5, using: &generator) {
            let count = Int32.random(in: 1...9, using: &generator)
            var topic = TopicMetadata(
                name: "t.\(index)",
                id: .init(rawValue: .random(using: &generator)),
                partitionCount: count
            )
            for key in TopicConfigKey.all.shuffled(using: &generator).prefix(Int.random(in: 0...3, using: &generator)) {
                topic.configs[key.name] = values.randomElement(using: &generator) ?? ""
            }
            let made = Int32.random(in: 0...count, using: &generator)
            register.put(.init(topic: topic, madePartitions: made, isDeleted: Bool.random(using: &generator)))
        }
        if Bool.random(using: &generator) {
            register.nextProducerID = ProducerID(.random(in: 1 ... .max, using: &generator))
        }
        return register
    }

    @Test("what is written is read", arguments: Seed.all)
    func roundTrip(seed: Seed) throws {
        var generator = seed.generator
        for _ in 0..<50 {
            let register = register(using: &generator)
            #expect(try TopicRegister(parsing: register.encoded()) == register, "\(seed)")
        }
    }

    @Test("a file that was cut short, or of which a byte has changed, is not read as another", arguments: Seed.all)
    func damage(seed: Seed) throws {
        var generator = seed.generator
        let bytes = register(using: &generator).encoded()
        for count in 0..<bytes.count {
            #expect(throws: FormatError.self, "cut to \(count), \(seed)") {
                try TopicRegister(parsing: Array(bytes[..<count]))
            }
            var changed = bytes
            changed[count] ^= UInt8.random(in: 1...255, using: &generator)
            #expect(throws: FormatError.self, "changed at \(count), \(seed)") { try TopicRegister(parsing: changed) }
        }
    }

    @Test("the file is text that a person can read")
    func text() throws {
        var register = TopicRegister()
        let id = try #require(TopicID("DOcyoNZpQuGEOUlOL3YJDA"))
        let topic = TopicMetadata(name: "orders", id: id, partitionCount: 3, configs: ["retention.ms": "6 %"])
        register.put(.init(topic: topic, madePartitions: 2))
        register.nextProducerID = ProducerID(4000)
        let text = String(decoding: register.encoded(), as: UTF8.self)
        let expected = """
            millrace-topics 0
            producers 4000
            topic orders DOcyoNZpQuGEOUlOL3YJDA 3 2 live
            config retention.ms 6 %25
            crc 
            """
        #expect(text.hasPrefix(expected))
    }

    @Test(
        "what has a right checksum and makes no sense is refused",
        arguments: [
            "millrace-topics 0\nproducers 0", "millrace-topics 0\nproducers 01",
            "millrace-topics 0\nproducers 9223372036854775808", "millrace-topics 0\nproducers 1\nproducers 1",
            "millrace-topics 1", "", "millrace-topics 0\nconfig a 1", "millrace-topics 0\n",
            "millrace-topics 0\ntopic a b DOcyoNZpQuGEOUlOL3YJDA 1 1 live",
            "millrace-topics 0\ntopic . DOcyoNZpQuGEOUlOL3YJDA 1 1 live",
            "millrace-topics 0\ntopic a DOcyoNZpQuGEOUlOL3YJDA 0 0 live",
            "millrace-topics 0\ntopic a DOcyoNZpQuGEOUlOL3YJDA 1 2 live",
            "millrace-topics 0\ntopic a DOcyoNZpQuGEOUlOL3YJDA 100001 2 live",
            "millrace-topics 0\ntopic a DOcyoNZpQuGEOUlOL3YJDA 01 1 live",
            "millrace-topics 0\ntopic a DOcyoNZpQuGEOUlOL3YJDA 1 1 gone",
            "millrace-topics 0\ntopic a AAAAAAAAAAAAAAAAAAAAAA 1 1 live",
            "millrace-topics 0\ntopic a DOcyoNZpQuGEOUlOL3YJDA 1 1 live\nconfig a",
            "millrace-topics 0\ntopic a DOcyoNZpQuGEOUlOL3YJDA 1 1 live\nconfig a %2",
            "millrace-topics 0\ntopic a DOcyoNZpQuGEOUlOL3YJDA 1 1 live\nconfig a %zz",
            "millrace-topics 0\ntopic a DOcyoNZpQuGEOUlOL3YJDA 1 1 live\nconfig a 1\nconfig a 1",
            "millrace-topics 0\ntopic a DOcyoNZpQuGEOUlOL3YJDA 1 1 live\ntopic b DOcyoNZpQuGEOUlOL3YJDA 1 1 live",
        ]
    )
    func nonsense(text: String) {
        var bytes = Array((text + "\n").utf8)
        bytes += Array("crc \(CRC32C.checksum(of: bytes.rawSpan))\n".utf8)
        #expect(throws: FormatError.self) { try TopicRegister(parsing: bytes) }
    }

    @Test("requests see partitions that were made, of topics that are not deleted")
    func visibility() {
        var register = TopicRegister()
        for (name, made, isDeleted) in [("a", Int32(0), false), ("b", 2, false), ("c", 3, false), ("d", 3, true)] {
            let topic = TopicMetadata(name: name, id: .random(), partitionCount: 3)
            register.put(.init(topic: topic, madePartitions: made, isDeleted: isDeleted))
        }
        #expect(register.image.topics.mapValues(\.partitionCount) == ["b": 2, "c": 3])
    }
}
