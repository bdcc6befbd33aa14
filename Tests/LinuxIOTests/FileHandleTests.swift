import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

@Suite(.temporaryDirectory) struct FileHandleTests {
    private let path = TemporaryDirectory.current.appending("file")

    @Test("a file is closed once: by close, by letting go, or by the last owner of its handle")
    func closedOnce() throws {
        let injector = FaultInjector.install(under: path)
        defer { injector.remove() }
        try File.open(path, .readWrite, create: .mustNotExist).close()
        #expect(injector.count(of: .close) == 1)
        _ = try File.open(path)
        #expect(injector.count(of: .close) == 2)
        var first: LinuxIO.FileHandle? = FileHandle(try File.open(path))
        var second = first
        first = nil
        #expect(injector.count(of: .close) == 2)
        #expect(try second?.file.status().size == 0)
        second = nil
        #expect(injector.count(of: .close) == 3)
    }

    @Test("the descriptor is free again after a close, a failed one included", arguments: [false, true])
    func descriptorsReturn(closeFails: Bool) throws {
        try FileSystem.make(path, [])
        let injector = FaultInjector.install(under: path) { call in
            closeFails && call.name == .close ? .fail(.ioError) : .proceed
        }
        defer { injector.remove() }
        let file = try File.open(path)
        let link = "/proc/self/fd/\(file.descriptor)"
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path.string)
        do {
            try file.close()
            #expect(!closeFails)
        } catch {
            #expect(closeFails && error.call == .close && error.errno == .ioError)
        }
        // Another test may have been given the number meanwhile, but not for this file.
        #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: link)) != path.string)
    }
}
