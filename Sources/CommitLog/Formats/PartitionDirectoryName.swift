/// The name of a directory below a log directory that holds a partition's files, also while it is on its way out or in.
///
/// ```
/// orders-0                                              in use
/// orders-0.0123456789abcdef0123456789abcdef-delete      to be deleted: renamed first, so that it is gone at once
/// orders-0.0123456789abcdef0123456789abcdef-future      being filled by a move between log directories
/// orders-0.0123456789abcdef0123456789abcdef-stray       belongs to no topic that the broker knows
/// ```
///
/// The 32 hexadecimal digits are random. In names over 255 bytes Kafka shortens the topic, so the partition that a
/// directory on its way out had belonged to is known for reading by people only.
///
/// Source: Kafka's `LogFileUtils` and `UnifiedLog`.
public struct PartitionDirectoryName: Hashable, Sendable, CustomStringConvertible {
    /// What the directory is for.
    public enum Role: String, Hashable, Sendable, CaseIterable {
        /// The partition's files are in use.
        case current = ""
        /// To be deleted.
        case delete
        /// Being filled.
        case future
        /// Put aside.
        case stray
    }

    /// The partition that the name tells.
    public let topicPartition: TopicPartition
    /// What the directory is for.
    public let role: Role
    /// What makes the name of a directory unique that is not in use: 32 hexadecimal digits.
    ///
    /// Empty if it is in use.
    public let uniqueID: String

    /// The most bytes that the name of a file may have.
    public static let maximumLength = 255

    /// The directory of a partition in use.
    public init(_ topicPartition: TopicPartition) {
        self.topicPartition = topicPartition
        role = .current
        uniqueID = ""
    }

    /// The name that a directory gets when it is put out of use.
    /// - Parameters:
    ///   - topicPartition: Its partition.
    ///   - role: Any but ``Role/current``.
    ///   - number: Makes the name unique: drawn at random.
    public init(
        _ topicPartition: TopicPartition,
        role: Role,
        unique number: UInt128
    ) {
        precondition(role != .current, "Cannot give a unique name to a directory in use: its name is the partition's")
        let digits = String(number, radix: 16)
        uniqueID = String(repeating: "0", count: 32 - digits.utf8.count) + digits
        self.role = role
        self.topicPartition = topicPartition
    }

    /// Parses a name.
    /// - Parameter name: The name, without the directories above it.
    /// - Throws: `FormatError` when it is none of the forms drawn above.
    public init(parsing name: String) throws(FormatError) {
        for role in Role.allCases where role != .current {
            let suffix = "-\(role.rawValue)"
            guard name.hasSuffix(suffix), let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { continue }
            let uniqueID = String(name[dot...].dropFirst().dropLast(suffix.utf8.count))
            guard uniqueID.utf8.count == 32, uniqueID.utf8.allSatisfy(Self.isHexadecimal) else { continue }
            topicPartition = try TopicPartition(directoryName: String(name[..<dot]))
            self.role = role
            self.uniqueID = uniqueID
            return
        }
        topicPartition = try TopicPartition(directoryName: name)
        role = .current
        uniqueID = ""
    }

    /// The directory's name.
    ///
    /// At most ``maximumLength`` bytes where it is not in use. The name of one in use cannot be shortened: a topic of 249
    /// characters has room for partitions up to 99,999, and no directory can be made for a later one.
    public var description: String {
        guard role != .current else { return topicPartition.directoryName }
        let rest = "-\(topicPartition.partition).\(uniqueID)-\(role.rawValue)"
        return topicPartition.topic.prefix(Self.maximumLength - rest.utf8.count) + rest
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
