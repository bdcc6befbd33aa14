import CommitLog
import RecordBatch
import TestSupport
import Testing

@testable import LogServer

@Suite("The frame decoder")
struct FrameDecoderTests {
    /// A request with its length.
    private func framed(_ request: [UInt8]) -> [UInt8] {
        withLength(Int32(request.count)) + request
    }

    private func withLength(_ length: Int32) -> [UInt8] {
        let bits = UInt32(bitPattern: length)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) }
    }

    /// All requests in what is received, and what is refused in the end.
    private func decode(_ pieces: [[UInt8]], with decoder: inout FrameDecoder) -> ([[UInt8]], FrameError?) {
        var requests: [[UInt8]] = []
        for piece in pieces {
            var position = 0
            do {
                while let frame = try decoder.next(in: piece.rawSpan, from: &position) {
                    requests.append(
                        frame.withBytes(in: piece.rawSpan) { bytes in
                            (0..<bytes.byteCount).map { bytes.integer(at: $0, as: UInt8.self) }
                        }
                    )
                }
            } catch {
                return (requests, error)
            }
            #expect(position == piece.count)
        }
        return (requests, nil)
    }

    @Test("requests cut at any one place are the same requests")
    func cutOnce() {
        let requests: [[UInt8]] = [Array(1...8), Array(9...40), Array(41...49)]
        let stream = requests.flatMap(framed)
        for cut in 0...stream.count {
            var decoder = FrameDecoder()
            let (decoded, error) = decode([Array(stream[..<cut]), Array(stream[cut...])], with: &decoder)
            #expect(decoded == requests && error == nil, "cut at \(cut)")
            #expect(decoder.isBetweenRequests && decoder.heldBytes == 0)
        }
    }

    @Test("requests cut at random places are the same requests", arguments: Seed.all)
    func cutAnywhere(seed: Seed) {
        var generator = seed.generator
        let requests = (0..<20).map { _ in
            (0..<Int.random(in: 8...200, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        let stream = requests.flatMap(framed)
        for longest in [1, 3, 50, 1000] {
            var pieces: [[UInt8]] = []
            var start = 0
            while start < stream.count {
                let end = min(stream.count, start + Int.random(in: 0...longest, using: &generator))
                pieces.append(Array(stream[start..<end]))
                start = end
            }
            var decoder = FrameDecoder(maximumBytes: 200)
            let (decoded, error) = decode(pieces, with: &decoder)
            #expect(decoded == requests && error == nil, "pieces of at most \(longest) bytes, \(seed)")
            #expect(decoder.isBetweenRequests)
        }
    }

    @Test("a request that lies whole in what was received is not copied, one in pieces is put together once")
    func copies() throws {
        var decoder = FrameDecoder()
        let stream = framed(Array(1...8)) + framed(Array(1...9))
        var position = 0
        #expect(try decoder.next(in: stream.rawSpan, from: &position) == .received(4..<12))
        #expect(try decoder.next(in: stream.rawSpan, from: &position) == .received(16..<25))
        #expect(try decoder.next(in: stream.rawSpan, from: &position) == nil)
        #expect(position == stream.count)

        position = 0
        #expect(try decoder.next(in: Array(stream[..<10]).rawSpan, from: &position) == nil)
        #expect(!decoder.isBetweenRequests)
        position = 10
        #expect(try decoder.next(in: stream.rawSpan, from: &position) == .gathered(Array(1...8)))
        #expect(try decoder.next(in: stream.rawSpan, from: &position) == .received(16..<25))
    }

    @Test("a length alone takes no memory: what is held follows what has come")
    func announcedLength() throws {
        var decoder = FrameDecoder()
        var position = 0
        #expect(try decoder.next(in: withLength(100 << 20).rawSpan, from: &position) == nil)
        #expect(decoder.heldBytes == 0)
        for count in 1...5000 {
            position = 0
            #expect(try decoder.next(in: [7].rawSpan, from: &position) == nil)
            // An allocator rounds up.
            #expect(decoder.heldBytes <= 2 * count + 64)
        }
    }

    @Test(
        "a length that is negative, too small for a header or over the limit is refused, and everything after it",
        arguments: [Int32.min, -1, 0, 7, 1001, 104_857_601, Int32.max]
    )
    func refusedLength(length: Int32) {
        var decoder = FrameDecoder(maximumBytes: 1000)
        let expected = FrameError(length: length, allowed: 8...1000)
        let (requests, error) = decode([framed(Array(1...8)) + withLength(length) + [1, 2]], with: &decoder)
        #expect(requests == [Array(1...8)])
        #expect(error == expected)
        let (more, again) = decode([framed(Array(1...8))], with: &decoder)
        #expect(more.isEmpty && again == expected)
        #expect(!decoder.isBetweenRequests)
    }

    @Test("the longest and the shortest request are taken", arguments: [8, 1000])
    func allowedLength(length: Int) {
        var decoder = FrameDecoder(maximumBytes: 1000)
        let request = [UInt8](repeating: 3, count: length)
        let (requests, error) = decode([framed(request)], with: &decoder)
        #expect(requests == [request] && error == nil)
    }

    @Test("the memory of a long request is used for the next one, whichever connection that is of")
    func spares() throws {
        let spares = RequestSpares()
        var first = FrameDecoder(spares: spares)
        let request = [0, 1, 0, 0] + [UInt8](repeating: 7, count: 65_536)
        var position = 0
        #expect(try first.next(in: Array(request.prefix(100)).span.bytes, from: &position) == nil)
        position = 0
        let frame = try first.next(in: Array(request.dropFirst(100)).span.bytes, from: &position)
        guard case .gathered(let bytes) = frame else {
            Issue.record("The request was not put together")
            return
        }
        #expect(bytes == Array(request.dropFirst(4)))
        first.giveBack(bytes)
        #expect(first.heldBytes == 0)

        var second = FrameDecoder(spares: spares)
        position = 0
        #expect(try second.next(in: Array(request.prefix(50)).span.bytes, from: &position) == nil)
        #expect(second.heldBytes >= 65_536)
        position = 0
        let rest = try second.next(in: Array(request.dropFirst(50)).span.bytes, from: &position)
        guard case .gathered(let again) = rest else {
            Issue.record("The request was not put together")
            return
        }
        #expect(again == Array(request.dropFirst(4)))
    }
}
