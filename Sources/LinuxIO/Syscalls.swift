internal import SystemPackage

/// The seam through which every IO call of the module goes: on files, on directories and names, and those that make the
/// descriptors a reactor waits on.
///
/// They are only made inside a closure given to one of these functions, so that a ``FaultInjector`` sees each of them
/// and EINTR is treated alike everywhere. (A reactor's background operations ask the injector by themselves.)
enum Syscalls {
    /// Makes a call once.
    /// - Parameters:
    ///   - call: Its name.
    ///   - path: The file or directory it is made on.
    ///   - destination: The second path of a rename or a copy.
    ///   - position: Where in the file, for calls that have a position.
    ///   - bytes: How many bytes it may transfer.
    ///   - body: Makes it, with at most that many bytes; returns its result or -errno.
    /// - Returns: The result, or -errno.
    @inline(__always)
    static func once(
        _ call: SystemCall,
        _ path: FilePath,
        to destination: FilePath? = nil,
        at position: Int64? = nil,
        bytes: Int = 0,
        _ body: (_ bytes: Int) -> Int
    ) -> Int {
        guard FaultInjector.isArmed else { return body(bytes) }
        switch FaultInjector.answer(call, path, to: destination, at: position, bytes: bytes) {
        case .proceed: return body(bytes)
        case .short(let most): return body(min(bytes, max(0, most)))
        case .fail(let errno): return -Int(errno.rawValue)
        }
    }

    /// Makes a call until it is not interrupted by a signal (EINTR), nor the kernel too busy: see ``CallRetry``.
    ///
    /// Takes what ``once`` takes, returns a result that is never negative, and throws what the call reported.
    @discardableResult
    @inline(__always)
    static func uninterrupted(
        _ call: SystemCall,
        _ path: FilePath,
        to destination: FilePath? = nil,
        at position: Int64? = nil,
        bytes: Int = 0,
        _ body: () -> Int32
    ) throws(Errno) -> Int {
        var retry = CallRetry()
        while true {
            let result = once(call, path, to: destination, at: position, bytes: bytes) { _ in Int(body()) }
            if result >= 0 { return result }
            let errno = Errno(result: result)
            guard retry.againAfterPause(errno, of: call) else { throw errno }
        }
    }

    /// The same, with an error that says what was attempted.
    ///
    /// `attempt`, the words that follow "Could not", is only made when there is an error.
    @discardableResult
    @inline(__always)
    static func uninterrupted(
        _ call: SystemCall,
        _ path: FilePath,
        to destination: FilePath? = nil,
        at position: Int64? = nil,
        bytes: Int = 0,
        attempt: @autoclosure () -> String,
        _ body: () -> Int32
    ) throws(IOError) -> Int {
        do {
            return try uninterrupted(call, path, to: destination, at: position, bytes: bytes, body)
        } catch {
            throw IOError(call: call, path: path, errno: error, attempt: attempt())
        }
    }

    /// Makes a transfer to or from memory, call by call, until it is finished.
    ///
    /// Returns how many bytes were moved, fewer than its count only for a read that met the end of the file. Throws what
    /// a call reported; what was moved before stays moved.
    @inline(__always)
    static func transfer(
        _ call: SystemCall,
        _ path: FilePath,
        _ transfer: consuming Transfer,
        _ body: (_ done: Int, _ count: Int, _ position: Int64) -> Int64
    ) throws(Errno) -> Int {
        var retry = CallRetry()
        while transfer.done < transfer.count {
            let (done, position) = (transfer.done, transfer.nextPosition)
            let result = once(call, path, at: position, bytes: transfer.nextCount) { Int(body(done, $0, position)) }
            switch transfer.advance(by: result) {
            case .again: continue
            case .finished: return transfer.done
            case .failed(let errno): guard retry.againAfterPause(errno, of: call) else { throw errno }
            }
        }
        return transfer.done
    }
}

extension Errno {
    /// The reason in a result that is -errno.
    init(result: Int) {
        self.init(rawValue: Int32(truncatingIfNeeded: -result))
    }
}
