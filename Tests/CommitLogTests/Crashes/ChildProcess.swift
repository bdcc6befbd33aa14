import Glibc
import LinuxIO
import SystemPackage
import TestSupport

/// A process with a pipe to its standard input and one from its standard output.
///
/// By `posix_spawn`, since Foundation's `Process` copes badly with a thousand open descriptors, which other tests may have.
final class ChildProcess: Sendable {
    let pid: pid_t
    private let input: Lock<Int32?>
    private let output: Int32

    /// - Parameter program: looked for on the `PATH` if it has no slash.
    init(_ program: String, _ arguments: [String]) throws {
        let (pid, input, output) = try Self.starting.withLock { _ in try Self.start(program, arguments) }
        self.pid = pid
        self.input = Lock(input)
        self.output = output
    }

    /// Held while a process is started, lest it inherits the pipes of another that is.
    private static let starting = Lock(())

    private static func start(_ program: String, _ arguments: [String]) throws -> (pid_t, Int32, Int32) {
        var (toChild, fromChild): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw Errno(rawValue: errno) }
        for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, program, &actions, nil, &words, environ)
        close(toChild[0])
        close(fromChild[1])
        guard result == 0 else {
            close(toChild[1])
            close(fromChild[0])
            throw TestSupportError("Cannot start \(program): \(Errno(rawValue: result))")
        }
        return (pid, toChild[1], fromChild[0])
    }

    deinit {
        endInput()
        close(output)
    }

    /// Ends its standard input.
    func endInput() {
        if let descriptor = input.withLock({ $0.take() }) { close(descriptor) }
    }

    /// What it says next; empty once it has ended.
    func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var count: Int
        repeat { count = Glibc.read(output, &buffer, buffer.count) } while count < 0 && errno == EINTR
        return Array(buffer.prefix(max(0, count)))
    }

    /// All that it still says.
    func readToEnd() -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let more = read()
            if more.isEmpty { return bytes }
            bytes += more
        }
    }

    /// Ends it with SIGKILL.
    func kill() { Glibc.kill(pid, SIGKILL) }

    /// Waits for its end.
    ///
    /// Returns its exit code, or the negative of the signal that ended it.
    @discardableResult
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : -signal
    }

    /// Runs a program to its end.
    ///
    /// - Throws: if it ends with anything but 0.
    static func run(_ program: String, _ arguments: [String]) throws {
        let process = try ChildProcess(program, arguments)
        process.endInput()
        let said = process.readToEnd()
        let code = process.wait()
        guard code == 0 else {
            throw TestSupportError(
                "\(program) \(arguments.joined(separator: " ")) ended with \(code): \(String(decoding: said, as: UTF8.self))"
            )
        }
    }
}

/// Runs `body` on a thread that may wait as long as it likes: those of tasks are few.
func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    let pool = ThreadPool(name: "test-wait", threads: 1)
    defer { pool.shutdown() }
    return try await pool.run { Swift.Result { try body() } }.get()
}
