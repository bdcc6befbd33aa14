import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

@Suite(.temporaryDirectory) struct FileSystemTests {
    private let directory = TemporaryDirectory.current

    @Test("a missing path has no status, whatever is missing of it")
    func missing() throws {
        try FileSystem.make(directory.appending("file"), [])
        #expect(try FileSystem.status(directory.appending("nothing")) == nil)
        #expect(try FileSystem.status(directory.appending("nothing").appending("below")) == nil)
        #expect(try FileSystem.status(directory.appending("file").appending("below")) == nil)
    }

    @Test("directories are made one by one or all at once")
    func directories() throws {
        let deep = directory.appending("a").appending("b").appending("c")
        #expect(ioError { try FileSystem.createDirectory(deep) }?.isNotFound == true)
        try FileSystem.createDirectory(deep, withIntermediate: true)
        try FileSystem.createDirectory(deep, withIntermediate: true)
        #expect(try FileSystem.status(deep)?.kind == .directory)
        #expect(ioError { try FileSystem.createDirectory(deep) }?.errno == .fileExists)
        try FileSystem.make(directory.appending("file"), [])
        let below = directory.appending("file")
        #expect(ioError { try FileSystem.createDirectory(below, withIntermediate: true) }?.errno == .fileExists)
        let under = below.appending("x").appending("y")
        #expect(ioError { try FileSystem.createDirectory(under, withIntermediate: true) } != nil)
    }

    @Test("the list of a directory is sorted, and tells kinds")
    func listing() throws {
        try FileSystem.make(directory.appending("b"), [])
        try FileSystem.createDirectory(directory.appending("a"))
        try FileManager.default.createSymbolicLink(
            atPath: directory.appending("c").string,
            withDestinationPath: directory.appending("a").string
        )
        let entries = try FileSystem.list(directory)
        #expect(entries.map(\.name) == ["a", "b", "c"])
        #expect(entries.map(\.kind) == [.directory, .regular, .symbolicLink])
        #expect(ioError { _ = try FileSystem.list(directory.appending("nothing")) }?.isNotFound == true)
    }

    @Test("a name that is not UTF-8 is listed and can be removed")
    func rawName() throws {
        let component = try #require(FilePath.Component(platformString: [CChar(bitPattern: 0xFF), 0x61, 0]))
        try FileSystem.make(directory.appending(component), [])
        #expect(try FileSystem.list(directory).map(\.component) == [component])
        try FileSystem.removeTree(directory)
        #expect(try FileSystem.status(directory) == nil)
    }

    @Test("a tree is removed with all it holds, and links in it are not followed")
    func removingTrees() throws {
        let outside = directory.appending("outside")
        let tree = directory.appending("tree")
        try FileSystem.createDirectory(outside)
        try FileSystem.make(outside.appending("kept"), [])
        var deep = tree
        for level in 0..<50 {
            deep.append("\(level)")
            try FileSystem.createDirectory(deep, withIntermediate: true)
            try FileSystem.make(deep.appending("file"), [])
        }
        for (link, target) in [("directory", outside), ("dangling", directory.appending("nothing"))] {
            try FileManager.default.createSymbolicLink(
                atPath: tree.appending(link).string,
                withDestinationPath: target.string
            )
        }
        try FileSystem.removeTree(tree)
        #expect(try FileSystem.list(directory).map(\.name) == ["outside"])
        #expect(try FileSystem.list(outside).map(\.name) == ["kept"])
        try FileSystem.removeTree(outside.appending("kept"))
        #expect(ioError { try FileSystem.removeTree(tree) }?.isNotFound == true)
    }

    @Test("a rename replaces, unless it is told not to")
    func renaming() throws {
        let (from, to) = (directory.appending("from"), directory.appending("to"))
        try FileSystem.make(from, [1])
        try FileSystem.make(to, [2])
        #expect(ioError { try FileSystem.renameWithoutReplacing(from: from, to: to) }?.errno == .fileExists)
        try FileSystem.rename(from: from, to: to)
        #expect(try FileSystem.readFile(to, limit: 10) == [1])
        try FileSystem.renameWithoutReplacing(from: to, to: from)
        #expect(try FileSystem.list(directory).map(\.name) == ["from"])
        let error = ioError { try FileSystem.rename(from: to, to: from) }
        #expect(error?.isNotFound == true)
        #expect(error?.attempt == "rename \(to) to \(from)")
    }

    @Test("removal is of the kind that was asked for")
    func removing() throws {
        try FileSystem.make(directory.appending("file"), [])
        try FileSystem.createDirectory(directory.appending("full"))
        try FileSystem.make(directory.appending("full").appending("file"), [])
        #expect(ioError { try FileSystem.removeDirectory(directory.appending("full")) }?.errno == .directoryNotEmpty)
        #expect(ioError { try FileSystem.removeFile(directory.appending("full")) } != nil)
        try FileSystem.removeFile(directory.appending("full").appending("file"))
        try FileSystem.removeDirectory(directory.appending("full"))
        #expect(try FileSystem.list(directory).map(\.name) == ["file"])
    }

    @Test("replacing a file makes it, replaces it, and overwrites a leftover")
    func replacing() throws {
        let path = directory.appending("checkpoint")
        try FileSystem.replaceFile(path, contents: [1])
        #expect(try FileSystem.readFile(path, limit: 10) == [1])
        try FileSystem.make(directory.appending("checkpoint.tmp"), patternBytes(100))
        try FileSystem.replaceFile(path, contents: [2, 3])
        #expect(try FileSystem.readFile(path, limit: 10) == [2, 3])
        #expect(try FileSystem.list(directory).map(\.name) == ["checkpoint"])
    }

    @Test("a replaced file is synchronised before it gets its name, and the directory after")
    func replacingOrder() throws {
        let injector = FaultInjector.install(under: directory)
        defer { injector.remove() }
        try FileSystem.replaceFile(directory.appending("checkpoint"), contents: [1])
        let temporary = directory.appending("checkpoint.tmp")
        let steps = injector.calls.filter { [.pwrite, .fsync, .rename].contains($0.name) }
        #expect(steps.map(\.name) == [.pwrite, .fsync, .rename, .fsync])
        #expect(steps.map(\.path) == [temporary, temporary, temporary, directory])
    }

    @Test("whichever call fails while a file is replaced, the file is whole and nothing is left over")
    func replacingFails() throws {
        let path = directory.appending("checkpoint")
        let (old, new) = (patternBytes(100), patternBytes(200, startingAt: 9))
        try FileSystem.replaceFile(path, contents: old)
        let counting = FaultInjector.install(under: directory)
        try FileSystem.replaceFile(path, contents: old)
        counting.remove()
        let renaming = try #require(counting.calls.firstIndex { $0.name == .rename })
        #expect(counting.calls.count > 6)
        for failing in counting.calls {
            try FileSystem.replaceFile(path, contents: old)
            let injector = FaultInjector.install(under: directory) { call in
                call.sequence == failing.sequence ? .fail(.ioError) : .proceed
            }
            let error = ioError { try FileSystem.replaceFile(path, contents: new) }
            injector.remove()
            #expect(error?.call == failing.name)
            let expected = failing.sequence <= renaming ? old : new
            #expect(try FileSystem.readFile(path, limit: 1000) == expected, "after a failed \(failing)")
            #expect(try FileSystem.list(directory).map(\.name) == ["checkpoint"], "after a failed \(failing)")
        }
    }

    @Test(
        "a failed call on a name is reported with call, path and reason",
        arguments: [
            SystemCall.mkdir, .rmdir, .unlink, .rename, .renameat2, .stat, .statvfs, .opendir, .readdir, .open, .fsync,
        ]
    )
    func failures(call: SystemCall) throws {
        try FileSystem.make(directory.appending("file"), [])
        try FileSystem.createDirectory(directory.appending("directory"))
        let injector = FaultInjector.install(under: directory) { $0.name == call ? .fail(.ioError) : .proceed }
        defer { injector.remove() }
        let error = ioError {
            try FileSystem.createDirectory(directory.appending("new"))
            _ = try FileSystem.status(directory.appending("new"))
            _ = try FileSystem.list(directory)
            _ = try FileSystem.space(directory)
            try FileSystem.removeDirectory(directory.appending("directory"))
            try FileSystem.rename(from: directory.appending("file"), to: directory.appending("moved"))
            try FileSystem.renameWithoutReplacing(from: directory.appending("moved"), to: directory.appending("file"))
            try FileSystem.removeFile(directory.appending("file"))
            try FileSystem.synchronizeDirectory(directory)
        }
        #expect(error?.call == call)
        #expect(error?.errno == .ioError)
        #expect(error?.path?.starts(with: directory) == true)
    }
}
