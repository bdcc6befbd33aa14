/// Bytes to be sent, in the memory where they are.
public enum SendPiece: Sendable {
    /// Bytes of an array.
    case bytes(ArraySlice<UInt8>)
    /// A range of a buffer, in bytes from its start. Nobody may change it until it is sent.
    case buffer(IOBuffer, Range<Int>)

    /// How many bytes.
    public var byteCount: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .buffer(_, let range): range.count
        }
    }

    /// Lends the bytes to `body`, for as long as it runs.
    func withMemory<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch self {
        case .bytes(let bytes):
            return unsafe bytes.withUnsafeBytes(body)
        case .buffer(let buffer, let range):
            let isInBuffer = range.lowerBound >= 0 && range.upperBound <= buffer.count
            precondition(isInBuffer, "Cannot send what a buffer does not have")
            return buffer.withBytes { bytes in
                // Within the buffer, as was just made sure of: subscripts of pointers are not checked in release builds.
                unsafe bytes.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[range])) }
            }
        }
    }
}

/// How far the sending of several pieces has come.
///
/// The decision alone: whoever sends reports how many bytes each call took.
struct SendProgress: Hashable, Sendable {
    private let counts: [Int]
    /// The piece that the next byte is in, and where in it; of no meaning when it is finished.
    private(set) var piece = 0
    private(set) var offset = 0
    /// How many bytes are still to be sent.
    private(set) var left: Int

    /// Pieces of so many bytes each.
    init(_ counts: [Int]) {
        self.counts = counts
        left = counts.reduce(0, +)
        skipEnds()
    }

    var isFinished: Bool { left == 0 }

    /// Whether nothing comes behind the piece that the next byte is in.
    var isInLastPiece: Bool { left == counts[piece] - offset }

    /// Takes note of bytes that were sent.
    mutating func advance(by sent: Int) {
        precondition(sent >= 0 && sent <= left, "Cannot have sent more bytes than there were")
        left -= sent
        offset += sent
        skipEnds()
    }

    private mutating func skipEnds() {
        while piece < counts.count, offset >= counts[piece] {
            offset -= counts[piece]
            piece += 1
        }
    }
}
