import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

/// Another process that holds a lock, taken with fcntl(2), for as long as its standard input is open.
private struct LockHolder {
    private let process: ChildProcess

    /// Starts the process and waits until it has the lock.
    init(of path: FilePath) throws {
        let script = """
            import fcntl, sys
            file = open(sys.argv[1], "r+b")
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            print("locked", flush=True)
            sys.stdin.read()
            """
        process = try ChildProcess("python3", ["-c", script, path.string])
        var answer: [UInt8] = []
        while answer.last != UInt8(ascii: "\n") {
            let more = process.read()
            try #require(!more.isEmpty, "the process ended without the lock")
            answer += more
        }
    }

    var pid: Int32 { process.pid }

    func release() {
        process.endInput()
        process.wait()
    }
}

@Suite(.temporaryDirectory, .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
struct FileLockTests {
    private let path = TemporaryDirectory.current.appending(".lock")

    @Test("a lock that another process holds is refused, its holder named, and had after its end")
    func exclusion() throws {
        let file = try File.open(path, .readWrite, create: .mustNotExist)
        let holder = try LockHolder(of: path)
        #expect(try file.tryLock() == .heldBy(pid: holder.pid))
        holder.release()
        #expect(try file.tryLock() == .acquired)
    }

    @Test("a lock of ours keeps another process out")
    func exclusionOfOthers() throws {
        let file = try File.open(path, .readWrite, create: .mustNotExist)
        #expect(try file.tryLock() == .acquired)
        #expect(try file.tryLock() == .acquired)
        let script = """
            import fcntl, sys
            try: fcntl.lockf(open(sys.argv[1], "r+b"), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError: sys.exit(17)
            """
        let process = try ChildProcess("python3", ["-c", script, path.string])
        #expect(process.wait() == 17)
        try file.close()
    }
}
