internal import CSystemShims
public import SystemPackage

/// One name in a directory.
public struct DirectoryEntry: Hashable, Sendable {
    /// The name, as bytes that can be appended to the directory's path.
    public let component: FilePath.Component
    /// What it names; a symbolic link is not followed.
    public let kind: FileKind

    /// The name as text; bytes that are not UTF-8 are replaced, so use ``component`` to build a path.
    public var name: String { component.string }
}

extension FileSystem {
    /// Lists a directory, "." and ".." left out.
    ///
    /// Names that come or go meanwhile may be in the list or not. Reads the whole directory into memory.
    /// - Parameter path: The directory.
    /// - Returns: Its entries, sorted by name.
    /// - Throws: `IOError` of open(2) or getdents(2): ENOENT, ENOTDIR, EMFILE and others.
    public static func list(_ path: FilePath) throws(IOError) -> [DirectoryEntry] {
        var stream: OpaquePointer?
        try Syscalls.uninterrupted(.opendir, path, attempt: "list the directory \(path)") {
            unsafe path.withPlatformString { unsafe csys_directory_open($0, &stream) }
        }
        defer { _ = unsafe csys_directory_close(stream) }
        var entries: [DirectoryEntry] = []
        while true {
            var name: UnsafePointer<CChar>?
            var type: UInt32 = 0
            let more = try Syscalls.uninterrupted(.readdir, path, attempt: "list the directory \(path)") {
                unsafe csys_directory_next(stream, &name, &type)
            }
            guard more > 0, let name = unsafe name else { break }
            // A name without a component would be empty or contain a slash, which no file system hands out.
            guard let component = unsafe FilePath.Component(platformString: name) else { continue }
            entries.append(DirectoryEntry(component: component, kind: FileKind(mode: type)))
        }
        return entries.sorted { $0.name < $1.name }
    }

    /// Removes a file, a link, or a directory with all that it holds.
    ///
    /// Symbolic links are removed, not followed. Nothing may be made below `path` meanwhile. What was removed before an error stays removed.
    /// - Parameter path: What to remove.
    /// - Throws: `IOError` of the calls it takes; ENOENT when nothing has that name.
    public static func removeTree(_ path: FilePath) throws(IOError) {
        var raw = csys_status()
        try Syscalls.uninterrupted(.stat, path, attempt: "remove \(path)") {
            unsafe path.withPlatformString { unsafe csys_lstat($0, &raw) }
        }
        guard FileKind(mode: raw.mode) == .directory else { return try removeFile(path) }
        // Directories are gathered from the top and removed from the bottom: no recursion, whatever the depth.
        var directories = [path]
        var next = 0
        while next < directories.count {
            let directory = directories[next]
            next += 1
            for entry in try list(directory) {
                let child = directory.appending(entry.component)
                if entry.kind == .directory { directories.append(child) } else { try removeFile(child) }
            }
        }
        for directory in directories.reversed() { try removeDirectory(directory) }
    }
}
