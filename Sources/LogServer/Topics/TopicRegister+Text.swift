package import CommitLog
import RecordBatch

/// The file `millrace-topics` at the root of a log directory.
///
/// ```
/// millrace-topics 0                             format and version
/// producers 4000                                the least id that no producer has; left out while that is 0
/// topic orders DOcyoNZpQuGEOUlOL3YJDA 3 3 live  name, identity, partitions, how many of them were made, live or deleted
/// config retention.ms 60000                     of the topic above: name, and value up to the end of the line
/// topic bills 5AuR3zZ8S1u0mRjQ9n6G3A 1 1 live
/// crc 1530669597                                CRC-32C of all bytes before this line
/// ```
///
/// Topics and configurations are ordered by name. In a value, control characters and `%` are written as `%` and two
/// hexadecimal digits.
extension TopicRegister {
    /// The name of the file.
    package static let fileName = "millrace-topics"
    private static let format = "topic register"
    private static let firstLine = "\(fileName) 0"

    /// The contents of the file.
    package func encoded() -> [UInt8] {
        var text = Self.firstLine + "\n"
        if nextProducerID > ProducerID(0) { text += "producers \(nextProducerID.rawValue)\n" }
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let state = entry.isDeleted ? "deleted" : "live"
            text += "topic \(name) \(entry.topic.id) \(entry.topic.partitionCount) \(entry.madePartitions) \(state)\n"
            for (name, value) in entry.topic.configs.sorted(by: { $0.key < $1.key }) {
                text += "config \(name) \(Self.escaped(value))\n"
            }
        }
        var bytes = Array(text.utf8)
        bytes += Array("crc \(CRC32C.checksum(of: bytes.rawSpan))\n".utf8)
        return bytes
    }

    /// Parses the contents of a file.
    /// - Throws: `FormatError` where anything is not as drawn, or the checksum is not that of the bytes.
    package init(parsing bytes: [UInt8]) throws(FormatError) {
        self.init()
        let newline = UInt8(ascii: "\n")
        guard bytes.last == newline, let end = bytes.dropLast().lastIndex(of: newline) else {
            throw FormatError(.truncated, format: Self.format, at: .line(1), reason: "the file was cut short")
        }
        let body = Array(bytes[...end])
        let lines = body.dropLast().split(separator: newline, omittingEmptySubsequences: false)
        guard bytes[(end + 1)...].elementsEqual("crc \(CRC32C.checksum(of: body.rawSpan))\n".utf8) else {
            throw FormatError(
                .checksumMismatch,
                format: Self.format,
                at: .line(lines.count + 1),
                reason: "the checksum is not that of the lines before it; the file has changed"
            )
        }
        guard lines[0].elementsEqual(Self.firstLine.utf8) else {
            throw FormatError(
                .unsupportedVersion,
                format: Self.format,
                at: .line(1),
                reason: "only \"\(Self.firstLine)\" is known"
            )
        }
        var entry: Entry?
        var ids: Set<TopicID> = []
        for (index, line) in lines.enumerated().dropFirst() {
            guard let text = String(validating: line, as: UTF8.self) else {
                throw Self.malformed(index, "it is not UTF-8 text")
            }
            if index == 1, text.hasPrefix("producers ") {
                guard let id = Int64(text.dropFirst(10)), id > 0, text == "producers \(id)" else {
                    throw Self.malformed(index, "it has to be \"producers <least id that none has>\"")
                }
                nextProducerID = ProducerID(id)
            } else if text.hasPrefix("config ") {
                guard entry != nil, let (name, value) = Self.config(text), entry?.topic.configs[name] == nil else {
                    throw Self.malformed(index, "it has to be \"config <name> <value>\", behind its topic, and once")
                }
                entry?.topic.configs[name] = value
            } else {
                if let entry { put(entry) }
                let next = try Self.entry(text, at: index)
                guard entries[next.topic.name] == nil, ids.insert(next.topic.id).inserted else {
                    throw Self.malformed(index, "the topic, or its identity, stands in the file twice")
                }
                entry = next
            }
        }
        if let entry { put(entry) }
    }

    private static func entry(_ text: String, at index: Int) throws(FormatError) -> Entry {
        let fields = text.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 6, fields[0] == "topic", let id = TopicID(fields[2]), id != .zero,
            let count = integer(fields[3], in: 1...TopicMetadata.maximumPartitions),
            let made = integer(fields[4], in: 0...count), fields[5] == "live" || fields[5] == "deleted"
        else {
            throw malformed(index, "it has to be \"topic <name> <identity> <partitions> <made> live\", or deleted")
        }
        let name = try TopicPartition(topic: String(fields[1]), partition: 0).topic
        let topic = TopicMetadata(name: name, id: id, partitionCount: count)
        return Entry(topic: topic, madePartitions: made, isDeleted: fields[5] == "deleted")
    }

    private static func config(_ text: String) -> (name: String, value: String)? {
        let fields = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, !fields[1].isEmpty, let value = unescaped(fields[2]) else { return nil }
        return (String(fields[1]), value)
    }

    /// A number in its one form, without signs and leading zeros.
    private static func integer(_ text: Substring, in range: ClosedRange<Int32>) -> Int32? {
        Int32(text).flatMap { range.contains($0) && "\($0)" == text ? $0 : nil }
    }

    private static func escaped(_ value: String) -> String {
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            if byte < 0x20 || byte == 0x7f || byte == UInt8(ascii: "%") {
                bytes += "%\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.first != UInt8(ascii: "+"), let value = UInt8(Substring(digits), radix: 16)
            else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func malformed(_ index: Int, _ reason: String) -> FormatError {
        FormatError(.malformed, format: format, at: .line(index + 1), reason: reason)
    }
}
