/// An open file with any number of owners: it is closed when the last of them lets go.
///
/// What slices, caches of open files and operations under way on a ring hold, so that a descriptor cannot be closed,
/// and its number given to another file, under any of them. All of ``File``'s calls may be made from any thread.
public final class FileHandle: Sendable {
    /// The file.
    public let file: File

    /// A handle that owns `file`, and is its first owner.
    public init(_ file: consuming File) {
        self.file = file
    }

    /// How many files of this process are open at the moment, in a handle or not: ``File/openCount``.
    public static var openCount: Int { File.openCount }
}
