import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

@Suite struct IOBackendTests {
    @Test("the environment variable takes the names of the back-ends and nothing else")
    func parsing() throws {
        #expect(try IOBackend.parse("ring") == .ring)
        #expect(try IOBackend.parse("epoll") == .epoll)
        let error = ioError { _ = try IOBackend.parse("uring") }
        #expect(error?.errno == .invalidArgument)
        #expect(error?.description.contains("MILLRACE_IO=uring, which must be ring or epoll") == true)
    }

    @Test(
        "epoll stands in for a ring that is refused",
        arguments: [Errno.notPermitted, .noFunction, .noMemory, .permissionDenied]
    )
    func fallback(errno: Errno) throws {
        let name = "fallback \(errno.rawValue)"
        let injector = FaultInjector.install(under: ReactorInbox.path(of: name)) { call in
            call.name == .ioUringSetup ? .fail(errno) : .proceed
        }
        defer { injector.remove() }
        let reactor = try Reactor(name: name)
        #expect(reactor.backend == .epoll)
        reactor.shutdown()
        // A ring that was asked for by name is not replaced.
        let error = ioError { _ = try Reactor(name: name, backend: .ring) }
        #expect(error?.call == .ioUringSetup)
        #expect(error?.errno == errno)
    }

    @Test("a reactor that cannot start says why", arguments: [SystemCall.eventfd, .ioUringSetup, .epollCreate])
    func outOfDescriptors(call: SystemCall) throws {
        let name = "shortage \(call)"
        let injector = FaultInjector.install(under: ReactorInbox.path(of: name)) { seen in
            if seen.name == call { return .fail(.tooManyOpenFiles) }
            return call == .epollCreate && seen.name == .ioUringSetup ? .fail(.notPermitted) : .proceed
        }
        defer { injector.remove() }
        let error = try #require(ioError { _ = try Reactor(name: name) })
        #expect(error.call == call)
        #expect(error.isOutOfDescriptors)
        #expect(error.description.hasPrefix("Could not start the reactor \(name): "))
    }
}
