import Foundation
import Synchronization
public import SystemPackage
public import Testing

/// Gives each test (each case of a parameterised one) an empty directory of its own.
///
/// The directory is removed afterwards, unless the test recorded an issue or the environment variable `KEEP` is set:
/// then it stays for inspection and its path is printed.
///
/// ```swift
/// @Test("a log survives a reopen", .temporaryDirectory)
/// func reopen() throws {
///     let log = TemporaryDirectory.current.appending("log")
/// }
/// ```
public struct TemporaryDirectory: TestTrait, SuiteTrait, TestScoping {
    @TaskLocal private static var path: FilePath?

    /// Whether the directory lies in memory, where there is a file system for that.
    let isInMemory: Bool

    /// On a suite the trait gives a directory to each of its tests, not one to all of them.
    public var isRecursive: Bool { true }

    /// The directory of the running test.
    ///
    /// It is inherited by child tasks; a detached task or a thread has to be given it.
    /// - Precondition: The test, or its suite, has the `.temporaryDirectory` trait.
    public static var current: FilePath {
        guard let path else {
            preconditionFailure("Cannot give a temporary directory to a test without the trait .temporaryDirectory")
        }
        return path
    }

    /// Makes the directory, runs the test, and disposes of the directory.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let path = try make()
        let outcome = Outcome()
        let observer = IssueHandlingTrait.compactMapIssues { issue in
            if issue.isFailure { outcome.fail() }
            return issue
        }
        do {
            try await observer.provideScope(for: test, testCase: testCase) {
                try await Self.$path.withValue(path) { try await function() }
            }
        } catch {
            outcome.fail()
            Self.dispose(of: path, after: test, keep: true)
            throw error
        }
        Self.dispose(of: path, after: test, keep: outcome.failed)
    }

    private func make() throws -> FilePath {
        let memory: FilePath = "/dev/shm"
        let isThere = isInMemory && FileManager.default.isWritableFile(atPath: memory.string)
        let base = isThere ? memory.appending("millrace-tests") : Repository.scratch.appending("tests")
        let path = base.appending(UUID().uuidString)
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        return path
    }

    private static func dispose(of path: FilePath, after test: Test, keep: Bool) {
        if keep || ProcessInfo.processInfo.environment["KEEP"] != nil {
            print("The files of test \(test.name) are kept in \(path)")
        } else {
            try? FileManager.default.removeItem(atPath: path.string)
        }
    }

    /// Whether an issue was recorded; a test may record one from any thread.
    private final class Outcome: Sendable {
        private let flag = Atomic(false)

        var failed: Bool { flag.load(ordering: .acquiring) }

        func fail() { flag.store(true, ordering: .releasing) }
    }
}

extension Trait where Self == TemporaryDirectory {
    /// Gives each test an empty directory, ``TemporaryDirectory/current``.
    public static var temporaryDirectory: TemporaryDirectory {
        TemporaryDirectory(isInMemory: false)
    }

    /// Gives each test an empty directory in memory.
    ///
    /// For tests that open hundreds of directories and lose no power: a disk's syncs would be most of their time.
    public static var memoryDirectory: TemporaryDirectory { TemporaryDirectory(isInMemory: true) }
}
