import ArgumentParser
import CommitLog

extension TopicPartition {
    /// Parses `TOPIC` or `TOPIC-N`, where the former means the topic's partition 0.
    ///
    /// A topic whose name itself ends in a dash and a number has to be given with its partition: `orders-2024-0`.
    init(argument: String) throws(ValidationError) {
        if let partition = try? TopicPartition(directoryName: argument) {
            self = partition
            return
        }
        do {
            try self.init(topic: argument, partition: 0)
        } catch {
            throw ValidationError("\"\(argument)\" names no topic: \(error.reason)")
        }
    }
}
