import SystemPackage
import TestSupport
import Testing

@testable import LinuxIO

@Suite struct IOErrorTests {
    @Test("the description says what was attempted, where, why and by which call")
    func description() {
        let error = IOError.writing(.pwrite, "/x/y", 4096, at: 8192, .ioError)
        #expect(
            error.description
                == "Could not write 4096 bytes at position 8192 of /x/y: Input/output error (EIO, pwrite)"
        )
    }

    @Test("the description of a shortage says what to do")
    func advice() {
        let noSpace = IOError.writing(.pwrite, "/x/y", 1, at: 0, .noSpace)
        #expect(noSpace.description.hasSuffix("(ENOSPC, pwrite). Free space on the file system that holds it."))
        let full = IOError(call: .open, path: "/x", errno: .tooManyOpenFiles, attempt: "open /x")
        #expect(full.description.contains("EMFILE"))
        #expect(full.description.contains("ulimit -n"))
    }

    @Test("an errno without a name is shown by its number")
    func nameless() {
        #expect(Errno(rawValue: 4711).symbol == "errno 4711")
        #expect(Errno.noSpace.symbol == "ENOSPC")
    }

    @Test("shortages are told apart")
    func kinds() {
        func error(_ errno: Errno, _ call: SystemCall = .open) -> IOError {
            IOError(call: call, path: nil, errno: errno, attempt: "test")
        }
        #expect(error(.noSpace).isOutOfSpace && error(.diskQuotaExceeded).isOutOfSpace)
        #expect(error(.tooManyOpenFiles).isOutOfDescriptors && error(.tooManyOpenFilesInSystem).isOutOfDescriptors)
        #expect(error(.noSuchFileOrDirectory).isNotFound)
        #expect(!error(.ioError).isOutOfSpace && !error(.ioError).isOutOfDescriptors && !error(.ioError).isNotFound)
        #expect(error(.noMemory).isRetryable && !error(.ioError).isRetryable && !error(.noSpace).isRetryable)
    }

    @Test("a failed synchronisation is never worth a retry", arguments: [SystemCall.fsync, .fdatasync])
    func finalFailures(call: SystemCall) {
        for errno in [Errno.ioError, .noMemory, .resourceTemporarilyUnavailable] {
            #expect(!IOError(call: call, path: nil, errno: errno, attempt: "test").isRetryable)
        }
    }
}
