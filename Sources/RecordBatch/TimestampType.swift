/// Whose clock the timestamps of a batch are from: bit 3 of a batch's attributes (KIP-32).
public enum TimestampType: Hashable, Sendable, CaseIterable {
    /// Each record carries the time that its producer gave it.
    case createTime
    /// All records of the batch have the time at which the broker appended it: the batch's maximum timestamp.
    case logAppendTime

    /// Kafka's name, as it stands in `message.timestamp.type`.
    public var name: String {
        switch self {
        case .createTime: "CreateTime"
        case .logAppendTime: "LogAppendTime"
        }
    }

    /// The type of that name, or nil.
    public init?(name: some StringProtocol) {
        guard let type = TimestampType.allCases.first(where: { $0.name == name }) else { return nil }
        self = type
    }
}

extension TimestampType: CustomStringConvertible {
    /// Kafka's name.
    public var description: String { name }
}
