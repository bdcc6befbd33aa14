import CommitLog
import RecordBatch
import TestSupport
import Testing

@Suite("Entries of index files")
struct IndexEntryTests {
    /// The entries of a file, as `describe` puts them, up to the first that is zero.
    private func dump<Entry: IndexEntry>(
        _ bytes: [UInt8],
        as type: Entry.Type,
        _ describe: (Entry) -> String
    ) throws -> [String] {
        let entries = IndexEntries<Entry>(bytes.rawSpan)
        #expect(entries.trailingByteCount == 0)
        let count = try entries.countBeforeZeros()
        var encoded: [UInt8] = []
        var lines: [String] = []
        for index in 0..<count {
            let entry = try entries.entry(index)
            lines.append(describe(entry))
            entry.append(to: &encoded)
        }
        // Written again the entries are the bytes that they were read from, and what is left is zeros.
        #expect(bytes == encoded + [UInt8](repeating: 0, count: bytes.count - encoded.count))
        return lines
    }

    /// What kafka-dump-log shows; nothing where it only shows the zeros of an index that was sized ahead.
    private func expected(_ file: DumpedFile, falseEntry: String) -> [String]? {
        file.dump == [falseEntry] ? [] : file.dump
    }

    @Test("an offset index holds what kafka-dump-log shows", arguments: Fixtures.State.allCases)
    func offsetIndexes(state: Fixtures.State) throws {
        for file in try DumpedFile.all(.index, state) {
            let base = file.name.baseOffset
            let lines = try dump(file.bytes, as: OffsetIndexEntry.self) { entry in
                "offset: \(entry.offset(from: base)?.rawValue ?? -1) position: \(entry.position)"
            }
            #expect(lines == expected(file, falseEntry: "offset: \(base.rawValue) position: 0"), "\(file.path)")
        }
    }

    @Test("a time index holds what kafka-dump-log shows", arguments: Fixtures.State.allCases)
    func timeIndexes(state: Fixtures.State) throws {
        for file in try DumpedFile.all(.timeindex, state) {
            let base = file.name.baseOffset
            let lines = try dump(file.bytes, as: TimeIndexEntry.self) { entry in
                "timestamp: \(entry.timestamp.rawValue) offset: \(entry.offset(from: base)?.rawValue ?? -1)"
            }
            #expect(lines == expected(file, falseEntry: "timestamp: 0 offset: \(base.rawValue)"), "\(file.path)")
        }
    }

    @Test("a transaction index holds what kafka-dump-log shows", arguments: Fixtures.State.allCases)
    func transactionIndexes(state: Fixtures.State) throws {
        for file in try DumpedFile.all(.txnindex, state) {
            let lines = try dump(file.bytes, as: AbortedTransaction.self) { entry in
                """
                version: 0 producerId: \(entry.producerID.rawValue) firstOffset: \(entry.firstOffset.rawValue) \
                lastOffset: \(entry.lastOffset.rawValue) lastStableOffset: \(entry.lastStableOffset.rawValue)
                """
            }
            #expect(lines == file.dump, "\(file.path)")
        }
    }

    @Test("bytes behind the last whole entry are told, and are no entry")
    func trailingBytes() throws {
        let bytes = [UInt8](repeating: 1, count: 2 * OffsetIndexEntry.byteCount + 3)
        let entries = IndexEntries<OffsetIndexEntry>(bytes.rawSpan)
        #expect(entries.count == 2)
        #expect(entries.trailingByteCount == 3)
        #expect(try entries.countBeforeZeros() == 2)
    }

    @Test("nothing behind a zero entry counts")
    func zeros() throws {
        var bytes: [UInt8] = []
        for (offset, position) in [(1, 100), (0, 0), (9, 900)] as [(Int32, Int32)] {
            OffsetIndexEntry(relativeOffset: offset, position: position).append(to: &bytes)
        }
        #expect(try IndexEntries<OffsetIndexEntry>(bytes.rawSpan).countBeforeZeros() == 1)
    }

    @Test("a relative offset that no log can have gives no offset")
    func impossibleOffsets() {
        let far = OffsetIndexEntry(relativeOffset: 1, position: 0)
        #expect(far.offset(from: Offset(rawValue: .max)) == nil)
        #expect(far.offset(from: Offset(rawValue: .max - 1)) == Offset(rawValue: .max))
        #expect(OffsetIndexEntry(relativeOffset: -1, position: 0).offset(from: Offset(rawValue: 10)) == nil)
        #expect(TimeIndexEntry(timestamp: .none, relativeOffset: .min).offset(from: Offset(rawValue: .max)) == nil)
    }

    @Test("what is encoded decodes to the same entries", arguments: Seed.all)
    func roundTrip(seed: Seed) throws {
        var generator = seed.generator
        for _ in 0..<100 {
            let offset = OffsetIndexEntry(
                relativeOffset: .random(in: .min ... .max, using: &generator),
                position: .random(in: .min ... .max, using: &generator)
            )
            let time = TimeIndexEntry(
                timestamp: Timestamp(rawValue: .random(in: .min ... .max, using: &generator)),
                relativeOffset: .random(in: .min ... .max, using: &generator)
            )
            var bytes: [UInt8] = []
            offset.append(to: &bytes)
            time.append(to: &bytes)
            #expect(bytes.count == OffsetIndexEntry.byteCount + TimeIndexEntry.byteCount)
            #expect(OffsetIndexEntry(decoding: bytes.rawSpan, at: 0) == offset)
            #expect(TimeIndexEntry(decoding: bytes.rawSpan, at: OffsetIndexEntry.byteCount) == time)
        }
    }

    @Test("an aborted transaction that none can be is refused")
    func impossibleTransactions() throws {
        func bytes(_ first: Int64, _ last: Int64, _ stable: Int64) -> [UInt8] {
            var bytes: [UInt8] = []
            AbortedTransaction(
                producerID: ProducerID(rawValue: 7),
                firstOffset: Offset(rawValue: first),
                lastOffset: Offset(rawValue: last),
                lastStableOffset: Offset(rawValue: stable)
            ).append(to: &bytes)
            return bytes
        }
        func parse(_ bytes: [UInt8]) throws(FormatError) -> AbortedTransaction {
            try AbortedTransaction(decoding: bytes.rawSpan, at: 0)
        }

        #expect(try parse(bytes(3, 9, 4)).lastOffset == Offset(rawValue: 9))
        for impossible in [bytes(-1, 9, 4), bytes(9, 3, 4), bytes(3, 9, -1)] {
            let error = #expect(throws: FormatError.self) { try parse(impossible) }
            #expect(error?.code == .malformed)
        }
        var later = bytes(3, 9, 4)
        later[1] = 1
        let error = #expect(throws: FormatError.self) { try parse(later) }
        #expect(error?.code == .unsupportedVersion)
    }
}
