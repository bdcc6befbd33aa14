@testable import CommitLog
import RecordBatch

/// Text files of a log directory are refused, or mean something that survives being written and read; so are names.
enum CheckpointProperty {
    static func check(_ input: [UInt8]) throws {
        var input = FuzzInput(input)
        let choice = input.byte()
        let bytes = Array(input.rest)
        switch choice % 9 {
        case 0: try expectComesBack(bytes, parse: OffsetCheckpoint.init(parsing:)) { $0.encoded() }
        case 1: try checkEpochs(bytes)
        case 2: try expectComesBack(bytes, parse: DurableCheckpoint.init(parsing:)) { $0.encoded() }
        case 3:
            let crc = CRC32C.checksum(of: bytes.rawSpan)
            try expectComesBack(bytes + Array("crc \(crc)\n".utf8), parse: DurableCheckpoint.init(parsing:)) {
                $0.encoded()
            }
        case 4: try expectComesBack(bytes, parse: MetaProperties.init(parsing:)) { $0.encoded() }
        case 5: try expectComesBack(bytes, parse: PartitionMetadata.init(parsing:)) { $0.encoded() }
        case 6: try expectComesBack(bytes, parse: CleanShutdownFile.init(parsing:)) { $0.encoded() }
        case 7:
            try expectComesBack(bytes) { (bytes) throws(FormatError) in
                try JavaProperties(parsing: bytes, format: "properties")
            } encode: {
                $0.encoded()
            }
        default: try checkNames(String(decoding: bytes, as: UTF8.self))
        }
    }

    private static func checkEpochs(_ bytes: [UInt8]) throws {
        var epochs = try LeaderEpochCache(parsing: bytes)
        try expect(bytes.isEmpty || epochs.encoded() == bytes, "there is one way to write epochs")
        try checkOrder(epochs)
        let entries = epochs.entries
        for (entry, next) in zip(entries, entries.dropFirst()) {
            try expect(epochs.epoch(at: entry.startOffset) == entry.epoch, "an epoch begins at its first offset")
            try expect(epochs.epoch(at: next.startOffset + -1) == entry.epoch, "an epoch ends before the next")
        }
        guard entries.count > 1 else { return }
        let middle = entries[entries.count / 2]
        epochs.truncateFromEnd(middle.startOffset)
        try expect(epochs.entries.count == entries.count / 2, "epochs that begin behind a cut are gone")
        epochs.assign(middle.epoch, startOffset: middle.startOffset)
        try expect(epochs.latest == middle, "an epoch that is assigned is the latest")
        epochs.truncateFromStart(middle.startOffset)
        try expect(epochs.entries == [middle], "epochs that end before a cut are gone")
        try checkOrder(epochs)
    }

    private static func checkOrder(_ epochs: LeaderEpochCache) throws {
        let pairs = zip(epochs.entries, epochs.entries.dropFirst())
        try expect(
            pairs.allSatisfy { $0.epoch < $1.epoch && $0.startOffset < $1.startOffset },
            "epochs rise: \(epochs.entries)"
        )
    }

    private static func checkNames(_ name: String) throws {
        if let file = SegmentFileName(parsing: name) {
            try expect(file.description == name, "a segment's file has one name: \(name), not \(file)")
        }
        let directory = try PartitionDirectoryName(parsing: name)
        try expect(directory.description == name, "a partition's directory has one name: \(name), not \(directory)")
    }
}
