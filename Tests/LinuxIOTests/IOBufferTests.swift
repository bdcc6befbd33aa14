import Testing

@testable import LinuxIO

@Suite struct IOBufferTests {
    @Test("a buffer is a whole number of pages, and full of zeros", arguments: [1, 4095, 4096, 4097, 1 << 20])
    func sizes(count: Int) {
        let buffer = IOBuffer(count: count)
        #expect(buffer.count == (count + 4095) / 4096 * 4096)
        buffer.withBytes { bytes in
            #expect(bytes.byteCount == buffer.count)
            #expect(bytes.withUnsafeBytes { Int(bitPattern: $0.baseAddress) % 4096 } == 0)
            #expect(bytes.withUnsafeBytes { $0.allSatisfy { $0 == 0 } })
        }
    }

    @Test("what is written is read")
    func contents() {
        let buffer = IOBuffer(count: 1)
        buffer.withMutableBytes { $0.storeBytes(of: 0x1234_5678, toByteOffset: 100, as: UInt32.self) }
        #expect(buffer.withBytes { $0.unsafeLoad(fromByteOffset: 100, as: UInt32.self) } == 0x1234_5678)
        #expect(buffer.withBytes { _ in buffer.withBytes { $0.byteCount } } == 4096)
    }

    @Test("a buffer that is being written cannot be read")
    func readWhileWriting() async {
        await #expect(processExitsWith: .failure) {
            let buffer = IOBuffer(count: 1)
            buffer.withMutableBytes { _ in buffer.withBytes { _ in } }
        }
    }

    @Test("a buffer that is being read cannot be written")
    func writeWhileReading() async {
        await #expect(processExitsWith: .failure) {
            let buffer = IOBuffer(count: 1)
            buffer.withBytes { _ in buffer.withMutableBytes { _ in } }
        }
    }

    @Test("a buffer that the kernel has cannot be used")
    func useWhileLent() async {
        await #expect(processExitsWith: .failure) {
            let buffer = IOBuffer(count: 1)
            _ = buffer.lendForFilling(1, for: .test)
            buffer.withBytes { _ in }
        }
    }

    @Test("a buffer that was given back cannot be used")
    func useWhileRetired() async {
        await #expect(processExitsWith: .failure) {
            let buffer = IOBuffer(count: 1)
            buffer.retire()
            buffer.withBytes { _ in }
        }
        await #expect(processExitsWith: .failure) {
            let buffer = IOBuffer(count: 1)
            buffer.retire()
            _ = buffer.lendForFilling(1, for: .test)
        }
    }

    @Test("memory that is lent is bounded by what was asked for")
    func lending() {
        let buffer = IOBuffer(count: 4096)
        let lent = buffer.lendForFilling(100, for: .test)
        #expect(lent.count == 100)
        #expect(lent.dropping(first: 30).count == 70)
        #expect(lent.dropping(first: 100).count == 0)
        #expect(lent.prefix(10).count == 10)
        #expect(lent.prefix(1000).count == 100)
        #expect(lent.prefix(-1).count == 0)
        buffer.endWriting()
    }

    @Test("a pool makes as many buffers as it may, and uses them again")
    func pooling() throws {
        let pool = IOBufferPool(bufferBytes: 100, limit: 2)
        let first = try #require(pool.take())
        let second = try #require(pool.take())
        #expect(first !== second)
        #expect(pool.take() == nil)
        pool.put(first)
        #expect(pool.take() === first)
        #expect(pool.take() == nil)
    }

    #if DEBUG
        @Test("bytes that nobody wrote stand out in debug builds")
        func poison() {
            let buffer = IOBuffer(count: 1)
            _ = buffer.lendForFilling(10, for: .test)
            buffer.endWriting()
            #expect(buffer.withBytes { $0.unsafeLoad(fromByteOffset: 9, as: UInt8.self) } == 0xDB)
            #expect(buffer.withBytes { $0.unsafeLoad(fromByteOffset: 10, as: UInt8.self) } == 0)
            buffer.retire()
            buffer.reuse()
            #expect(buffer.withBytes { $0.unsafeLoad(fromByteOffset: 10, as: UInt8.self) } == 0xDB)
        }
    #endif
}
