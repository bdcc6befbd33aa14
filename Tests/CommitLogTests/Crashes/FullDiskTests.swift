import LinuxIO
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A disk that is full", .temporaryDirectory, .serialized)
struct FullDiskTests {
    @Test("refuses appends and takes nothing, and serves again when the head is cut: tmpfs", .mounting(.tmpfs))
    func tmpfs() async throws { try await fillAndCut(.tmpfs) }

    @Test("refuses appends and takes nothing, and serves again when the head is cut: ext4", .mounting(.ext4))
    func ext4() async throws { try await fillAndCut(.ext4) }

    private var configuration: LogConfiguration {
        var configuration = LogConfiguration.small
        // Few files, whose names fit into one block of the directory: it has none to get on a full disk.
        configuration.segmentBytes = 256 << 10
        return configuration
    }

    private func mounted(_ kind: MountedImage.Kind) async throws -> MountedImage {
        let temporary = TemporaryDirectory.current
        return try await onOwnThread { try MountedImage(kind, megabytes: 4, in: temporary) }
    }

    /// Appends until the disk is full.
    ///
    /// Returns how many batches there are.
    private func fill(_ log: PartitionLog, from first: Int) throws -> Int {
        var tag = first
        while true {
            do throws(LogError) {
                _ = try log.append(batch(tag))
                tag += 1
            } catch {
                #expect(error.code == .outOfSpace && error.isRetryable)
                return tag
            }
        }
    }

    private func batch(_ tag: Int) -> [UInt8] {
        do {
            return try Batches.batch(valueBytes: 2000, tag: tag)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private func values(_ tags: Range<Int>) -> [[UInt8]] {
        tags.map { Batches.value(tag: $0, index: 0, bytes: 2000) }
    }

    private func fillAndCut(_ kind: MountedImage.Kind) async throws {
        let image = try await mounted(kind)
        let root = image.path.appending("data")
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        var count = 0
        // Again after housekeeping, which may have given back what it had reserved.
        for _ in 0..<2 {
            count = try fill(log, from: count)
            try await log.flush()
            await directory.services.housekeeper.run {}
        }
        #expect(log.logEndOffset == Offset(Int64(count)) && log.failure == nil)
        #expect(try await log.readAll().map(\.value) == values(0..<count))

        let start = log.segments[log.segmentCount / 2].baseOffset
        try await log.truncateHead(to: start)
        #expect(log.logStartOffset == start)
        for tag in count..<count + 20 { try await log.appendDurably(batch(tag)) }
        count += 20
        #expect(try await log.readAll().map(\.value) == values(Int(start.rawValue)..<count))
        try await directory.close()
        let again = try await LogDirectory.open(root, configuration)
        #expect(again.recovery == RecoveryReport())
        #expect(try await again.makeLog().readAll().map(\.value) == values(Int(start.rawValue)..<count))
        try await again.close()
    }

    // Of ext4, an opening may find a block that recovery has given back.
    @Test("keeps a directory that has crashed from being opened, for as long as it is full", .mounting(.tmpfs))
    func reopen() async throws {
        let image = try await mounted(.tmpfs)
        let root = image.path.appending("data")
        let directory = try await LogDirectory.open(root, configuration)
        for tag in 0..<100 { try await directory.makeLog().appendDurably(batch(tag)) }
        try await directory.makeLog().truncateHead(to: Offset(40))
        let crashed = image.path.appending("crashed")
        try Fixtures.copy(root, to: crashed)
        try await directory.close()
        let ballast = image.path.appending("ballast")
        try fillWithBallast(ballast)
        for _ in 0..<2 {
            let error = await failure(of: { try await LogDirectory.open(crashed, configuration) })
            #expect(error?.code == .outOfSpace && error?.isRetryable == true, "\(String(describing: error))")
        }
        try FileSystem.removeFile(ballast)
        let again = try await LogDirectory.open(crashed, configuration)
        let log = try again.makeLog()
        #expect(log.failure == nil && log.logStartOffset == Offset(40))
        #expect(try await log.readAll().map(\.value) == values(40..<100))
        try await again.close()
    }

    /// Writes a file until there is no block left.
    private func fillWithBallast(_ path: FilePath) throws {
        let file = try File.open(path, .readWrite, create: .mustNotExist)
        var position: Int64 = 0
        for bytes in [1 << 16, 4096] {
            while (try? file.write([UInt8](repeating: 1, count: bytes), at: position)) != nil {
                position += Int64(bytes)
            }
        }
    }
}
