/// A 128-bit identifier in the form in which Kafka prints it: base64url without padding, 22 characters.
///
/// ```
/// DOcyoNZpQuGEOUlOL3YJDA
/// └ 21 characters of 6 bits each, most significant first, and one with the last 2 bits (its lower 4 bits are zero)
/// ```
///
/// Source: Kafka's `Uuid`; RFC 4648 section 5.
public struct KafkaUUID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The 16 bytes, first byte most significant.
    public let rawValue: UInt128

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The identifier with the given bits.
    public init(rawValue: UInt128) {
        self.rawValue = rawValue
    }

    /// A random identifier (RFC 9562 version 4).
    ///
    /// As in Kafka, none that is reserved, and none that is printed with a dash in front, which command lines would take
    /// for an option.
    public static func random() -> KafkaUUID {
        while true {
            if let id = KafkaUUID(randomBits: .random(in: 0...UInt128.max)) { return id }
        }
    }

    /// A random identifier, as ``random()`` makes them, from the given generator.
    public static func random(using generator: inout some RandomNumberGenerator) -> KafkaUUID {
        while true {
            if let id = KafkaUUID(randomBits: .random(in: 0...UInt128.max, using: &generator)) { return id }
        }
    }

    private init?(randomBits: UInt128) {
        var bits = randomBits
        bits = bits & ~(0xf << 76) | (4 << 76)  // version
        bits = bits & ~(0b11 << 62) | (0b10 << 62)  // variant
        rawValue = bits
        if description.hasPrefix("-") { return nil }
    }

    /// Parses the printed form; `nil` if it is not 22 characters of base64url, or if its last 4 bits are not zero.
    public init?(_ text: some StringProtocol) {
        let characters = Array(text.utf8)
        guard characters.count == 22 else { return nil }
        var bits: UInt128 = 0
        for (index, character) in characters.enumerated() {
            guard let digit = Self.alphabet.firstIndex(of: character) else { return nil }
            if index < 21 {
                bits = bits << 6 | UInt128(digit)
            } else {
                guard digit & 0b1111 == 0 else { return nil }
                bits = bits << 2 | UInt128(digit >> 4)
            }
        }
        rawValue = bits
    }

    /// The 22 characters.
    public var description: String {
        var characters: [UInt8] = []
        characters.reserveCapacity(22)
        for index in 0..<21 {
            characters.append(Self.alphabet[Int(truncatingIfNeeded: rawValue >> UInt128(122 - 6 * index)) & 0b11_1111])
        }
        characters.append(Self.alphabet[(Int(truncatingIfNeeded: rawValue) & 0b11) << 4])
        return String(decoding: characters, as: UTF8.self)
    }
}
