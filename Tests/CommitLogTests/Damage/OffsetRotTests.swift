import Glibc
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A log that rots while it is open", .memoryDirectory)
struct OffsetRotTests {
    /// All bits of the batches' headers, and of the records those that the seed chooses; with `EVERY_BIT` all.
    private func bits(_ log: DamagedLog, _ segment: Offset, _ random: inout SplitMix64) throws -> [Int] {
        let boundaries = try log.boundaries(segment)
        guard let size = boundaries.last else { return [] }
        return (0..<(size * 8)).filter { bit in
            let start = boundaries.last { $0 <= bit / 8 } ?? 0
            return everyBit || bit / 8 - start < RecordBatchHeader.byteCount || random.chance(oneIn: 16)
        }
    }

    @Test(
        "gives out what was written or an error, whichever bit of its batches flips",
        arguments: [CompressionCodec.none, .zstd]
    )
    func logs(codec: CompressionCodec) async throws {
        let seed = Seed.all[0]
        var random = seed.generator
        let original = try await DamagedLog.make(codec: codec, batches: 4)
        let directory = try await LogDirectory.open(original.root, DamagedLog.configuration)
        let log = try directory.makeLog()
        let all = (original.start.rawValue..<original.end.rawValue).map { Offset($0) }
        #expect(await original.wrongReads(of: log, from: [original.start]) == [])
        #expect(await original.wrongSlices(of: log, at: all) == [])
        #expect(await original.wrongLookups(of: log, isExact: true) == [])
        var errors = 0
        for segment in try original.segments() {
            for bit in try bits(original, segment, &random) {
                let path = original.path(segment)
                try flip(bit, of: path)
                let near = [segment, segment + 1, segment + 4].filter { all.contains($0) }
                var wrong = await original.wrongReads(of: log, from: [near[0]])
                wrong += await original.wrongSlices(of: log, at: near)
                if bit % 3 == 0 { wrong += await original.wrongLookups(of: log, isExact: false) }
                #expect(wrong == [], "\(seed) bit \(bit % 8) of byte \(bit / 8) of \(path)")
                try flip(bit, of: path)
                errors += 1
            }
        }
        #expect(errors > 1000)
        try await directory.close()
    }

    @Test("a batch with a damaged base offset or length is an error to who reads it, and those before it are read")
    func prefix() async throws {
        let original = try await DamagedLog.make()
        let directory = try await LogDirectory.open(original.root, DamagedLog.configuration)
        let log = try directory.makeLog()
        for segment in try original.segments() {
            for (number, start) in try original.boundaries(segment).dropLast().enumerated() {
                for bit in 0..<96 {
                    try flip(start * 8 + bit, of: original.path(segment))
                    let batch = segment + 3 * number
                    let error = await failure {
                        for try await record in log.records(from: max(batch, original.start)) {
                            #expect(record == original.records[record.offset])
                            if record.offset >= batch { break }
                        }
                        throw LogError(.notFound, "a record of a damaged batch was given out")
                    }
                    #expect(error?.code == .corruptMessage, "bit \(bit) of the batch at \(batch)")
                    try flip(start * 8 + bit, of: original.path(segment))
                }
            }
        }
        try await directory.close()
    }

    @Test("lookups find what they should, whichever bit of an index flips")
    func indexes() async throws {
        let original = try await DamagedLog.make()
        for segment in try original.segments() {
            for kind in [SegmentFileName.Kind.index, .timeindex] {
                let path = original.path(segment, kind)
                for bit in 0..<(try Fixtures.bytes(of: path).count * 8) where everyBit || bit % 37 == 0 {
                    // What an index holds is remembered, so each time the directory is opened anew.
                    let scene = try original.copy(to: TemporaryDirectory.current.appending("scene"))
                    try flip(bit, of: scene.path(segment, kind))
                    let directory = try await LogDirectory.open(scene.root, DamagedLog.configuration)
                    let log = try directory.makeLog()
                    let all = (original.start.rawValue..<original.end.rawValue).map { Offset($0) }
                    var wrong = await original.wrongLookups(of: log, isExact: true)
                    wrong += await original.wrongSlices(of: log, at: all)
                    wrong += await original.wrongReads(of: log, from: [original.start])
                    #expect(wrong == [], "bit \(bit % 8) of byte \(bit / 8) of \(path)")
                    try await directory.close()
                    try FileSystem.removeTree(scene.root)
                }
            }
        }
    }
}

/// Whether tests of damage go through every bit, which takes some minutes.
var everyBit: Bool { getenv("EVERY_BIT") != nil }
