/// A partition of a topic, the unit that a log is kept for.
public struct TopicPartition: Hashable, Sendable, CustomStringConvertible {
    /// The most characters (ASCII, so bytes too) that a topic's name may have.
    ///
    /// 255, the longest file name, less what the directory's name adds.
    public static let maximumTopicLength = 249

    /// The topic's name: 1 to 249 characters of `[a-zA-Z0-9._-]`, neither `.` nor `..`.
    public let topic: String
    /// The number of the partition within its topic, at least 0.
    public let partition: Int32

    /// A partition whose names were checked.
    /// - Parameters:
    ///   - topic: The topic's name.
    ///   - partition: The number of the partition.
    /// - Throws: `FormatError` when the name is not one of a topic (Kafka's `Topic.validate`) or the number is negative.
    public init(topic: String, partition: Int32) throws(FormatError) {
        if let reason = Self.reasonAgainst(topic: topic) {
            throw FormatError(.malformed, format: "topic name", at: .name(topic), reason: reason)
        }
        guard partition >= 0 else {
            throw FormatError(
                .malformed,
                format: "partition number",
                at: .name("\(topic) \(partition)"),
                reason: "partitions are counted from 0"
            )
        }
        self.topic = topic
        self.partition = partition
    }

    /// A partition from the name of its directory, `<topic>-<partition>`.
    /// - Parameter directoryName: The name, without the directories above it.
    /// - Throws: `FormatError` when the name has another form.
    public init(directoryName: String) throws(FormatError) {
        // A topic's name may hold dashes and digits, so the last dash parts it from the number.
        guard let dash = directoryName.utf8.lastIndex(of: UInt8(ascii: "-")),
            let partition = Int32(decimalDigits: directoryName.utf8[dash...].dropFirst())
        else {
            throw FormatError(
                .malformed,
                format: "partition directory",
                at: .name(directoryName),
                reason: "it has to be <topic>-<partition number>"
            )
        }
        try self.init(topic: String(directoryName[..<dash]), partition: partition)
    }

    /// The name of the partition's directory, `<topic>-<partition>`.
    public var directoryName: String { "\(topic)-\(partition)" }

    /// The same as the directory's name, as in Kafka's messages.
    public var description: String { directoryName }

    private static func reasonAgainst(topic: String) -> String? {
        guard !topic.isEmpty else { return "a topic's name is not empty" }
        guard topic != "." && topic != ".." else { return "a topic is not named . or .." }
        guard topic.utf8.count <= maximumTopicLength else {
            return "\(topic.utf8.count) bytes; a topic's name has \(maximumTopicLength) at most"
        }
        let allowed = topic.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return allowed ? nil : "a topic's name consists of ASCII letters, digits, '.', '_' and '-'"
    }
}

extension TopicPartition: Comparable {
    /// By topic (bytewise), then by number.
    public static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}
