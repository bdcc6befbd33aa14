import RecordBatch
import TestSupport
import Testing

@testable import CommitLog

@Suite("The durable checkpoint")
struct DurableCheckpointTests {
    private func sample(_ random: inout SplitMix64) throws -> DurableCheckpoint {
        var checkpoint = DurableCheckpoint()
        checkpoint.leaderEpoch = LeaderEpoch(Int32.random(in: -1...100, using: &random))
        checkpoint.recoveryPointChecksums = (0..<Int.random(in: 1...2, using: &random)).map { _ in
            UInt32.random(in: 0 ... .max, using: &random)
        }
        for number in 0..<Int.random(in: 0...5, using: &random) {
            let partition = try TopicPartition(topic: "topic.\(number)", partition: Int32(number))
            let times: [DurableCheckpoint.Times] = [
                .settled, .unknown, .largest(.init(timestamp: Timestamp(-1), offset: Offset(4))),
            ]
            checkpoint.entries[partition] = .init(
                start: Offset(Int64.random(in: 0...1000, using: &random)),
                recoveryPoint: Offset(Int64.random(in: 0...1000, using: &random)),
                segment: Offset(Int64.random(in: 0...1000, using: &random)),
                position: FilePosition(Int64.random(in: 0...1000, using: &random)),
                offset: Offset(Int64.random(in: 0 ... .max, using: &random)),
                times: times[number % 3],
                epoch: LeaderEpoch(Int32.random(in: -1...9, using: &random)),
                epochStart: Offset(3),
                writer: LeaderEpoch(Int32.random(in: -1...9, using: &random))
            )
        }
        return checkpoint
    }

    @Test("reads back what was written", arguments: Seed.all)
    func roundTrip(seed: Seed) throws {
        var random = seed.generator
        for _ in 0..<50 {
            let checkpoint = try sample(&random)
            #expect(try DurableCheckpoint(parsing: checkpoint.encoded()) == checkpoint, "\(seed)")
        }
    }

    @Test("is refused when cut at any length, and when any bit is flipped")
    func damage() throws {
        var random = SplitMix64(seed: 7)
        let bytes = try sample(&random).encoded()
        for length in 0..<bytes.count {
            #expect(throws: FormatError.self) { try DurableCheckpoint(parsing: Array(bytes[..<length])) }
        }
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: FormatError.self, "bit \(bit)") { try DurableCheckpoint(parsing: damaged) }
        }
    }
}

@Suite("The names in a partition's directory")
struct PartitionFilesTests {
    @Test("are told apart")
    func classified() {
        let files = PartitionFiles(names: [
            "00000000000000000020.log", "00000000000000000000.log", "00000000000000000000.index",
            "00000000000000000007.timeindex", "00000000000000000000.log.deleted", "00000000000000000020.log.prepared",
            "00000000000000000000.log.cleaned", "00000000000000000000.log.swap", "00000000000000000020.log.torn",
            "00000000000000000003.snapshot", "leader-epoch-checkpoint", "leader-epoch-checkpoint.tmp",
            UnsyncedMark.fileName, "notes.txt",
        ])
        #expect(files.segments == [Offset(0), Offset(20)])
        #expect(files.strays == ["00000000000000000007.timeindex"])
        #expect(files.swaps == ["00000000000000000000.log.swap"])
        #expect(files.leftovers.count == 4)
        #expect(files.hasUnsyncedMark)
    }
}
