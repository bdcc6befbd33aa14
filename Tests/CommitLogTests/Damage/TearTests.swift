import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("What a file system may leave of writes that were not synced", .memoryDirectory)
struct TearTests {
    /// Opens a scene whose bytes above the durable position are `suffix`, and looks at what became of them.
    private func check(_ scene: CrashedLog, written: [UInt8], suffix: [UInt8], _ what: String) async throws {
        let durableEnd = Int(scene.durable.position.rawValue)
        try FileSystem.replaceFile(scene.path, contents: Array(written[..<durableEnd]) + suffix)
        let directory = try await LogDirectory.open(scene.root)
        let log = try directory.makeLog()
        #expect(log.failure == nil, "\(what)")
        #expect(log.logEndOffset >= scene.durable.offset, "\(what): what was durable is there")
        #expect(await scene.log.wrongReads(of: log, from: [Offset(0)]) == [], "\(what)")
        #expect(try await log.readAll().map(\.offset) == (0..<log.logEndOffset.rawValue).map { Offset($0) }, "\(what)")
        let kept = try Fixtures.bytes(of: scene.path)
        #expect(written.starts(with: kept) && kept.count >= durableEnd, "\(what): what is kept was written")
        // What is sound of the suffix is kept, to its last batch.
        let boundaries = try scene.log.boundaries(scene.durable.segment)
        #expect(boundaries.last == kept.count, "\(what)")
        let rest = Array(suffix[(kept.count - durableEnd)...])
        #expect(directory.recovery.tornBytes == rest.count, "\(what)")
        let torn = try FileSystem.list(scene.log.directory).map(\.name).filter { $0.contains(".torn") }
        #expect(torn.count == (rest.isEmpty ? 0 : 1), "\(what)")
        for name in torn { #expect(try Fixtures.bytes(of: scene.log.directory.appending(name)) == rest, "\(what)") }
        try await directory.close()
        var verifier = try LogVerifier(scene.root)
        #expect(verifier.findAll().faults == [], "\(what)")
    }

    @Test("cut at every length: the batches before it are kept, the rest lies beside the log")
    func lengths() async throws {
        let crashed = try await CrashedLog.make()
        let written = try Fixtures.bytes(of: crashed.path)
        let suffix = Array(written[Int(crashed.durable.position.rawValue)...])
        let batchBytes = suffix.count / 3
        for length in 0...suffix.count where everyBit || length % 11 == 0 || length % batchBytes < 2 {
            try await check(try crashed.scene(), written: written, suffix: Array(suffix[..<length]), "\(length) bytes")
        }
    }

    @Test(
        "zeros, stale bytes, and pages in any order: only what was written there is kept",
        arguments: Seed.all.prefix(4)
    )
    func contents(seed: Seed) async throws {
        var random = seed.generator
        let crashed = try await CrashedLog.make(lost: 6)
        let written = try Fixtures.bytes(of: crashed.path)
        let durableEnd = Int(crashed.durable.position.rawValue)
        let suffix = Array(written[durableEnd...])
        for round in 0..<8 {
            var torn = suffix
            let pageBytes = [16, 61, 100, 128][Int.random(in: 0..<4, using: &random)]
            let pages = stride(from: 0, to: torn.count - pageBytes, by: pageBytes).map { $0..<($0 + pageBytes) }
            for page in pages where random.chance(oneIn: 3) {
                switch round % 4 {
                case 0: torn.replaceSubrange(page, with: repeatElement(0, count: page.count))
                case 1:
                    // Of an older file in the same place: batches, whole ones too.
                    let from = Int.random(in: 0...(durableEnd - page.count), using: &random)
                    torn.replaceSubrange(page, with: written[from..<(from + page.count)])
                case 2:
                    let other = pages[Int.random(in: 0..<pages.count, using: &random)]
                    let bytes = Array(torn[page])
                    torn.replaceSubrange(page, with: torn[other])
                    torn.replaceSubrange(other, with: bytes)
                default:
                    torn.replaceSubrange(page, with: random.bytes(count: page.count...page.count))
                }
            }
            if round % 5 == 4 { torn.removeLast(Int.random(in: 0..<torn.count, using: &random)) }
            try await check(try crashed.scene(), written: written, suffix: torn, "\(seed) round \(round)")
        }
    }

    @Test("whole batches that stand elsewhere, or stood there before, are not taken for new ones")
    func batches() async throws {
        let crashed = try await CrashedLog.make()
        let written = try Fixtures.bytes(of: crashed.path)
        let boundaries = try crashed.log.boundaries(crashed.durable.segment)
        let batches = zip(boundaries, boundaries.dropFirst()).map { Array(written[$0..<$1]) }
        let tail = batches.suffix(3).map(\.self)
        let orders = [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 1, 0], [2, 0, 1], [1], [2], [0, 0], [0, 2]]
        for order in orders {
            let suffix = order.flatMap { tail[$0] }
            try await check(try crashed.scene(), written: written, suffix: suffix, "\(order)")
        }
        for batch in batches.dropLast(3) {
            try await check(try crashed.scene(), written: written, suffix: batch + tail[1], "an older batch")
        }
    }

    @Test("an index that was not synced is made anew, whatever is left of it", arguments: Seed.all.prefix(2))
    func indexes(seed: Seed) async throws {
        var random = seed.generator
        let crashed = try await CrashedLog.make(batches: 12, lost: 6, DamagedLog.configuration)
        // Those below the recovery point were synced.
        let bases = try crashed.log.segments()
        let segments = bases[(bases.lastIndex { $0 <= crashed.durable.recoveryPoint } ?? 0)...]
        for round in 0..<12 {
            let scene = try crashed.scene()
            for segment in segments {
                for kind in [SegmentFileName.Kind.index, .timeindex] {
                    let path = scene.log.path(segment, kind)
                    guard var bytes = try? Fixtures.bytes(of: path) else { continue }
                    switch round % 6 {
                    case 0: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                    case 1: bytes = entries(of: bytes).flatMap { random.chance(oneIn: 3) ? $0.map { _ in 0 } : $0 }
                    case 2: bytes = entries(of: bytes).shuffled(using: &random).flatMap(\.self)
                    case 3: bytes = [UInt8](repeating: 0, count: bytes.count + 500)
                    case 4: bytes += bytes.reversed()
                    default: bytes = random.bytes(count: 0...300)
                    }
                    try FileSystem.replaceFile(path, contents: bytes)
                }
            }
            let directory = try await LogDirectory.open(scene.root, DamagedLog.configuration)
            let log = try directory.makeLog()
            #expect(log.failure == nil && log.logEndOffset == scene.log.end, "\(seed) round \(round)")
            #expect(await scene.log.wrongReads(of: log, from: [Offset(0)]) == [], "\(seed) round \(round)")
            #expect(await scene.log.wrongLookups(of: log, isExact: true) == [], "\(seed) round \(round)")
            try await directory.close()
            var verifier = try LogVerifier(scene.root)
            #expect(verifier.findAll().faults == [], "\(seed) round \(round)")
        }
    }

    /// A file in pieces in which both kinds of entries end.
    private func entries(of bytes: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: 24).map { Array(bytes[$0..<min($0 + 24, bytes.count)]) }
    }

    @Test("a checkpoint, a list or a snapshot that is cut at any length, or zeroed, costs no record")
    func smallFiles() async throws {
        let crashed = try await CrashedLog.make(lost: 0)
        try FileSystem.replaceFile(crashed.log.path(Offset(12), .snapshot), contents: ProducerSnapshot([]).encoded())
        let names = try Fixtures.files(below: crashed.root).filter {
            !$0.string.hasSuffix(".log") && !$0.string.hasSuffix("index") && !$0.string.hasSuffix(".lock")
        }
        #expect(names.count >= 8)
        for path in names {
            let bytes = try Fixtures.bytes(of: path)
            let suffix = path.string.dropFirst(crashed.root.string.utf8.count + 1)
            let lengths = (0..<bytes.count).filter { everyBit || $0 % 23 == 0 || $0 + 2 > bytes.count }
            let tears = lengths.map { Array(bytes[..<$0]) } + [[UInt8](repeating: 0, count: bytes.count)]
            for torn in tears {
                let scene = try crashed.scene()
                try FileSystem.replaceFile(scene.root.appending(String(suffix)), contents: torn)
                do {
                    let directory = try await LogDirectory.open(scene.root)
                    let log = try directory.makeLog()
                    #expect(log.failure == nil, "\(suffix) of \(torn.count) bytes")
                    #expect(log.logEndOffset == scene.log.end, "\(suffix) of \(torn.count) bytes")
                    #expect(await scene.log.wrongReads(of: log, from: [Offset(0)]) == [], "\(suffix)")
                    #expect(directory.recovery.tornBytes == 0, "\(suffix) of \(torn.count) bytes")
                    try await directory.close()
                } catch let error as LogError {
                    #expect(error.code == .invalidDirectory, "\(suffix) of \(torn.count) bytes: \(error)")
                    #expect(try Fixtures.bytes(of: scene.path) == Fixtures.bytes(of: crashed.path), "\(suffix)")
                }
            }
        }
    }
}
