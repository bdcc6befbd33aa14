import Foundation
public import Testing

/// The number from which a property test draws everything that it does at random.
///
/// Used as a test argument, so that a failure names it:
///
/// ```swift
/// @Test("what is encoded decodes to the same value", arguments: Seed.all)
/// func roundTrip(seed: Seed) {
///     var generator = seed.generator
/// ```
///
/// `SEED=0x2a swift test …` runs the tests with that seed alone; `SEEDS=1000` with so many.
public struct Seed: Hashable, Sendable, CustomStringConvertible, CustomTestStringConvertible {
    /// What the generator starts from.
    public let rawValue: UInt64

    /// The seed with that number.
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// A generator that always draws the same numbers for the same seed.
    public var generator: SplitMix64 { SplitMix64(seed: rawValue) }

    /// The seed as `Seed.all` reads it from the environment: what repeats a failure.
    public var description: String { "SEED=0x\(String(rawValue, radix: 16))" }

    /// The same, shown beside the name of a failed test.
    public var testDescription: String { description }

    /// The seed of a test that runs with one: another on every run, unless the environment names it.
    public static var drawn: Seed {
        ProcessInfo.processInfo.environment["SEED"] == nil ? Seed(UInt64.random(in: 0...(.max))) : all[0]
    }

    /// The seeds that a test runs with: the same ones on every run, unless the environment asks for others.
    public static let all: [Seed] = {
        let environment = ProcessInfo.processInfo.environment
        if let text = environment["SEED"] {
            let isHexadecimal = text.hasPrefix("0x")
            guard let value = UInt64(isHexadecimal ? String(text.dropFirst(2)) : text, radix: isHexadecimal ? 16 : 10)
            else { preconditionFailure("Cannot read SEED=\(text): give a number, such as 42 or 0x2a") }
            return [Seed(value)]
        }
        let count = environment["SEEDS"].flatMap { Int($0) } ?? 8
        return (0..<max(1, count)).map { Seed(UInt64($0)) }
    }()
}
