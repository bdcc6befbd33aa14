internal import CSystemShims
internal import Glibc
internal import SystemPackage

/// What a buffer was lent to the kernel for.
struct BufferUse: Sendable, CustomStringConvertible {
    let call: SystemCall
    let path: FilePath
    let position: Int64?
    let count: Int

    var description: String {
        "\(call) of \(count) bytes\(position.map { " at \($0)" } ?? "") of \(path)"
    }
}

#if DEBUG
    /// Memory that nobody may use: it holds a pattern, which has to be there still when the memory is used again or freed.
    ///
    /// So a write is found that came too late, the kernel's too, which sanitizers do not see. What the program itself does
    /// with the memory the address sanitizer finds at once, where it is built in.
    ///
    /// `@unchecked Sendable`: whoever has retired the memory hands it over with this value.
    @safe struct RetiredMemory: @unchecked Sendable {
        static let pattern: UInt8 = 0xDB

        private let start: UnsafeMutableRawPointer
        let count: Int
        private let lastUse: BufferUse?

        /// Retires memory, which was last lent to the kernel for `lastUse`.
        @unsafe init(_ start: UnsafeMutableRawPointer, _ count: Int, lastUse: BufferUse?) {
            unsafe self.start = start
            self.count = count
            self.lastUse = lastUse
            unsafe start.initializeMemory(as: UInt8.self, repeating: Self.pattern, count: count)
            unsafe csys_memory_forbid(start, count)
        }

        /// Stops the program if somebody has written to the memory since it was retired.
        func check() {
            unsafe csys_memory_allow(start, count)
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
            // Each byte is like the next: many times quicker than to look at each in a debug build.
            guard unsafe bytes[0] == Self.pattern && memcmp(start, start + 1, count - 1) == 0 else {
                let position = unsafe bytes.firstIndex { $0 != Self.pattern } ?? 0
                let use = lastUse.map { "the kernel had it last for \($0)" } ?? "the kernel never had it"
                preconditionFailure("Byte \(position) of a buffer was written after the buffer was given up; \(use)")
            }
            unsafe csys_memory_forbid(start, count)
        }

        /// Gives the memory back to use, as it was.
        func revive() {
            check()
            unsafe csys_memory_allow(start, count)
        }

        /// Frees the memory.
        func free() {
            revive()
            unsafe start.deallocate()
        }
    }

    /// Keeps the memory of the buffers that were freed last, so that a late write finds the pattern, and not something that
    /// has taken its place.
    final class Quarantine: Sendable {
        static let shared = Quarantine(limit: 4 << 20)

        private struct State: Sendable {
            var blocks = FIFO<RetiredMemory>()
            var bytes = 0
        }

        private let limit: Int
        private let state = Lock(State())

        /// - Parameter limit: The most bytes that are kept.
        init(limit: Int) {
            self.limit = limit
        }

        /// Takes memory in, and frees the oldest while there is too much.
        func add(_ memory: RetiredMemory) {
            let oldest = state.withLock { state in
                state.blocks.append(memory)
                state.bytes += memory.count
                var oldest: [RetiredMemory] = []
                while state.bytes > limit, let block = state.blocks.popFirst() {
                    state.bytes -= block.count
                    oldest.append(block)
                }
                return oldest
            }
            for block in oldest { block.free() }
        }

        /// Looks at all that is kept.
        func check() {
            state.withLock { state in
                for _ in 0..<state.blocks.count {
                    guard let block = state.blocks.popFirst() else { return }
                    block.check()
                    state.blocks.append(block)
                }
            }
        }
    }
#endif
