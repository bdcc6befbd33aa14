internal import CSystemShims
internal import Glibc
internal import SystemPackage

/// The program's standard input, with a reader that can be woken up.
///
/// One reader at a time; ``interrupt()`` may be called from any thread.
public final class StandardInput: Sendable {
    private static let path: FilePath = "/dev/stdin"

    /// Readable once the reader is to give up; it stays so.
    private let interruption: WakeUp

    /// - Throws: `IOError` of eventfd(2): EMFILE, ENFILE.
    public init() throws(IOError) {
        do {
            interruption = try WakeUp(owner: StandardInput.path)
        } catch {
            throw IOError(call: .eventfd, path: nil, errno: error, attempt: "make standard input interruptible")
        }
    }

    /// Reads what is there, and waits, blocking the thread, while there is nothing.
    /// - Parameter bytes: Where to put what is read; its size says how much may be read at once. Not empty.
    /// - Returns: How many bytes were read: 0 at the end of the input; `nil` after ``interrupt()``, also where there is
    ///   something to read.
    /// - Throws: `IOError` of poll(2) or read(2), such as EISDIR where the input is a directory.
    public func read(into bytes: inout [UInt8]) throws(IOError) -> Int? {
        precondition(!bytes.isEmpty, "Cannot read into no bytes")
        while try waitUntilReadable() {
            do throws(Errno) {
                var elements = bytes.mutableSpan
                return try unsafe elements.withUnsafeMutableBytes { (buffer) throws(Errno) in
                    // Good for the call, in which the kernel writes at most as many bytes as there are.
                    try Self.uninterrupted(.read, buffer.count) {
                        unsafe Glibc.read(STDIN_FILENO, buffer.baseAddress, $0)
                    }
                }
            } catch .resourceTemporarilyUnavailable {
                // Somebody has made the descriptor non-blocking, and somebody has read what was there: wait again.
            } catch {
                throw IOError(call: .read, path: Self.path, errno: error, attempt: "read standard input")
            }
        }
        return nil
    }

    /// Makes the read under way, and all later ones, return `nil`.
    public func interrupt() { interruption.signal() }

    /// Waits for input, or its end; returns `false` if the reader is to give up.
    private func waitUntilReadable() throws(IOError) -> Bool {
        // A regular file is always readable (poll(2)), where epoll(7) would refuse it.
        var waiting = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: interruption.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        do throws(Errno) {
            _ = try Self.uninterrupted(.poll, 0) { _ in
                Int(unsafe Glibc.poll(&waiting, nfds_t(waiting.count), -1))
            }
        } catch {
            throw IOError(call: .poll, path: Self.path, errno: error, attempt: "wait for standard input")
        }
        return waiting[1].revents == 0
    }

    /// Makes a call of the C library, again for as long as a signal interrupts it.
    private static func uninterrupted(_ call: SystemCall, _ bytes: Int, _ body: (Int) -> Int) throws(Errno) -> Int {
        while true {
            let result = Syscalls.once(call, path, bytes: bytes) {
                let result = body($0)
                return result < 0 ? -Int(Glibc.errno) : result
            }
            if result >= 0 { return result }
            let errno = Errno(result: result)
            if errno != .interrupted { throw errno }
        }
    }
}

extension SystemCall {
    /// Reads from where a stream stands.
    static let read = SystemCall("read")
}
