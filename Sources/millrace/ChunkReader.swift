import CommitLog
import LinuxIO
import SystemPackage

/// Reads a file from its start to its end in pieces of one size, but for the last.
struct ChunkReader: ~Copyable {
    private let file: File
    private var buffer: [UInt8]
    private var count = 0
    /// Where the piece begins, in bytes from the start of the file.
    private(set) var chunkStart: Int64 = 0

    /// Opens the file, to be read in pieces of `chunkSize` bytes.
    init(_ path: FilePath, chunkSize: Int) throws(InspectionError) {
        do {
            file = try File.open(path)
        } catch {
            throw InspectionError(path, error)
        }
        buffer = [UInt8](repeating: 0, count: chunkSize)
    }

    /// The piece that was read.
    var chunk: RawSpan {
        @_lifetime(borrow self)
        get { buffer.rawSpan.extracting(first: count) }
    }

    /// Reads the next piece; false at the end of the file.
    mutating func next() throws(InspectionError) -> Bool {
        chunkStart += Int64(count)
        do {
            count = try file.read(into: &buffer, at: chunkStart)
        } catch {
            throw InspectionError(file.path, error)
        }
        return count > 0
    }
}
