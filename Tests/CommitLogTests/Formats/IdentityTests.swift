import CommitLog
import TestSupport
import Testing

@Suite("Identities")
struct IdentityTests {
    @Test(
        "an identity is printed as base64url of its bytes",
        arguments: [
            (UInt128(0), "AAAAAAAAAAAAAAAAAAAAAA"), (1, "AAAAAAAAAAAAAAAAAAAAAQ"), (.max, "_____________________w"),
            (0xfbff_0000_0000_0000_0000_0000_0000_0000, "-_8AAAAAAAAAAAAAAAAAAA"),
        ]
    )
    func printed(bits: UInt128, text: String) {
        #expect(KafkaUUID(rawValue: bits).description == text)
        #expect(KafkaUUID(text)?.rawValue == bits)
    }

    @Test(
        "text that is not 22 characters with four zero bits at the end is refused",
        arguments: [
            "", "A", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB",
            "AAAAAAAAAAAAAAAAAAAA==",
            "AAAAAAAAAA+AAAAAAAAAAA", "AAAAAAAAAA/AAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA\u{e9}",
        ]
    )
    func refused(text: String) {
        #expect(KafkaUUID(text) == nil)
        #expect(TopicID(text) == nil)
        #expect(DirectoryID(text) == nil)
    }

    @Test("random identities are of version 4, parse, and do not look like options", arguments: Seed.all)
    func random(seed: Seed) {
        var generator = seed.generator
        for _ in 0..<200 {
            let uuid = KafkaUUID.random(using: &generator)
            #expect(uuid.rawValue >> 76 & 0xf == 4)
            #expect(uuid.rawValue >> 62 & 0b11 == 0b10)
            #expect(!uuid.description.hasPrefix("-"))
            #expect(KafkaUUID(uuid.description) == uuid)
        }
    }

    @Test("new identities differ")
    func distinct() {
        #expect(TopicID.random() != TopicID.random())
        #expect(DirectoryID.random() != DirectoryID.random())
    }
}
