import ArgumentParser
import CommitLog
import RecordBatch

/// Where reading begins, as it is given on the command line.
enum StartPosition: Hashable {
    /// The record with this offset.
    case offset(Offset)
    /// The first record that there is.
    case earliest
    /// Behind the last record.
    case latest
    /// The first record with this timestamp or a later one.
    case timestamp(Timestamp)
}

extension StartPosition: ExpressibleByArgument {
    init?(argument: String) {
        switch argument {
        case "earliest": self = .earliest
        case "latest": self = .latest
        case _ where argument.hasPrefix("@"):
            let text = argument.dropFirst()
            guard let timestamp = Int64(text).map({ Timestamp($0) }) ?? CalendarTime.timestamp(text) else { return nil }
            self = .timestamp(timestamp)
        default:
            guard let offset = Int64(argument), offset >= 0 else { return nil }
            self = .offset(Offset(offset))
        }
    }

    var defaultValueDescription: String { self == .earliest ? "earliest" : "\(self)" }
}
