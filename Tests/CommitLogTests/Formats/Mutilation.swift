import CommitLog
import TestSupport
import Testing

/// Damages bytes, and expects a parser to bear it.
enum Mutilation {
    /// Every proper prefix of `bytes` is refused with a `FormatError`, except those of the lengths in `valid`.
    static func expectEveryPrefixRefused(
        _ bytes: [UInt8],
        valid: Set<Int> = [],
        _ parse: ([UInt8]) throws(FormatError) -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for length in 0..<bytes.count where !valid.contains(length) {
            do throws(FormatError) {
                try parse(Array(bytes[..<length]))
                Issue.record("the first \(length) of \(bytes.count) bytes parse", sourceLocation: sourceLocation)
            } catch {
                #expect(!error.reason.isEmpty, sourceLocation: sourceLocation)
            }
        }
    }

    /// Whatever becomes of `bytes`, parsing ends: with an error, or with a value that survives being written and read.
    static func expectBorne<Value: Equatable>(
        _ bytes: [UInt8],
        seed: Seed,
        rounds: Int = 200,
        parse: ([UInt8]) throws(FormatError) -> Value,
        encode: (Value) -> [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var generator = seed.generator
        for _ in 0..<rounds {
            let damaged = damage(bytes, using: &generator)
            guard let value = try? parse(damaged) else { continue }
            let again = try parse(encode(value))
            #expect(again == value, "\(seed), from \(damaged)", sourceLocation: sourceLocation)
        }
    }

    private static func damage(_ bytes: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let position = Int.random(in: 0...damaged.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0 where position < damaged.count:
                damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1 where position < damaged.count:
                damaged.remove(at: position)
            case 2:
                damaged.insert(contentsOf: generator.bytes(count: 1...8), at: position)
            default:
                // Pieces of a file in the wrong place get further than noise does.
                let end = Int.random(in: position...damaged.count, using: &generator)
                damaged.insert(contentsOf: damaged[position..<end].prefix(32), at: position)
            }
        }
        return damaged
    }
}
