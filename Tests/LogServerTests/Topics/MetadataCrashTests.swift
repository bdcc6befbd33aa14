import CommitLog
import Foundation
import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import LogServer

/// Calls of changes to topics fail, one after the other.
///
/// `FAULTS=all` lets each call fail, which takes minutes; otherwise some are drawn by the seed.
@Suite("Topics after a crash", .memoryDirectory, .serialized)
struct MetadataCrashTests {
    /// What is done to a store that has the topic `a` with two partitions, and what topics there are afterwards.
    struct Scenario: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (EmbeddedMetadataStore) async throws -> Void
        let result: [String: TopicMetadata]
    }

    private static let before = TopicMetadata.new("a", 2, ["flush.ms": "1"])
    private static let made = TopicMetadata.new("b", 2, ["flush.ms": "2"])

    static let scenarios = [
        Scenario(
            testDescription: "a topic is made",
            change: { try await $0.createTopic(made) },
            result: ["a": before, "b": made]
        ),
        Scenario(
            testDescription: "a topic is widened",
            change: { try await $0.createPartitions(of: before.id, count: 3) },
            result: ["a": TopicMetadata(name: "a", id: before.id, partitionCount: 3, configs: before.configs)]
        ),
        Scenario(
            testDescription: "a topic is configured",
            change: { try await $0.alterConfigs(of: before.id) { _ in ["flush.ms": "3"] } },
            result: ["a": TopicMetadata(name: "a", id: before.id, partitionCount: 2, configs: ["flush.ms": "3"])]
        ),
        Scenario(
            testDescription: "a topic is deleted",
            change: { try await $0.deleteTopic(before.id) },
            result: [:]
        ),
    ]

    /// What becomes of a call, and of those after it.
    enum Failure: Hashable, CaseIterable, CustomTestStringConvertible {
        /// The process ends: nothing is called any more.
        case crash
        /// This one call fails, for want of space.
        case full
        /// This one call fails.
        case error

        var testDescription: String { "\(self)" }

        func answer(_ call: Int, failing: Int) -> FaultInjector.Answer {
            switch self {
            case .crash: call >= failing ? .fail(.ioError) : .proceed
            case .full: call == failing ? .fail(.noSpace) : .proceed
            case .error: call == failing ? .fail(.ioError) : .proceed
            }
        }
    }

    private var template: FilePath { TemporaryDirectory.current.appending("template") }

    private func makeTemplate() async throws {
        let store = try await EmbeddedMetadataStore.open(template)
        try await store.createTopic(Self.before)
        try await store.close()
    }

    /// Counts the calls that a change makes under `root`, of this thread's and the store's own, in their order.
    private final class Calls: Sendable {
        let count = Lock(0)
        func next() -> Int {
            count.withLock { count in
                defer { count += 1 }
                return count
            }
        }
    }

    /// Calls that change what lies on the disk; between two of them all crashes are the same.
    private static let changing: Set<SystemCall> = [
        .pwrite, .fsync, .fdatasync, .ftruncate, .mkdir, .rmdir, .unlink, .rename, .renameat2,
    ]

    /// Whether a call is one of those that are made to fail.
    private static func isOfInterest(_ call: FaultInjector.Call, _ failure: Failure) -> Bool {
        // Checkpoints are written by the housekeeper, in its own time.
        let path = (call.destination ?? call.path).string
        return !path.contains("checkpoint") && (failure == .error || changing.contains(call.name))
    }

    /// Which of so many calls fail.
    private static func drawn(of count: Int) -> [Int] {
        if ProcessInfo.processInfo.environment["FAULTS"] == "all" { return Array(0..<count) }
        var generator = Seed.all[0].generator
        return Array((0..<count).shuffled(using: &generator).prefix(3))
    }

    /// What has to hold of a directory, whatever has happened to it: topics are as before the change or as after it, with
    /// their partitions and no others, and it works.
    private func check(_ root: FilePath, _ scenario: Scenario, wasDone: Bool, _ how: String) async throws {
        let store = try await EmbeddedMetadataStore.open(root)
        let topics = store.image.topics
        #expect(topics == scenario.result || (!wasDone && topics == ["a": Self.before]), "\(how)")
        var expected: Set<String> = []
        for topic in topics.values {
            for partition in 0..<topic.partitionCount {
                expected.insert("\(topic.name)-\(partition)")
                let log = store.log(of: topic, partition)
                #expect(log?.failure == nil && log != nil, "\(topic.name)-\(partition), \(how)")
                #expect(log?.configuration.flushMs == topic.configs["flush.ms"].flatMap { Int64($0) }, "\(how)")
                let id = store.directory.topicID(of: TopicReconciliation.partition(topic.name, partition))
                #expect(id == topic.id, "\(how)")
            }
        }
        #expect(Set(store.directory.logs.map(\.topicPartition.directoryName)) == expected, "\(how)")
        for name in ["a", "b", "c"] where topics[name] == nil { try await store.createTopic(.new(name, 2)) }
        #expect(store.image.topics.keys.sorted() == ["a", "b", "c"] || topics["b"] == nil, "\(how)")
        try await store.close()
        let register = try TopicRegister(
            parsing: FileSystem.readFile(root.appending(TopicRegister.fileName), limit: 1 << 20)
        )
        #expect(register.entries.values.filter { !$0.isSettled } == [], "\(how)")
    }

    @Test("a change is made in full or not at all, whatever call fails", arguments: scenarios, Failure.allCases)
    func failedCalls(scenario: Scenario, failure: Failure) async throws {
        try await makeTemplate()
        let count = try await run(scenario, failure, failing: .max)
        #expect(count > 4)
        for call in Self.drawn(of: count) { _ = try await run(scenario, failure, failing: call) }
    }

    /// Makes a change, of which a call fails, and looks at what has become of it; returns how many calls it made.
    private func run(_ scenario: Scenario, _ failure: Failure, failing: Int) async throws -> Int {
        let how = "call \(failing), \(failure), \(Seed.all[0])"
        let root = TemporaryDirectory.current.appending("data")
        try Fixtures.copy(template, to: root)
        let store = try await EmbeddedMetadataStore.open(root)
        let calls = Calls()
        let injector = FaultInjector.install(under: root) { call in
            Self.isOfInterest(call, failure) ? failure.answer(calls.next(), failing: failing) : .proceed
        }
        var wasDone = true
        do {
            try await scenario.change(store)
        } catch {
            wasDone = false
        }
        let count = calls.count.withLock { $0 }
        if !wasDone, failure != .crash {
            #expect(store.image.topics == ["a": Self.before], "what failed is seen: \(how)")
        }
        // A crash leaves the files as they are: what closing would write fails too.
        if failure != .crash { injector.remove() }
        try? await store.close()
        injector.remove()
        try await check(root, scenario, wasDone: wasDone, how)
        try FileSystem.removeTree(root)
        return count
    }

    @Test("an opening that finishes a change may crash as well", arguments: scenarios)
    func failedOpenings(scenario: Scenario) async throws {
        try await makeTemplate()
        // Under way, and nothing of it done yet.
        let file = template.appending(TopicRegister.fileName)
        var register = try TopicRegister(parsing: FileSystem.readFile(file, limit: 1 << 20))
        for topic in scenario.result.values {
            register.put(.init(topic: topic, madePartitions: topic.name == "a" ? 2 : 0))
        }
        if scenario.result.isEmpty {
            register.put(.init(topic: Self.before, madePartitions: 2, isDeleted: true))
        }
        try FileSystem.replaceFile(file, contents: register.encoded())
        let count = try await open(scenario, failing: .max)
        #expect(count > 4)
        for call in Self.drawn(of: count) { _ = try await open(scenario, failing: call) }
    }

    /// Opens a directory, which crashes, and then once more; returns how many calls the first opening made.
    private func open(_ scenario: Scenario, failing: Int) async throws -> Int {
        let root = TemporaryDirectory.current.appending("data")
        try Fixtures.copy(template, to: root)
        let calls = Calls()
        let injector = FaultInjector.install(under: root) { call in
            Self.isOfInterest(call, .crash) ? Failure.crash.answer(calls.next(), failing: failing) : .proceed
        }
        let store = try? await EmbeddedMetadataStore.open(root)
        let count = calls.count.withLock { $0 }
        try? await store?.close()
        injector.remove()
        try await check(root, scenario, wasDone: true, "call \(failing) of an opening, \(Seed.all[0])")
        try FileSystem.removeTree(root)
        return count
    }
}
