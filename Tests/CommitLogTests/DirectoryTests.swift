import Foundation
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

@Suite("A log directory", .temporaryDirectory)
struct DirectoryTests {
    private var root: FilePath { TemporaryDirectory.current.appending("data") }

    private func text(_ name: String) throws -> String {
        String(decoding: try Fixtures.bytes(of: root.appending(name)), as: UTF8.self)
    }

    @Test("a directory whose epochs are used up is refused, and not opened with a negative one")
    func lastEpoch() async throws {
        let directory = try await LogDirectory.open(root, epoch: .max)
        try await directory.makeLog().appendDurably(Batches.batch())
        try await directory.close()
        let error = await failure(of: { try await LogDirectory.open(root) })
        #expect(error?.code == .invalidDirectory)
    }

    @Test("a directory that is made belongs to the node that was asked for, and is refused to any other")
    func node() async throws {
        func open(_ node: Int32?) async throws(LogError) -> LogDirectory {
            var configuration = LogDirectory.Configuration()
            configuration.nodeID = node
            return try await LogDirectory.open(root, configuration: configuration, logger: quietLogger)
        }
        #expect(await failure(of: { try await open(-1) })?.code == .invalidArgument)
        let made = try await open(7)
        #expect(made.properties.nodeID == 7)
        try await made.close()
        let error = await failure(of: { try await open(1) })
        #expect(error?.code == .invalidDirectory)
        #expect(error?.message.contains("belongs to node 7") == true)
        let again = try await open(nil)
        #expect(again.properties.nodeID == 7)
        try await again.close()
    }

    @Test("closed cleanly, holds Kafka's files with Kafka's contents")
    func files() async throws {
        let directory = try await LogDirectory.open(root, .small)
        let id = TopicID.random()
        let log = try directory.createLog(.test, topicID: id)
        for tag in 0..<100 { _ = try log.append(Batches.batch(valueBytes: 100, tag: tag)) }
        try await log.flush()
        try await log.truncateHead(to: Offset(40))
        #expect(throws: LogError.self) { try directory.createLog(.test) }
        try await directory.close()

        #expect(try text("recovery-point-offset-checkpoint") == "0\n1\nt 0 100\n")
        #expect(try text("replication-offset-checkpoint") == "0\n1\nt 0 100\n")
        #expect(try text("log-start-offset-checkpoint") == "0\n1\nt 0 40\n")
        #expect(try text(".kafka_cleanshutdown").contains("\"version\":0"))
        #expect(try text("t-0/partition.metadata") == "version: 0\ntopic_id: \(id)")
        #expect(try text("t-0/leader-epoch-checkpoint") == "0\n1\n0 40\n")
        #expect(
            try MetaProperties(parsing: Fixtures.bytes(of: root.appending("meta.properties"))) == directory.properties
        )

        let again = try await LogDirectory.open(root, .small)
        #expect(again.recovery == RecoveryReport())
        #expect(again.topicID(of: .test) == id)
        #expect(again.properties == directory.properties)
        #expect(again.leaderEpoch == LeaderEpoch(1))
        let reopened = try #require(again.log(for: .test))
        #expect(reopened.logStartOffset == Offset(40))
        #expect(reopened.logEndOffset == Offset(100))
        #expect(try FileSystem.status(root.appending(".kafka_cleanshutdown")) == nil)
        #expect(try await reopened.readAll().first?.offset == Offset(40))
        try await again.close()
    }

    @Test("closed and let go of, holds neither a file nor memory")
    func release() async throws {
        weak var released: PartitionLog?
        do {
            let directory = try await LogDirectory.open(root, .small)
            let log = try directory.makeLog()
            released = log
            for tag in 0..<100 { _ = try log.append(Batches.batch(valueBytes: 100, tag: tag)) }
            try await log.flush()
            _ = try await log.readAll()
            #expect(try openFiles() > 3)
            try await directory.close()
        }
        #expect(released == nil)
        #expect(try openFiles() == 0)
    }

    /// How many descriptors this process has of files below the root.
    private func openFiles() throws -> Int {
        let links = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return links.count { link in
            let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(link)")
            return path?.hasPrefix(root.string) == true
        }
    }

    @Test("a log is made with its topic's configuration, or one of its own that makes sense")
    func configurations() async throws {
        let directory = try await LogDirectory.open(root, .small)
        var own = LogConfiguration()
        own.segmentBytes = 12_345
        #expect(try directory.createLog(.test).configuration == .small)
        #expect(try directory.createLog(.named("u"), configuration: own).configuration == own)
        own.segmentBytes = 0
        let error = #expect(throws: LogError.self) { try directory.createLog(.named("v"), configuration: own) }
        #expect(error?.code == .invalidArgument)
        #expect(directory.log(for: .named("v")) == nil)
        try await directory.close()
    }

    @Test("cannot be opened twice by one process")
    func lockedInProcess() async throws {
        let directory = try await LogDirectory.open(root)
        let error = await failure(of: { try await LogDirectory.open(root) })
        #expect(error?.code == .locked)
        try await directory.close()
        try await LogDirectory.open(root).close()
    }

    @Test("cannot be opened while another process has it, which is named")
    func lockedByProcess() async throws {
        try await LogDirectory.open(root).close()
        let script = """
            import fcntl, sys
            f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()
            """
        let holder = try ChildProcess("python3", ["-c", script, root.appending(".lock").string])
        _ = holder.read()
        let error = await failure(of: { try await LogDirectory.open(root) })
        #expect(error?.code == .locked)
        #expect(error?.message.contains("process \(holder.pid)") == true)
        holder.endInput()
        holder.wait()
        try await LogDirectory.open(root).close()
    }

    @Test("a deleted log is gone at once, its slices stay, and its name can be used again")
    func delete() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        try await log.appendDurably(Batches.batch(tag: 1))
        let slice = try await log.slice(from: Offset(0), maxBytes: 1000)
        try directory.deleteLog(.test)
        #expect(directory.log(for: .test) == nil)
        #expect(throws: LogError.self) { try log.append(Batches.batch()) }
        await #expect(throws: LogError.self) { try await log.slice(from: Offset(0), maxBytes: 10) }
        let bytes = try log.bytes(of: slice)
        try RecordBatchView(bytes.rawSpan).validateCRC()
        let fresh = try directory.createLog(.test)
        #expect(fresh.logEndOffset == Offset(0))
        try await directory.close()
        #expect(try FileSystem.list(root).filter { $0.kind == .directory }.map(\.name) == ["t-0"])
    }

    @Test("what an interrupted deletion left is removed, strangers are left alone")
    func leftovers() async throws {
        try await LogDirectory.open(root).close()
        let doomed = root.appending("x-0.0123456789abcdef0123456789abcdef-delete")
        try FileSystem.createDirectory(doomed)
        try FileSystem.replaceFile(doomed.appending("00000000000000000000.log"), contents: [1])
        try FileSystem.createDirectory(root.appending("lost+found"))
        try FileSystem.createDirectory(root.appending("__cluster_metadata-0"))
        let directory = try await LogDirectory.open(root)
        #expect(directory.logs.isEmpty)
        #expect(try FileSystem.status(doomed) == nil)
        #expect(try FileSystem.status(root.appending("lost+found")) != nil)
        try await directory.close()
    }

    @Test("keeps no more files open than it is allowed, and reads all of them")
    func openFiles() async throws {
        let limit = 10
        let directory = try await LogDirectory.open(root, .small, openFiles: limit)
        let logs = try (0..<8).map { try directory.createLog(.named("t", $0)) }
        for log in logs {
            for tag in 0..<60 { _ = try log.append(Batches.batch(valueBytes: 200, tag: tag)) }
        }
        for log in logs { try await log.flush() }
        try await directory.close()

        let again = try await LogDirectory.open(root, .small, openFiles: limit)
        #expect(again.services.cache.count == 0, "idle logs have no file open")
        for log in again.logs {
            #expect(try await log.readAll().count == 60)
            #expect(again.services.cache.count <= limit)
        }
        try await again.close()
    }

    @Test("while it is being closed, the threads of tasks are free for others")
    func closeWithoutBlocking() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        let gate = Gate()
        let injector = FaultInjector.install(under: root.appending("t-0")) { call in
            if call.name == .fdatasync, call.occurrence == 0 { gate.waitUntilOpen() }
            return .proceed
        }
        _ = try log.append(Batches.batch())
        while injector.count(of: .fdatasync) == 0 { await Task.yield() }
        // All tasks of this executor have one thread.
        let executor = try Reactor(name: "test-tasks")
        let closing = Task(executorPreference: executor) { try await directory.close() }
        // From here on it waits for the commit.
        while log.failure == nil { await Task.yield() }
        await Task(executorPreference: executor) { for _ in 0..<100 { await Task.yield() } }.value
        gate.open()
        try await closing.value
        injector.remove()
        executor.shutdown()
    }

    @Test("an idle log is put to rest: its space given back, its files closed")
    func idle() async throws {
        let directory = try await LogDirectory.open(root)
        let log = try directory.makeLog()
        let big = try (0..<8).flatMap { try Batches.batch(valueBytes: 100_000, tag: $0) }
        _ = try log.append(big)
        try await log.flush()
        await directory.services.housekeeper.run {}
        log.quiesce()
        _ = directory.services.cache.sweep()
        _ = directory.services.cache.sweep()
        #expect(directory.services.cache.count == 0)
        let status = try #require(try FileSystem.status(root.appending("t-0/00000000000000000000.log")))
        #expect(status.size == Int64(big.count))
        #expect(
            status.allocatedBytes < status.size + SpaceReservation.leastStepBytes / 4,
            "only blocks of data and extents"
        )
        #expect(try await log.readAll().count == 8)
        try await log.appendDurably(Batches.batch())
        #expect(log.highWatermark == Offset(9))
        try await directory.close()
    }

    @Test("a leader epoch is never used twice, and can be asked for")
    func epochs() async throws {
        for expected in Int32(0)..<3 {
            let directory = try await LogDirectory.open(root)
            #expect(directory.leaderEpoch == LeaderEpoch(expected))
            try await directory.makeLog().appendDurably(Batches.batch())
            try await directory.close()
        }
        let directory = try await LogDirectory.open(root, epoch: 7)
        try await directory.makeLog().appendDurably(Batches.batch())
        #expect(try directory.makeLog().latestEpoch == LeaderEpoch(7))
        try await directory.close()
        await #expect(throws: LogError.self) { try await LogDirectory.open(root, epoch: 6) }
        let last = try await LogDirectory.open(root)
        #expect(last.leaderEpoch == LeaderEpoch(8))
        #expect(try text("t-0/leader-epoch-checkpoint") == "0\n4\n0 0\n1 1\n2 2\n7 3\n")
        try await last.close()
    }

    @Test("a checkpoint that cannot be understood is refused by name")
    func badCheckpoint() async throws {
        try await LogDirectory.open(root).close()
        try FileSystem.replaceFile(root.appending("recovery-point-offset-checkpoint"), contents: Array("0\n5\n".utf8))
        let error = await failure(of: { try await LogDirectory.open(root) })
        #expect(error?.code == .invalidDirectory)
        #expect(error?.description.contains("recovery-point-offset-checkpoint") == true)
    }

    @Test("a log is not made over a directory that is there, and takes nothing from it")
    func occupied() async throws {
        let directory = try await LogDirectory.open(root)
        let metadata = root.appending("__cluster_metadata-0")
        try FileSystem.createDirectory(metadata)
        try FileSystem.replaceFile(metadata.appending("quorum-state"), contents: [1])
        let partition = try TopicPartition(topic: "__cluster_metadata", partition: 0)
        let error = await failure(of: { try directory.createLog(partition) })
        #expect(error?.code == .alreadyExists)
        #expect(try Fixtures.bytes(of: metadata.appending("quorum-state")) == [1])
        try await directory.close()
    }

    @Test("several logs are made at once, all or none", arguments: ["exists", "directory", "disk", "sync"])
    func several(obstacle: String) async throws {
        let directory = try await LogDirectory.open(root)
        let names = (0..<40).map { TopicPartition.named("t", $0) }
        var fault: FaultInjector?
        switch obstacle {
        case "exists": _ = try directory.createLog(names[30])
        case "directory": try FileSystem.createDirectory(root.appending("t-30"))
        case "disk":
            fault = FaultInjector.install(under: root) { call in
                call.name == .pwrite && call.path.string.contains("t-30.") ? .fail(.noSpace) : .proceed
            }
        default:
            let root = root
            fault = FaultInjector.install(under: root) { call in
                call.name == .fsync && call.path == root ? .fail(.ioError) : .proceed
            }
        }
        let before = try FileSystem.list(root).map(\.name).sorted()
        let error = await failure(of: { try directory.createLogs(names, topicID: .random()) })
        fault?.remove()
        #expect(error != nil && directory.logs.count == (obstacle == "exists" ? 1 : 0))
        #expect(try FileSystem.list(root).map(\.name).sorted() == before)
        if obstacle == "directory" { try FileSystem.removeTree(root.appending("t-30")) }
        if obstacle == "exists" { try directory.deleteLog(names[30]) }
        #expect(try directory.createLogs([], topicID: .random()).isEmpty)
        let made = try directory.createLogs(names, topicID: .random())
        #expect(made.map(\.topicPartition) == names)
        for log in made { _ = try log.append(Batches.batch()) }
        try await directory.close()
        let again = try await LogDirectory.open(root)
        #expect(again.logs.map(\.topicPartition) == names && again.logs.allSatisfy { $0.logEndOffset == Offset(1) })
        try await again.close()
    }

    @Test("configurations that make no sense are refused by Kafka's name")
    func badConfiguration() async throws {
        var configuration = LogConfiguration()
        configuration.segmentBytes = 3
        let error = await failure(of: { try await LogDirectory.open(root, configuration) })
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("segment.bytes") == true)
    }
}
