import RecordBatch

// The rows of logs. Names, order and spelling are those of the decoded contents in Tests/Fixtures, which follow
// kafka-dump-log.

extension Record {
    /// The row of a data record.
    var row: Row {
        [
            "offset": Row.Value(offset.rawValue),
            "timestamp": Row.Value(timestamp.rawValue),
            "timestampType": .text(timestampType.name),
            "keyBase64": Row.Value(key),
            "valueBase64": Row.Value(value),
            "headers": .headers(headers),
        ]
    }

    /// The row of a control record.
    func row(_ control: ControlRecord, in batch: RecordBatchHeader) -> Row {
        [
            "offset": Row.Value(offset.rawValue),
            "timestamp": Row.Value(timestamp.rawValue),
            "timestampType": .text(timestampType.name),
            "producerId": Row.Value(batch.producerID.rawValue),
            "producerEpoch": Row.Value(batch.producerEpoch.rawValue),
            "controlType": .text(control.type.name),
            "coordinatorEpoch": Row.Value(control.coordinatorEpoch),
            "keyBase64": Row.Value(key),
            "valueBase64": Row.Value(value),
        ]
    }
}

extension ControlRecordType {
    /// Kafka's name.
    fileprivate var name: String {
        switch self {
        case .abort: "ABORT"
        case .commit: "COMMIT"
        case .leaderChange: "LEADER_CHANGE"
        case .snapshotHeader: "SNAPSHOT_HEADER"
        case .snapshotFooter: "SNAPSHOT_FOOTER"
        case .kraftVersion: "KRAFT_VERSION"
        case .kraftVoters: "KRAFT_VOTERS"
        case .unknown: "UNKNOWN"
        }
    }
}

extension RecordBatchHeader {
    /// The row of a batch that begins at a position, in bytes, of the file named `segment`.
    func row(segment: String, position: Int64) -> Row {
        let row: Row = [
            "segment": .text(segment),
            "position": Row.Value(position),
            "baseOffset": Row.Value(baseOffset.rawValue),
            "lastOffset": Row.Value(lastOffset.rawValue),
            "count": Row.Value(recordCount),
            "crc": Row.Value(crc),
            "compresscodec": .text(codec?.name ?? "unknown"),
            "producerId": Row.Value(producerID.rawValue),
            "producerEpoch": Row.Value(producerEpoch.rawValue),
            "baseSequence": Row.Value(baseSequence.rawValue),
            "lastSequence": Row.Value(lastSequence.rawValue),
            "isTransactional": .boolean(isTransactional),
            "isControl": .boolean(isControl),
            "partitionLeaderEpoch": Row.Value(partitionLeaderEpoch.rawValue),
            "timestampType": .text(timestampType.name),
            "maxTimestamp": Row.Value(maxTimestamp.rawValue),
            "deleteHorizonMs": Row.Value(deleteHorizon?.rawValue),
            "size": Row.Value(byteCount),
            "magic": Row.Value(magic),
        ]
        return row.table([
            "segment", "position", "baseOffset", "lastOffset", "count", "compresscodec", "producerId",
            "isTransactional", "isControl", "partitionLeaderEpoch", "maxTimestamp", "size",
        ])
    }
}
