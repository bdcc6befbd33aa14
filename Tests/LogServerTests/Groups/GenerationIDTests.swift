import LogServer
import Testing

@Suite("Generations")
struct GenerationIDTests {
    @Test("each is followed by the next number, the last one by the first of a rebalance, and never by none")
    func next() {
        #expect(GenerationID(0).next == GenerationID(1))
        #expect(GenerationID(7).next > GenerationID(7))
        #expect(GenerationID(.max).next == GenerationID(1))
        #expect(GenerationID.none < GenerationID(0))
    }
}
