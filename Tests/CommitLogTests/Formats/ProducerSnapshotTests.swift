import CommitLog
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@Suite("Producer snapshots")
struct ProducerSnapshotTests {
    private func describe(_ entry: ProducerSnapshot.Entry) -> String {
        let open = entry.currentTransactionFirstOffset.map { "OptionalLong[\($0.rawValue)]" } ?? "OptionalLong.empty"
        let timestamp = entry.timestamp.rawValue
        let state = """
            producerId: \(entry.producerID.rawValue) producerEpoch: \(entry.producerEpoch.rawValue) coordinatorEpoch: \
            \(entry.coordinatorEpoch) currentTxnFirstOffset: \(open) lastTimestamp: \(timestamp)
            """
        // The tool shows nothing of the last batch where there is none.
        guard entry.lastOffset.rawValue >= 0 else { return state }
        return state + """
             firstSequence: \(entry.firstSequence.rawValue) lastSequence: \(entry.lastSequence.rawValue) lastOffset: \
            \(entry.lastOffset.rawValue) offsetDelta: \(entry.offsetDelta) timestamp: \(timestamp)
            """
    }

    @Test(
        "a snapshot holds what kafka-dump-log shows, and is written as it was read",
        arguments: Fixtures.State.allCases
    )
    func fixtures(state: Fixtures.State) throws {
        var entryCount = 0
        for file in try DumpedFile.all(.snapshot, state) {
            let snapshot = try ProducerSnapshot(parsing: file.bytes.rawSpan)
            #expect(snapshot.encoded() == file.bytes)
            if let dump = file.dump { #expect(snapshot.entries.map(describe) == dump, "\(file.path)") }
            entryCount += snapshot.entries.count
        }
        #expect(entryCount > 0)
    }

    @Test("a snapshot cut short, or with any bit turned, is refused")
    func damage() throws {
        let file = try Fixtures.logDirectory(.clean).appending("txn-0/00000000000000000050.snapshot")
        let bytes = try Fixtures.bytes(of: file)
        Mutilation.expectEveryPrefixRefused(bytes) { (bytes) throws(FormatError) in
            _ = try ProducerSnapshot(parsing: bytes.rawSpan)
        }
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: FormatError.self, "bit \(bit)") { try ProducerSnapshot(parsing: damaged.rawSpan) }
        }
        #expect(throws: FormatError.self) { try ProducerSnapshot(parsing: (bytes + [0]).rawSpan) }
    }

    @Test("entries with a right checksum and impossible values are refused")
    func impossibleValues() throws {
        var entry = ProducerSnapshot.Entry(
            producerID: ProducerID(rawValue: 1),
            producerEpoch: ProducerEpoch(rawValue: 0),
            lastSequence: .none,
            lastOffset: Offset(rawValue: -1),
            offsetDelta: 0,
            timestamp: .none,
            coordinatorEpoch: -1,
            currentTransactionFirstOffset: nil
        )
        #expect(try ProducerSnapshot(parsing: ProducerSnapshot([entry]).encoded().rawSpan).entries == [entry])
        entry.offsetDelta = -1
        let error = #expect(throws: FormatError.self) {
            try ProducerSnapshot(parsing: ProducerSnapshot([entry]).encoded().rawSpan)
        }
        #expect(error?.code == .malformed)
    }

    @Test("the first sequence number is found over the wrap of the counter")
    func wrappedSequence() {
        var entry = ProducerSnapshot.Entry(
            producerID: ProducerID(rawValue: 1),
            producerEpoch: ProducerEpoch(rawValue: 0),
            lastSequence: SequenceNumber(rawValue: 2),
            lastOffset: Offset(rawValue: 100),
            offsetDelta: 5,
            timestamp: .none,
            coordinatorEpoch: -1,
            currentTransactionFirstOffset: nil
        )
        #expect(entry.firstSequence.rawValue == Int32.max - 2)
        entry.lastSequence = SequenceNumber(rawValue: 5)
        #expect(entry.firstSequence.rawValue == 0)
        entry.lastSequence = .none
        #expect(entry.firstSequence == .none)
    }

    @Test("what is encoded parses to the same entries", arguments: Seed.all)
    func roundTrip(seed: Seed) throws {
        var generator = seed.generator
        let entries = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
            ProducerSnapshot.Entry(
                producerID: ProducerID(rawValue: .random(in: .min ... .max, using: &generator)),
                producerEpoch: ProducerEpoch(rawValue: .random(in: .min ... .max, using: &generator)),
                lastSequence: SequenceNumber(rawValue: .random(in: -1 ... .max, using: &generator)),
                lastOffset: Offset(rawValue: .random(in: -1 ... .max, using: &generator)),
                offsetDelta: .random(in: 0 ... .max, using: &generator),
                timestamp: Timestamp(rawValue: .random(in: .min ... .max, using: &generator)),
                coordinatorEpoch: .random(in: .min ... .max, using: &generator),
                currentTransactionFirstOffset: generator.chance(oneIn: 2)
                    ? nil : Offset(rawValue: .random(in: 0 ... .max, using: &generator))
            )
        }
        let snapshot = ProducerSnapshot(entries)
        #expect(try ProducerSnapshot(parsing: snapshot.encoded().rawSpan) == snapshot)
    }
}
