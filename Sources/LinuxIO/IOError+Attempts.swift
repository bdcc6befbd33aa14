internal import SystemPackage

/// What is attempted by calls that can be made in more than one way, on a thread or through a ring: the error says
/// the same either way.
extension IOError {
    static func reading(
        _ call: SystemCall,
        _ path: FilePath,
        _ count: Int,
        at position: Int64,
        _ errno: Errno
    ) -> IOError {
        IOError(call: call, path: path, errno: errno, attempt: "read \(count) bytes at position \(position) of \(path)")
    }

    static func writing(
        _ call: SystemCall,
        _ path: FilePath,
        _ count: Int,
        at position: Int64,
        _ errno: Errno
    ) -> IOError {
        IOError(
            call: call,
            path: path,
            errno: errno,
            attempt: "write \(count) bytes at position \(position) of \(path)"
        )
    }

    static func reserving(_ path: FilePath, _ bytes: Int64, from position: Int64, _ errno: Errno) -> IOError {
        let attempt = "reserve \(bytes) bytes from position \(position) of \(path)"
        return IOError(call: .fallocate, path: path, errno: errno, attempt: attempt)
    }

    static func synchronizingData(_ path: FilePath, _ errno: Errno) -> IOError {
        IOError(call: .fdatasync, path: path, errno: errno, attempt: "make the data of \(path) durable")
    }
}
