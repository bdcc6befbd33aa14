import Testing

@testable import LinuxIO

@Suite struct DescriptorWaitsTests {
    private let tokens = (0..<4).map { OperationToken(wait: $0) }

    @Test("a descriptor is watched for all that somebody waits for")
    func union() {
        var waits = DescriptorWaits()
        #expect(waits.add(tokens[0], for: .reading, of: 7) == .reading)
        #expect(waits.add(tokens[1], for: .reading, of: 7) == .reading)
        #expect(waits.add(tokens[2], for: .writing, of: 8) == .writing)
        #expect(waits.add(tokens[3], for: .writing, of: 7) == [.reading, .writing])
    }

    @Test("those are ready who wait for it, and the others wait on")
    func ready() {
        var waits = DescriptorWaits()
        _ = waits.add(tokens[0], for: .reading, of: 7)
        _ = waits.add(tokens[1], for: .writing, of: 7)
        _ = waits.add(tokens[2], for: .reading, of: 7)
        let readable = waits.takeReady(7, .reading)
        #expect(readable.tokens == [tokens[0], tokens[2]])
        #expect(readable.rest == .writing)
        #expect(waits.takeReady(7, .reading) == ([], .writing))
        let writable = waits.takeReady(7, [.reading, .writing])
        #expect(writable.tokens == [tokens[1]])
        #expect(writable.rest.isEmpty)
        #expect(waits.takeReady(7, .writing) == ([], []))
    }

    @Test("an error or the end concerns everybody", arguments: [UInt32(0x8), 0x10, 0x18])
    func trouble(bits: UInt32) {
        var waits = DescriptorWaits()
        _ = waits.add(tokens[0], for: .reading, of: 7)
        _ = waits.add(tokens[1], for: .writing, of: 7)
        #expect(waits.takeReady(7, Readiness(rawValue: bits)) == ([tokens[0], tokens[1]], []))
    }

    @Test("one that is taken out leaves the others")
    func removal() {
        var waits = DescriptorWaits()
        _ = waits.add(tokens[0], for: .reading, of: 7)
        _ = waits.add(tokens[1], for: .writing, of: 7)
        #expect(waits.remove(tokens[2], of: 7) == nil)
        #expect(waits.remove(tokens[0], of: 8) == nil)
        #expect(waits.remove(tokens[0], of: 7) == .writing)
        #expect(waits.remove(tokens[0], of: 7) == nil)
        #expect(waits.remove(tokens[1], of: 7) == [])
        _ = waits.add(tokens[0], for: .reading, of: 7)
        _ = waits.add(tokens[1], for: .writing, of: 7)
        #expect(waits.takeAll(7) == [tokens[0], tokens[1]])
        #expect(waits.takeAll(7) == [])
    }
}
