#if DEBUG
    import SystemPackage
    import TestSupport
    import Testing

    @testable import LinuxIO

    @Suite("Memory that was given up", .temporaryDirectory)
    struct RetiredMemoryTests {
        /// What becomes of a buffer that a request is still going to write to.
        enum Fault: String, CaseIterable, Codable, Sendable {
            case isUsedAgain, isFreed

            /// Gives up the buffer before the request has been made.
            func commit(on port: consuming some ReactorPort & ~Copyable, file: borrowing File) {
                let use = BufferUse(call: .pread, path: file.path, position: 512, count: 100)
                let pool = IOBufferPool(bufferBytes: 4096, limit: 1)
                var buffer = pool.take()
                guard let memory = buffer?.lendForFilling(100, for: use) else { return }
                buffer?.endWriting()
                if self == .isUsedAgain, let buffer { pool.put(buffer) }
                buffer = nil
                let token = OperationToken(place: 0, generation: 0)
                port.start(.read(file.descriptor, into: memory, at: 512, uncached: false), token)
                var completions: [Completion] = []
                while completions.isEmpty { port.wait(.unlimited, into: &completions) }
                port.close()
                switch self {
                case .isUsedAgain: _ = pool.take()
                case .isFreed: Quarantine.shared.check()
                }
            }
        }

        @Test(
            "a write of the kernel's that comes too late is found, and whose it is",
            arguments: IOBackend.testable,
            Fault.allCases
        )
        func lateWrite(backend: IOBackend, fault: Fault) async throws {
            let path = TemporaryDirectory.current.appending("file")
            try FileSystem.make(path, patternBytes(1000))
            let (name, usesRing) = (path.string, backend == .ring)
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                [name = name as String, usesRing = usesRing as Bool, fault = fault as Fault] in
                let file = try File.open(FilePath(name))
                let wakeUp = try WakeUp(owner: "test")
                if usesRing {
                    let port = try RingPort(queueDepth: 1, diskWorkers: 1, wakeUp: wakeUp, owner: "test")
                    fault.commit(on: port, file: file)
                } else {
                    let port = try EpollPort(name: "test", queueDepth: 1, diskWorkers: 1, wakeUp: wakeUp, owner: "test")
                    fault.commit(on: port, file: file)
                }
            }
            let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            // The address sanitizer, where it is built in, sees the write itself if a thread of the program makes it.
            let isSeenByOthers = backend == .epoll && message.contains("use-after-poison")
            #expect(
                isSeenByOthers || message.contains("the kernel had it last for pread of 100 bytes at 512 of \(name)")
            )
        }

        @Test("memory that nobody writes to passes through pool and quarantine")
        func untouched() throws {
            let pool = IOBufferPool(bufferBytes: 4096, limit: 1)
            for _ in 0..<3 {
                let buffer = try #require(pool.take())
                buffer.withMutableBytes { $0.storeBytes(of: 1, toByteOffset: 4095, as: UInt8.self) }
                pool.put(buffer)
            }
            let quarantine = Quarantine(limit: 10_000)
            for count in [4096, 1, 4096, 20_000, 4096] {
                let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 4096)
                quarantine.add(RetiredMemory(memory, count, lastUse: nil))
                quarantine.check()
            }
        }
    }
#endif
