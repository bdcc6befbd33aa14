import Foundation
@testable import RecordBatch
import SystemPackage
import TestSupport

/// A `.log` file.
struct Segment {
    var name: String
    var bytes: [UInt8]

    /// The segments of a partition, in their order.
    static func all(_ state: Fixtures.State, _ partition: String) throws -> [Segment] {
        let directory = try Fixtures.logDirectory(state).appending(partition)
        return try Fixtures.files(below: directory, suffix: ".log").map {
            Segment(name: Fixtures.names(of: $0).file, bytes: try Fixtures.bytes(of: $0))
        }
    }
}

/// What Kafka's code found in a partition.
struct ExpectedPartition {
    var batches: [ExpectedBatch]
    var records: [ExpectedRecord]
    /// Empty for partitions without control records, which have no file of them.
    var controls: [ExpectedControl]

    init(_ state: Fixtures.State, _ partition: String) throws {
        let directory = try Fixtures.expectedDirectory(state)
        batches = try JSONLines.decode(ExpectedBatch.self, from: directory.appending("\(partition).batches.jsonl"))
        records = try JSONLines.decode(ExpectedRecord.self, from: directory.appending("\(partition).jsonl"))
        let hasControls = ["__cluster_metadata-0", "txn-0"].contains(partition)
        controls =
            hasControls
            ? try JSONLines.decode(ExpectedControl.self, from: directory.appending("\(partition).control.jsonl")) : []
    }
}

struct ExpectedBatch: Decodable, Equatable {
    var segment: String
    var position: Int
    var baseOffset: Int64
    var lastOffset: Int64
    var count: Int32
    var crc: UInt32
    var compresscodec: String
    var producerId: Int64
    var producerEpoch: Int16
    var baseSequence: Int32
    var lastSequence: Int32
    var isTransactional: Bool
    var isControl: Bool
    var partitionLeaderEpoch: Int32
    var timestampType: String
    var maxTimestamp: Int64
    var deleteHorizonMs: Int64?
    var size: Int
    var magic: Int8

    init(_ header: RecordBatchHeader, segment: String, position: Int) {
        self.segment = segment
        self.position = position
        baseOffset = header.baseOffset.rawValue
        lastOffset = header.lastOffset.rawValue
        count = header.recordCount
        crc = header.crc
        compresscodec = header.codec?.name ?? "unknown"
        producerId = header.producerID.rawValue
        producerEpoch = header.producerEpoch.rawValue
        baseSequence = header.baseSequence.rawValue
        lastSequence = header.lastSequence.rawValue
        isTransactional = header.isTransactional
        isControl = header.isControl
        partitionLeaderEpoch = header.partitionLeaderEpoch.rawValue
        timestampType = header.timestampType.name
        maxTimestamp = header.maxTimestamp.rawValue
        deleteHorizonMs = header.deleteHorizon?.rawValue
        size = header.byteCount
        magic = header.magic
    }
}

struct ExpectedRecord: Decodable, Equatable {
    /// A name and a value, written as an array of two.
    struct Header: Decodable, Equatable {
        var name: String
        var valueBase64: String?

        init(_ header: RecordHeader) {
            name = header.key
            valueBase64 = header.value.map { Data($0).base64EncodedString() }
        }

        init(from decoder: any Decoder) throws {
            var pair = try decoder.unkeyedContainer()
            name = try pair.decode(String.self)
            valueBase64 = try pair.decodeIfPresent(String.self)
        }
    }

    var offset: Int64
    var timestamp: Int64
    var timestampType: String
    var keyBase64: String?
    var valueBase64: String?
    var headers: [Header]

    init(_ record: Record) {
        offset = record.offset.rawValue
        timestamp = record.timestamp.rawValue
        timestampType = record.timestampType.name
        keyBase64 = record.key.map { Data($0).base64EncodedString() }
        valueBase64 = record.value.map { Data($0).base64EncodedString() }
        headers = record.headers.map { Header($0) }
    }
}

struct ExpectedControl: Decodable, Equatable {
    var offset: Int64
    var timestamp: Int64
    var timestampType: String
    var producerId: Int64
    var producerEpoch: Int16
    var controlType: String
    var coordinatorEpoch: Int32?
    var keyBase64: String
    var valueBase64: String

    init(_ record: Record, _ header: RecordBatchHeader) throws {
        let key = record.key ?? []
        let value = record.value ?? []
        let control = try ControlRecord(key: key.span.bytes, value: value.span.bytes)
        offset = record.offset.rawValue
        timestamp = record.timestamp.rawValue
        timestampType = record.timestampType.name
        producerId = header.producerID.rawValue
        producerEpoch = header.producerEpoch.rawValue
        controlType =
            switch control.type {
            case .abort: "ABORT"
            case .commit: "COMMIT"
            case .leaderChange: "LEADER_CHANGE"
            case .snapshotHeader: "SNAPSHOT_HEADER"
            case .snapshotFooter: "SNAPSHOT_FOOTER"
            case .kraftVersion: "KRAFT_VERSION"
            case .kraftVoters: "KRAFT_VOTERS"
            case .unknown(let rawValue): "UNKNOWN \(rawValue)"
            }
        coordinatorEpoch = control.coordinatorEpoch
        keyBase64 = Data(key).base64EncodedString()
        valueBase64 = Data(value).base64EncodedString()
    }
}
