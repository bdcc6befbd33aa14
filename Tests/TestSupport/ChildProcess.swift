package import Glibc
import Synchronization
import SystemPackage

/// Another process.
///
/// By `posix_spawn`, since Foundation's `Process` reads behind a buffer of its own where a thousand descriptors are open,
/// which other tests may have.
package final class ChildProcess: Sendable {
    /// Where one of its standard streams comes from or goes to.
    package enum Stream: Sendable {
        case inherited, pipe
        case file(String)
    }

    package let pid: pid_t
    private let state: Mutex<State>

    private struct State {
        /// Our ends of the pipes.
        var input: Int32?
        var output: Int32?
        var errors: Int32?
        var hasEnded = false
    }

    /// - Parameters:
    ///   - program: looked for on the `PATH` if it has no slash.
    ///   - environment: what is set beside what this process has.
    package init(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        input: Stream = .pipe,
        output: Stream = .pipe,
        errors: Stream = .inherited
    ) throws {
        var spawned = Spawning()
        let (pid, state) = try Self.starting.withLock { _ in
            defer { spawned.closeTheirs() }
            do {
                let input = try spawned.add(input, STDIN_FILENO, O_RDONLY)
                let output = try spawned.add(output, STDOUT_FILENO, O_WRONLY)
                let errors = try spawned.add(errors, STDERR_FILENO, O_WRONLY)
                let pid = try spawned.start(program, arguments, environment)
                return (pid, State(input: input, output: output, errors: errors))
            } catch {
                spawned.closeOurs()
                throw error
            }
        }
        self.pid = pid
        self.state = Mutex(state)
    }

    /// Held while a process is started, lest it inherits the pipes of another that is.
    private static let starting = Mutex(())

    deinit {
        let state = state.withLock { $0 }
        for descriptor in [state.input, state.output, state.errors] {
            if let descriptor { close(descriptor) }
        }
        if !state.hasEnded {
            Glibc.kill(pid, SIGKILL)
            _ = Self.wait(for: pid)
        }
    }

    /// Writes to its standard input; more than a pipe takes waits for it to be read.
    package func write(_ bytes: [UInt8]) throws {
        guard let input = state.withLock(\.input) else { return }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Errno(rawValue: errno) }
            written += count
        }
    }

    /// Ends its standard input.
    package func endInput() {
        if let descriptor = state.withLock({ $0.input.take() }) { close(descriptor) }
    }

    /// Closes the end of its standard output that would be read.
    package func refuseOutput() {
        if let descriptor = state.withLock({ $0.output.take() }) { close(descriptor) }
    }

    /// What it says next, up to `most` bytes; empty once it has ended.
    package func read(_ most: Int = 1 << 16) -> [UInt8] { Self.read(state.withLock(\.output), most) }

    /// What it writes to standard error next, up to `most` bytes; empty once it has ended.
    package func readErrors(_ most: Int = 1 << 16) -> [UInt8] { Self.read(state.withLock(\.errors), most) }

    /// All that it still says.
    package func readToEnd() -> [UInt8] { Self.readToEnd(state.withLock(\.output)) }

    /// All that it still writes to standard error.
    package func readErrorsToEnd() -> [UInt8] { Self.readToEnd(state.withLock(\.errors)) }

    private static func read(_ descriptor: Int32?, _ most: Int) -> [UInt8] {
        guard let descriptor else { return [] }
        var buffer = [UInt8](repeating: 0, count: most)
        var count: Int
        repeat { count = Glibc.read(descriptor, &buffer, buffer.count) } while count < 0 && errno == EINTR
        return Array(buffer.prefix(max(0, count)))
    }

    private static func readToEnd(_ descriptor: Int32?) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let more = read(descriptor, 1 << 16)
            if more.isEmpty { return bytes }
            bytes += more
        }
    }

    /// Sends it a signal.
    package func signal(_ number: Int32) {
        state.withLock { if !$0.hasEnded { Glibc.kill(pid, number) } }
    }

    /// Ends it with SIGKILL.
    package func kill() { signal(SIGKILL) }

    /// Waits for its end, once.
    ///
    /// Returns its exit code, or the negative of the signal that ended it.
    @discardableResult
    package func wait() -> Int32 {
        let status = Self.wait(for: pid)
        state.withLock { $0.hasEnded = true }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : -signal
    }

    private static func wait(for pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    /// Runs a program to its end.
    ///
    /// - Throws: if it ends with anything but 0.
    package static func run(_ program: String, _ arguments: [String]) throws {
        let process = try ChildProcess(program, arguments, input: .file("/dev/null"))
        let said = process.readToEnd()
        let code = process.wait()
        guard code == 0 else {
            throw TestSupportError(
                "\(program) \(arguments.joined(separator: " ")) ended with \(code): \(String(decoding: said, as: UTF8.self))"
            )
        }
    }
}

/// A process that is about to be started, and the ends of its pipes.
private struct Spawning: ~Copyable {
    private var actions = posix_spawn_file_actions_t()
    private var theirs: [Int32] = []
    private var ours: [Int32] = []

    init() { posix_spawn_file_actions_init(&actions) }

    deinit {
        var actions = actions
        posix_spawn_file_actions_destroy(&actions)
    }

    /// Says what one of its standard descriptors is to be; returns our end of a pipe.
    mutating func add(_ stream: ChildProcess.Stream, _ descriptor: Int32, _ flags: Int32) throws -> Int32? {
        switch stream {
        case .inherited:
            return nil
        case .file(let path):
            posix_spawn_file_actions_addopen(&actions, descriptor, path, flags, 0)
            return nil
        case .pipe:
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            let (their, our) = flags == O_RDONLY ? (ends[0], ends[1]) : (ends[1], ends[0])
            theirs.append(their)
            ours.append(our)
            posix_spawn_file_actions_adddup2(&actions, their, descriptor)
            return our
        }
    }

    mutating func start(_ program: String, _ arguments: [String], _ environment: [String: String]) throws -> pid_t {
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") }
        var next = environ
        while let variable = next.pointee {
            let name = String(cString: variable).prefix { $0 != "=" }
            if environment[String(name)] == nil { variables.append(strdup(variable)) }
            next += 1
        }
        variables.append(nil)
        defer { for variable in variables { free(variable) } }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, program, &actions, nil, &words, &variables)
        guard result == 0 else { throw TestSupportError("Cannot start \(program): \(Errno(rawValue: result))") }
        return pid
    }

    mutating func closeTheirs() {
        for descriptor in theirs { close(descriptor) }
        theirs = []
    }

    mutating func closeOurs() {
        for descriptor in ours { close(descriptor) }
        ours = []
    }
}
