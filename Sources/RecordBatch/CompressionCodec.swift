/// How the records of a batch are compressed: bits 0...2 of its attributes (zstd: KIP-110).
public enum CompressionCodec: UInt8, Hashable, Sendable, CaseIterable {
    /// Not at all.
    case none = 0
    /// gzip members (RFC 1952).
    case gzip = 1
    /// Snappy blocks, raw or in xerial framing: see ``SnappyFraming``.
    case snappy = 2
    /// LZ4 frames.
    case lz4 = 3
    /// Zstandard frames (RFC 8878).
    case zstd = 4

    /// Kafka's name, as it stands in `compression.type`.
    public var name: String {
        switch self {
        case .none: "none"
        case .gzip: "gzip"
        case .snappy: "snappy"
        case .lz4: "lz4"
        case .zstd: "zstd"
        }
    }

    /// The codec of that name, or nil.
    public init?(name: some StringProtocol) {
        guard let codec = CompressionCodec.allCases.first(where: { $0.name == name }) else { return nil }
        self = codec
    }

    /// The levels that Kafka's `compression.<codec>.level` allows (KIP-390), or nil for a codec without levels.
    public var levels: ClosedRange<Int>? {
        switch self {
        case .none, .snappy: nil
        case .gzip: 1...9
        case .lz4: 1...17
        case .zstd: -131_072...22
        }
    }
}

extension CompressionCodec: CustomStringConvertible {
    /// Kafka's name.
    public var description: String { name }
}
