import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

@Suite(.temporaryDirectory) struct FaultInjectorTests {
    private let directory = TemporaryDirectory.current

    @Test("only calls below the path are seen, and none after removal")
    func scope() throws {
        let injector = FaultInjector.install(under: directory.appending("a"))
        for name in ["a", "ab", "b"] { try FileSystem.createDirectory(directory.appending(name)) }
        try FileSystem.make(directory.appending("a").appending("file"), [1])
        try FileSystem.rename(from: directory.appending("b"), to: directory.appending("a").appending("b"))
        injector.remove()
        injector.remove()
        try FileSystem.make(directory.appending("a").appending("late"), [1])
        #expect(injector.calls.map(\.name) == [.mkdir, .open, .pwrite, .close, .rename])
        #expect(injector.calls.last?.destination == directory.appending("a").appending("b"))
        #expect(injector.calls.map(\.sequence) == [0, 1, 2, 3, 4])
    }

    @Test("calls are counted by name, with position and size")
    func counting() throws {
        let injector = FaultInjector.install(under: directory)
        defer { injector.remove() }
        let file = try File.open(directory.appending("file"), .readWrite, create: .mustNotExist)
        try file.write([1, 2, 3], at: 7)
        try file.write([1, 2, 3, 4], at: 10)
        let writes = injector.calls.filter { $0.name == .pwrite }
        #expect(writes.map(\.occurrence) == [0, 1])
        #expect(writes.map(\.position) == [7, 10])
        #expect(writes.map(\.bytes) == [3, 4])
        #expect(injector.count(of: .pwrite) == 2)
        #expect(injector.count(of: .fsync) == 0)
    }

    @Test("of two injectors the first with an objection wins, and both see the call")
    func layered() throws {
        let watching = FaultInjector.install(under: directory)
        let failing = FaultInjector.install(under: directory) { _ in .fail(.ioError) }
        defer {
            watching.remove()
            failing.remove()
        }
        #expect(ioError { try FileSystem.createDirectory(directory.appending("a")) }?.errno == .ioError)
        #expect(watching.count(of: .mkdir) == 1)
        #expect(failing.count(of: .mkdir) == 1)
    }
}
