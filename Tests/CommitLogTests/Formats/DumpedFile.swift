import CommitLog
import Foundation
import SystemPackage
import TestSupport
import Testing

/// A segment's file of the fixtures, with what kafka-dump-log has shown of it.
struct DumpedFile {
    let path: FilePath
    let name: SegmentFileName
    let bytes: [UInt8]
    /// What the tool printed, one entry a line; `nil` where it was not run.
    let dump: [String]?

    /// All files of a kind.
    static func all(_ kind: SegmentFileName.Kind, _ state: Fixtures.State) throws -> [DumpedFile] {
        try Fixtures.files(below: Fixtures.logDirectory(state), suffix: ".\(kind)").map { path in
            let (partition, name) = Fixtures.names(of: path)
            let dump = try Fixtures.expectedDirectory(state).appending("\(partition)/\(name).txt")
            let lines = FileManager.default.fileExists(atPath: dump.string) ? try Fixtures.lines(of: dump) : nil
            return DumpedFile(
                path: path,
                name: try #require(SegmentFileName(parsing: name)),
                bytes: try Fixtures.bytes(of: path),
                dump: lines?.dropFirst().filter { !$0.isEmpty && !$0.hasSuffix(" is empty.") }
            )
        }
    }
}
