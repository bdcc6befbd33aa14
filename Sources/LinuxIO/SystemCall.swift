/// The name of a system call, as section 2 of the manual pages has it.
///
/// A struct and not an enum, so that calls can be added without breaking anybody's `switch`.
public struct SystemCall: Hashable, Sendable, CustomStringConvertible {
    /// The name of the call, such as "pwrite".
    public let name: String

    init(_ name: String) {
        self.name = name
    }

    /// The name of the call.
    public var description: String { name }
}

extension SystemCall {
    /// Opens, or creates and opens, a file.
    public static let open = SystemCall("open")
    /// Closes a descriptor.
    public static let close = SystemCall("close")
    /// Asks a descriptor for size, kind and times.
    public static let fstat = SystemCall("fstat")
    /// Asks a path for size, kind and times.
    public static let stat = SystemCall("stat")
    /// Asks for the size of a file system, and what of it is free.
    public static let statvfs = SystemCall("statvfs")
    /// Reads from a position.
    public static let pread = SystemCall("pread")
    /// Reads from a position, with flags.
    public static let preadv2 = SystemCall("preadv2")
    /// pwritev2(2): a write with flags.
    public static let pwritev2 = SystemCall("pwritev2")
    /// Writes at a position.
    public static let pwrite = SystemCall("pwrite")
    /// Copies a range from file to file inside the kernel.
    public static let copyFileRange = SystemCall("copy_file_range")
    /// Makes data and metadata durable.
    public static let fsync = SystemCall("fsync")
    /// Makes data, and the metadata needed to read it back, durable.
    public static let fdatasync = SystemCall("fdatasync")
    /// Sets the size.
    public static let ftruncate = SystemCall("ftruncate")
    /// Reserves blocks.
    public static let fallocate = SystemCall("fallocate")
    /// Starts writeback of dirty pages.
    public static let syncFileRange = SystemCall("sync_file_range")
    /// Counts pages in the page cache.
    public static let cachestat = SystemCall("cachestat")
    /// Advises the kernel about a range.
    public static let fadvise = SystemCall("posix_fadvise")
    /// Takes, or asks about, a lock.
    public static let fcntl = SystemCall("fcntl")
    /// Makes a directory.
    public static let mkdir = SystemCall("mkdir")
    /// Removes a directory.
    public static let rmdir = SystemCall("rmdir")
    /// Removes a name.
    public static let unlink = SystemCall("unlink")
    /// Renames, replacing what has the new name.
    public static let rename = SystemCall("rename")
    /// Renames, with flags.
    public static let renameat2 = SystemCall("renameat2")
    /// Opens a directory for reading its entries.
    public static let opendir = SystemCall("opendir")
    /// Reads the entries of a directory.
    public static let readdir = SystemCall("readdir")
    /// Makes a socket.
    public static let socket = SystemCall("socket")
    /// Sets an option of a socket.
    public static let setsockopt = SystemCall("setsockopt")
    /// Gives a socket its address.
    public static let bind = SystemCall("bind")
    /// Begins to take connections.
    public static let listen = SystemCall("listen")
    /// Takes a connection.
    public static let accept4 = SystemCall("accept4")
    /// Makes a connection.
    public static let connect = SystemCall("connect")
    /// Asks for a socket's own address.
    public static let getsockname = SystemCall("getsockname")
    /// Asks for the address of a socket's peer.
    public static let getpeername = SystemCall("getpeername")
    /// Ends one direction of a connection, or both.
    public static let shutdown = SystemCall("shutdown")
    /// Receives.
    public static let recv = SystemCall("recv")
    /// Sends.
    public static let send = SystemCall("send")
    /// Sends several pieces of memory.
    public static let sendmsg = SystemCall("sendmsg")
    /// Sends a range of a file.
    public static let sendfile = SystemCall("sendfile")
    /// Waits until a descriptor is ready.
    public static let poll = SystemCall("poll")
    /// Looks up a host's name; of the C library's, which asks name servers.
    public static let getaddrinfo = SystemCall("getaddrinfo")
    /// Creates an io_uring.
    public static let ioUringSetup = SystemCall("io_uring_setup")
    /// Creates an epoll instance.
    public static let epollCreate = SystemCall("epoll_create1")
    /// Creates the counter by which a reactor is woken.
    public static let eventfd = SystemCall("eventfd2")
    /// Starts a thread.
    public static let clone = SystemCall("clone")
    /// Reads an environment variable; not a call of the kernel's, but a place where a setting can be wrong.
    public static let getenv = SystemCall("getenv")
}
