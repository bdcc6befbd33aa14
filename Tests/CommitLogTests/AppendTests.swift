import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("Appending", .temporaryDirectory)
struct AppendTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }

    @Test("offsets follow each other, over calls and batches, and records read back")
    func offsets() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        let first = try log.append(Batches.batch(count: 3, tag: 1))
        #expect(first.baseOffset == Offset(0) && first.lastOffset == Offset(2))
        let second = try log.append(Batches.batch(count: 2, tag: 2) + Batches.batch(count: 4, tag: 3))
        #expect(second.baseOffset == Offset(3) && second.lastOffset == Offset(8))
        try await log.flush()
        let records = try await log.readAll()
        #expect(records.map(\.offset.rawValue) == Array(0..<9))
        #expect(records[8].value == Batches.value(tag: 3, index: 3, bytes: 20))
        try await directory.close()
    }

    @Test("any number of batches is one write")
    func oneWrite() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        try await log.appendDurably(Batches.batch())
        let path = root.appending("t-0/00000000000000000000.log")
        let counter = FaultInjector.install(under: path)
        var bytes: [UInt8] = []
        for tag in 0..<64 { bytes += try Batches.batch(tag: tag) }
        _ = try log.append(bytes)
        #expect(counter.count(of: .pwrite) == 1)
        counter.remove()
        try await directory.close()
    }

    @Test("what breaks a rule is refused, with its reason, and nothing is appended")
    func refused() async throws {
        var configuration = LogConfiguration()
        configuration.maxMessageBytes = 1000
        configuration.segmentBytes = 3000
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        let now = Timestamp(1_700_000_000_000)

        func refusal(_ batch: [UInt8], _ origin: AppendOrigin = .client) -> LogError.Code? {
            do {
                _ = try log.append(batch, origin: origin, at: now)
                return nil
            } catch {
                return error.code
            }
        }
        let good = try Batches.batch(count: 2)
        func patched(_ position: Int, _ byte: UInt8, fixingCRC: Bool = true) throws -> [UInt8] {
            var batch = good
            batch[position] = byte
            if fixingCRC {
                let crc = CRC32C.checksum(of: batch.rawSpan.extracting(21..<batch.count))
                batch.replaceSubrange(17..<21, with: withUnsafeBytes(of: crc.bigEndian, Array.init))
            }
            return batch
        }
        #expect(refusal([]) == .invalidRecord)
        #expect(refusal(Array(good.dropLast())) == .corruptMessage)
        #expect(refusal(good + [0]) == .corruptMessage)
        #expect(refusal(try patched(16, 1)) == .unsupportedFormat)
        #expect(refusal(try patched(good.count - 1, 0xFF, fixingCRC: false)) == .corruptMessage)
        #expect(refusal(try patched(26, 5)) == .invalidRecord)  // last offset delta
        #expect(refusal(try patched(60, 3)) == .invalidRecord)  // record count
        #expect(refusal(try patched(22, 0b111)) == .unsupportedFormat)  // codec
        #expect(refusal(try patched(22, 0b10_0000)) == .invalidRecord)  // control batch
        #expect(refusal(try patched(22, 0b1000)) == .invalidTimestamp)  // LogAppendTime
        #expect(refusal(try patched(22, 0b1000), .coordinator) == .invalidTimestamp)
        #expect(refusal(try Batches.batch(valueBytes: 1000)) == .messageTooLarge)
        #expect(refusal((0..<20).flatMap { _ in good } + (0..<20).flatMap { _ in good }) == .recordListTooLarge)
        #expect(refusal(try Batches.batch(timestamp: now.rawValue + 3_600_001)) == .invalidTimestamp)
        #expect(refusal(good + good.dropLast()) == .corruptMessage)

        #expect(log.logEndOffset == Offset(0))
        #expect(refusal(good) == nil)
        #expect(log.logEndOffset == Offset(2))
        try await directory.close()
    }

    @Test("batches that together claim more offsets than a segment can hold are refused")
    func offsetsBeyondSegment() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        // Compressed batches are not opened, so they can claim what they do not have.
        func claiming(_ count: Int32) throws -> [UInt8] {
            var batch = try Batches.batch(codec: .zstd)
            batch.replaceSubrange(23..<27, with: withUnsafeBytes(of: (count - 1).bigEndian, Array.init))
            batch.replaceSubrange(57..<61, with: withUnsafeBytes(of: count.bigEndian, Array.init))
            let crc = CRC32C.checksum(of: batch.rawSpan.extracting(21..<batch.count))
            batch.replaceSubrange(17..<21, with: withUnsafeBytes(of: crc.bigEndian, Array.init))
            return batch
        }
        for prefix in [[], try Batches.batch()] {
            let error = await failure(of: { try log.append(prefix + claiming(.max) + claiming(2)) })
            #expect(error?.code == .recordListTooLarge)
        }
        // Nor is there anything of it where the segment is not empty.
        try await log.appendDurably(Batches.batch())
        let error = await failure(of: { try log.append(claiming(.max) + claiming(2)) })
        #expect(error?.code == .recordListTooLarge)
        #expect(log.logEndOffset == Offset(1) && log.segmentCount == 1)
        // One fewer is taken; and the next does not fit into the same segment.
        _ = try log.append(claiming(.max) + claiming(1))
        #expect(try await log.appendDurably(Batches.batch()).baseOffset == Offset(1 << 31 | 1))
        #expect(log.segmentCount == 3)
        try await directory.close()
    }

    @Test("under LogAppendTime records get the time of the append, and the CRC is right")
    func logAppendTime() async throws {
        var configuration = LogConfiguration()
        configuration.timestampType = .logAppendTime
        let directory = try await LogDirectory.open(root, configuration)
        let log = try directory.makeLog()
        let now = Timestamp(1_800_000_000_000)
        for codec in [CompressionCodec.none, .zstd] {
            let result = try log.append(Batches.batch(count: 2, codec: codec), at: now)
            #expect(result.logAppendTime == now)
        }
        try await log.flush()
        for record in try await log.readAll() {
            #expect(record.timestamp == now)
            #expect(record.timestampType == .logAppendTime)
        }
        try await directory.close()
    }

    @Test("a maximum timestamp that the records do not have is put right, as Kafka does")
    func maxTimestamp() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        var batch = try Batches.batch(timestamp: 1000)
        batch.replaceSubrange(35..<43, with: [0, 0, 0, 0, 0, 0, 0, 5])
        let crc = CRC32C.checksum(of: batch.rawSpan.extracting(21..<batch.count))
        batch.replaceSubrange(17..<21, with: withUnsafeBytes(of: crc.bigEndian, Array.init))
        try await log.appendDurably(batch)
        let bytes = try log.bytes(of: try await log.slice(from: Offset(0), maxBytes: 1 << 20))
        let view = try RecordBatchView(bytes.rawSpan)
        #expect(view.header.maxTimestamp == Timestamp(1000))
        try view.validateCRC()
        try await directory.close()
    }

    @Test("a write that fails, or is cut short, leaves the log as it was", arguments: [true, false])
    func failedWrite(isShort: Bool) async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        try await log.appendDurably(Batches.batch(tag: 1))
        let path = root.appending("t-0/00000000000000000000.log")
        let size = try #require(try FileSystem.status(path)).size
        let fault = FaultInjector.install(under: path) { call in
            guard call.name == .pwrite else { return .proceed }
            return isShort && call.occurrence == 0 ? .short(30) : .fail(.noSpace)
        }
        #expect {
            _ = try log.append(Batches.batch(tag: 2))
        } throws: { error in
            (error as? LogError)?.code == .outOfSpace && (error as? LogError)?.isRetryable == true
        }
        #expect(log.logEndOffset == Offset(1))
        #expect(try FileSystem.status(path)?.size == size)
        fault.remove()
        try await log.appendDurably(Batches.batch(tag: 3))
        #expect(try await log.readAll().map(\.value) == [1, 3].map { Batches.value(tag: $0, index: 0, bytes: 20) })
        try await directory.close()
    }

    @Test("segments are rolled, one file each, and read through")
    func rolls() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let log = try directory.makeLog()
        for tag in 0..<200 { _ = try log.append(Batches.batch(count: 2, valueBytes: 60, tag: tag)) }
        try await log.flush()
        #expect(log.segmentCount > 5)
        #expect(try await log.readAll().map(\.offset.rawValue) == Array(0..<400))
        try await directory.close()
        #expect(try FileSystem.list(root.appending("t-0")).count { $0.name.hasSuffix(".prepared") } == 0)
        let logs = try FileSystem.list(root.appending("t-0")).filter { $0.name.hasSuffix(".log") }
        #expect(logs.count == log.segmentCount)
        for file in logs {
            let status = try #require(try FileSystem.status(root.appending("t-0").appending(file.name)))
            #expect(status.allocatedBytes < status.size + SpaceReservation.leastStepBytes / 4, "space was given back")
        }
    }
}
