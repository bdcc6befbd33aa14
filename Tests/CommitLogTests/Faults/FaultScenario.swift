import LinuxIO
import RecordBatch
import SystemPackage
import TestSupport
import Testing

@testable import CommitLog

/// Something that is done with a log, of which each call is made to fail.
struct FaultScenario: Sendable, CustomTestStringConvertible {
    let name: String
    /// How the directory is found.
    let state: State
    /// Of the log while it is done.
    var configuration = FaultRun.configuration
    /// What is done, between ``FaultPlan/arm()`` and ``FaultPlan/disarm()``.
    let act: @Sendable (FaultRun) async throws -> Void

    var testDescription: String { name }

    enum State: Hashable, Sendable {
        /// There is no log.
        case empty
        /// A log of so many records, closed.
        case closed(Int)
        /// A log of so many records, as a kill leaves it: a torn write at its end, and checkpoints that know of 8.
        case killed(Int)

        var records: Int? {
            switch self {
            case .empty: nil
            case .closed(let count), .killed(let count): count
            }
        }

        /// Makes it.
        func make(at root: FilePath) async throws {
            let scratch = FilePath(root.string + "-scratch")
            let directory = try await LogDirectory.open(scratch, FaultRun.configuration)
            if let records {
                let log = try directory.makeLog()
                for tag in 0..<min(8, records) { try await log.appendDurably(FaultRun.batch(tag, at: tag)) }
                await directory.services.housekeeper.run {}
                try directory.services.checkpoints.writeAll()
                let frozen = try Fixtures.bytes(of: scratch.appending(DurableCheckpoint.fileName))
                for tag in min(8, records)..<records { try await log.appendDurably(FaultRun.batch(tag, at: tag)) }
                await directory.services.housekeeper.run {}
                if case .killed = self {
                    try Fixtures.copy(scratch, to: root)
                    try FileSystem.replaceFile(root.appending(DurableCheckpoint.fileName), contents: frozen)
                    let last = log.segments[log.segmentCount - 1].log.path.lastComponent?.string ?? ""
                    let file = try File.open(root.appending("t-0").appending(last), .readWrite)
                    try file.write(Array(FaultRun.batch(0, at: 0).dropLast(100)), at: file.status().size)
                }
            }
            try await directory.close()
            if case .killed = self {
                try FileSystem.removeTree(scratch)
            } else {
                try FileSystem.rename(from: scratch, to: root)
            }
        }
    }

    static let all: [FaultScenario] = [
        FaultScenario(name: "create", state: .empty) { run in
            try await run.open()
            run.plan.arm()
            await run.create()
            await run.append()
            await run.flush()
        },
        FaultScenario(name: "append", state: .closed(2)) { run in
            try await run.open()
            run.plan.arm()
            for _ in 0..<3 {
                await run.append()
                await run.flush()
            }
            await run.read()
        },
        FaultScenario(name: "roll", state: .closed(4)) { run in
            try await run.open()
            run.plan.arm()
            await run.append(8)
            await run.flush()
        },
        FaultScenario(name: "housekeeping", state: .closed(4)) { run in
            try await run.open()
            await run.append(9)
            run.plan.arm()
            await run.keepHouse()
            await run.keepHouse()
            await run.flush()
        },
        FaultScenario(name: "checkpoint", state: .closed(4)) { run in
            try await run.open()
            await run.append(9)
            await run.flush()
            run.plan.arm()
            await run.writeCheckpoints()
        },
        FaultScenario(name: "open", state: .closed(12)) { run in
            run.plan.arm()
            try await run.open()
            await run.read()
        },
        FaultScenario(name: "recover", state: .killed(18)) { run in
            run.plan.arm()
            try await run.open()
            await run.read()
        },
        FaultScenario(name: "head", state: .closed(18)) { run in
            try await run.open()
            await run.append(2)
            await run.flush()
            run.plan.arm()
            await run.cutHead(to: 13)
        },
        FaultScenario(name: "tail", state: .closed(18)) { run in
            try await run.open()
            await run.append(2)
            run.plan.arm()
            await run.cutTail(to: 9)
        },
        FaultScenario(name: "delete", state: .closed(8)) { run in
            try await run.open()
            await run.append(2)
            run.plan.arm()
            await run.delete()
        },
        FaultScenario(name: "close", state: .closed(4)) { run in
            try await run.open()
            await run.append(9)
            run.plan.arm()
            await run.close()
        },
        FaultScenario(name: "close-uncommitted", state: .closed(4), configuration: .uncommitted) { run in
            try await run.open()
            await run.append(9)
            run.plan.arm()
            await run.close()
        },
    ]
}

extension LogConfiguration {
    /// Nothing becomes durable before it is asked for.
    fileprivate static var uncommitted: LogConfiguration {
        var configuration = FaultRun.configuration
        configuration.flushMessages = .max
        return configuration
    }
}
