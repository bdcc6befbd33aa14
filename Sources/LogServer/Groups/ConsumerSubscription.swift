import CommitLog
import KafkaProtocol
import RecordBatch

/// What a consumer says about itself when it joins a group: the topics that it reads.
///
/// ```
/// version  Int16
/// topics   Int32 count, and as many strings: Int16 length, UTF-8
/// …        what later versions add
/// ```
///
/// Source: Kafka's `ConsumerProtocolSubscription.json`. Every version begins like version 0, which is all that is read.
struct ConsumerSubscription: WireStructure {
    var topics: [String] = []

    init() {}

    mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("topics", &topics)
    }

    /// `nil` if the bytes are something else.
    init?(parsing bytes: [UInt8]) {
        var reader = MessageReader(bytes.rawSpan, version: 0, isFlexible: false)
        var version: Int16 = 0
        do throws(ProtocolError) {
            try reader.integer(&version)
            guard version >= 0 else { return nil }
            try reader.structure(&self)
        } catch {
            return nil
        }
    }
}
