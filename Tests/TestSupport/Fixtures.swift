import Foundation
public import SystemPackage

/// Log directories, decoded contents and captured frames that were written by Apache Kafka.
///
/// The archive `Tests/Fixtures/kafka-4.0.tar.zst` is unpacked once for each content, and what was unpacked is shared
/// by all test processes: treat it as read-only, and work on a ``copy(_:to:)`` where a test writes.
/// `Tests/Fixtures/README.md` tells what lies in it.
public enum Fixtures {
    /// A log directory of the archive, named for how the broker was stopped.
    public enum State: String, CaseIterable, Sendable {
        /// Controlled shutdown.
        case clean
        /// SIGKILL: preallocated active indexes, recovery points behind the end, an open transaction.
        case unclean
    }

    /// The unpacked archive.
    ///
    /// The first use in a checkout takes about a second, later ones one read of the archive.
    /// - Throws: ``TestSupportError`` when the archive is missing or cannot be unpacked.
    public static var directory: FilePath {
        get throws { try unpacked.get() }
    }

    /// The log directory of a state.
    public static func logDirectory(_ state: State) throws -> FilePath {
        try directory.appending(state.rawValue)
    }

    /// The decoded contents of a state.
    public static func expectedDirectory(_ state: State) throws -> FilePath {
        try directory.appending("expected").appending(state.rawValue)
    }

    /// The names of a state's partition directories (`txn-0`), sorted.
    public static func partitions(_ state: State) throws -> [String] {
        let root = try logDirectory(state).string
        return try FileManager.default.contentsOfDirectory(atPath: root).sorted().filter {
            isDirectory("\(root)/\($0)")
        }
    }

    /// The paths of all regular files below `directory` whose names end in `suffix`, sorted.
    public static func files(below directory: FilePath, suffix: String = "") throws -> [FilePath] {
        // On strings: in a debug build of swift-system every operation on a path checks all of the path.
        try files(below: directory.string, suffix: suffix).map { FilePath($0) }
    }

    private static func files(below directory: String, suffix: String) throws -> [String] {
        var found: [String] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
            let path = "\(directory)/\(name)"
            if isDirectory(path) {
                found += try files(below: path, suffix: suffix)
            } else if name.hasSuffix(suffix) {
                found.append(path)
            }
        }
        return found
    }

    /// The name of a file and that of the directory that it is in, such as a partition's.
    public static func names(of file: FilePath) -> (directory: String, file: String) {
        let names = file.string.split(separator: "/").suffix(2).map(String.init)
        precondition(names.count == 2, "Cannot tell the directory of \(file)")
        return (names[0], names[1])
    }

    /// The contents of a file.
    public static func bytes(of path: FilePath) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path.string)))
    }

    /// The lines of a UTF-8 text file, without their terminators; text behind the last terminator counts as a line.
    public static func lines(of path: FilePath) throws -> [String] {
        lines(of: try bytes(of: path))
    }

    /// The lines of UTF-8 text, in the same way.
    public static func lines(of text: [UInt8]) -> [String] {
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Copies a file or a tree, such as a log directory that a test is going to change, to a path that does not
    /// exist yet.
    public static func copy(_ source: FilePath, to destination: FilePath) throws {
        try FileManager.default.copyItem(atPath: source.string, toPath: destination.string)
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// Random messages of every API and version, one JSON object a line, as the Java client encodes them.
    ///
    /// `Tests/Fixtures/MessageGoldens/GenerateMessages.java` tells what a line holds.
    public static var messages: FilePath {
        get throws { try unpackedMessages.get() }
    }

    /// A directory with the inputs that a fuzzer of that name begins with.
    public static func fuzzCorpus(_ name: String) throws -> FilePath { try unpack("FuzzCorpus/\(name).tar.zst") }

    private static let unpacked = Result { try unpack("kafka-4.0.tar.zst").appending("public") }

    private static let unpackedMessages = Result {
        try unpack("MessageGoldens/messages.tar.zst").appending("messages.jsonl")
    }

    private static func unpack(_ archive: String) throws -> FilePath {
        try FixtureArchive(path: Repository.root.appending("Tests/Fixtures").appending(archive))
            .unpack(below: Repository.scratch.appending("fixtures"))
    }
}
