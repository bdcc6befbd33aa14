/// What a fuzzer made up: some choices, and the bytes that they are for.
struct FuzzInput {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// The next byte; 0 once there is none left.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// The next two bytes.
    mutating func word() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }

    /// At most the next `count` bytes.
    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
