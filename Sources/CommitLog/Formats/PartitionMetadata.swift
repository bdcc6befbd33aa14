/// The file `partition.metadata` in a partition's directory, which ties the directory to a topic's identity.
///
/// ```
/// version: 0
/// topic_id: DOcyoNZpQuGEOUlOL3YJDA
/// ```
///
/// Kafka writes no line end behind the second line; one is accepted.
///
/// Source: Kafka's `PartitionMetadataFile`.
public struct PartitionMetadata: Hashable, Sendable {
    private static let format = "partition metadata"

    /// The topic that the partition belongs to.
    public var topicID: TopicID

    /// The metadata of a partition of the given topic.
    public init(topicID: TopicID) {
        self.topicID = topicID
    }

    /// Parses the contents of a file.
    /// - Parameter bytes: The whole file.
    /// - Throws: `FormatError` when anything is not as drawn, or the topic's identity is zero.
    public init(parsing bytes: [UInt8]) throws(FormatError) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.count == 3, lines[2].isEmpty { lines.removeLast() }
        let version = try Self.value(of: "version", in: lines, at: 0)
        guard version == "0" else {
            throw FormatError(
                .unsupportedVersion,
                format: Self.format,
                at: .line(1),
                reason: "version \"\(version.prefix(40))\"; only version 0 is known"
            )
        }
        let text = try Self.value(of: "topic_id", in: lines, at: 1)
        guard let topicID = TopicID(text), topicID != .zero else {
            throw FormatError(
                text.utf8.count < 22 ? .truncated : .malformed,
                format: Self.format,
                at: .line(2),
                reason: "\"\(text.prefix(40))\" is not a topic's identity: 22 characters of base64url, not all zero"
            )
        }
        guard lines.count == 2 else {
            throw FormatError(.malformed, format: Self.format, at: .line(3), reason: "nothing belongs behind topic_id")
        }
        self.topicID = topicID
    }

    /// The contents of the file.
    public func encoded() -> [UInt8] {
        Array("version: 0\ntopic_id: \(topicID)".utf8)
    }

    /// What stands behind `<key>: ` on a line.
    private static func value(
        of key: String,
        in lines: [ArraySlice<UInt8>],
        at index: Int
    ) throws(FormatError) -> String {
        let prefix = Array("\(key): ".utf8)
        guard index < lines.count, lines[index].starts(with: prefix) else {
            throw FormatError(
                index == lines.count - 1 || index >= lines.count ? .truncated : .malformed,
                format: format,
                at: .line(index + 1),
                reason: "the line has to be \"\(key): …\""
            )
        }
        return String(decoding: lines[index].dropFirst(prefix.count), as: UTF8.self)
    }
}
