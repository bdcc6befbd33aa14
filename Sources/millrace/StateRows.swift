import CommitLog
import RecordBatch

// The rows of everything that is not a log. Names are those of kafka-dump-log, or of the file itself.

extension OffsetIndexEntry {
    /// The row of an entry, with its offset counted from that of the segment, `base`.
    func row(base: Offset) -> Row {
        ["offset": Row.Value(offset(from: base)?.rawValue), "position": Row.Value(position)]
    }
}

extension TimeIndexEntry {
    /// The row of an entry, with its offset counted from that of the segment, `base`.
    func row(base: Offset) -> Row {
        ["timestamp": Row.Value(timestamp.rawValue), "offset": Row.Value(offset(from: base)?.rawValue)]
    }
}

extension AbortedTransaction {
    var row: Row {
        [
            "version": Row.Value(Self.version),
            "producerId": Row.Value(producerID.rawValue),
            "firstOffset": Row.Value(firstOffset.rawValue),
            "lastOffset": Row.Value(lastOffset.rawValue),
            "lastStableOffset": Row.Value(lastStableOffset.rawValue),
        ]
    }
}

extension ProducerSnapshot.Entry {
    var row: Row {
        [
            "producerId": Row.Value(producerID.rawValue),
            "producerEpoch": Row.Value(producerEpoch.rawValue),
            "coordinatorEpoch": Row.Value(coordinatorEpoch),
            "currentTxnFirstOffset": Row.Value(currentTransactionFirstOffset?.rawValue),
            "lastTimestamp": Row.Value(timestamp.rawValue),
            "firstSequence": Row.Value(firstSequence.rawValue),
            "lastSequence": Row.Value(lastSequence.rawValue),
            "lastOffset": Row.Value(lastOffset.rawValue),
            "offsetDelta": Row.Value(offsetDelta),
            "timestamp": Row.Value(timestamp.rawValue),
        ]
    }
}

extension OffsetCheckpoint {
    /// One row for each partition, sorted.
    var rows: [Row] {
        offsets.sorted { $0.key < $1.key }.map { partition, offset in
            [
                "topic": .text(partition.topic),
                "partition": Row.Value(partition.partition),
                "offset": Row.Value(offset.rawValue),
            ]
        }
    }
}

extension LeaderEpochCache {
    /// One row for each epoch.
    var rows: [Row] {
        entries.map { ["epoch": Row.Value($0.epoch.rawValue), "startOffset": Row.Value($0.startOffset.rawValue)] }
    }
}

extension PartitionMetadata {
    var row: Row {
        ["version": .integer(0), "topic_id": .text(topicID.description)]
    }
}

extension MetaProperties {
    /// The known properties first, then the others, sorted.
    var row: Row {
        let known: [(name: String, value: Row.Value)] = [
            ("version", Row.Value(1)),
            ("cluster.id", .text(clusterID)),
            ("node.id", Row.Value(nodeID)),
            ("directory.id", directoryID.map { .text($0.description) } ?? .null),
        ]
        return Row(known + otherProperties.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })
    }
}

extension CleanShutdownFile {
    var row: Row {
        ["version": .integer(0), "brokerEpoch": Row.Value(brokerEpoch)]
    }
}
