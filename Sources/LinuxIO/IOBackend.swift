internal import Glibc
internal import SystemPackage

/// How a ``Reactor`` talks to the kernel.
public enum IOBackend: String, Hashable, Sendable, CaseIterable {
    /// io_uring: requests go to the kernel in batches, and the kernel's own threads wait for the disk.
    case ring
    /// epoll and a pool of threads that make blocking calls. Works everywhere.
    case epoll

    /// The environment variable that forces one: `MILLRACE_IO=ring` or `MILLRACE_IO=epoll`.
    ///
    /// Without it a ring is used where the kernel and the container allow one.
    public static let environmentVariable = "MILLRACE_IO"

    /// The back-end that the environment forces, or nil.
    ///
    /// Throws EINVAL when the variable is set to something else.
    static func forcedByEnvironment() throws(IOError) -> IOBackend? {
        guard let value = unsafe getenv(environmentVariable) else { return nil }
        return try parse(unsafe String(cString: value))
    }

    /// The back-end that a value of the environment variable means.
    static func parse(_ value: String) throws(IOError) -> IOBackend {
        guard let backend = IOBackend(rawValue: value) else {
            let attempt = "choose an IO back-end by \(environmentVariable)=\(value), which must be ring or epoll"
            throw IOError(call: .getenv, path: nil, errno: .invalidArgument, attempt: attempt)
        }
        return backend
    }

    /// Whether epoll can stand in for a ring that could not be made.
    ///
    /// It cannot where descriptors have run out, because it needs one too.
    static func canFallBack(from errno: Errno) -> Bool {
        errno != .tooManyOpenFiles && errno != .tooManyOpenFilesInSystem
    }
}
