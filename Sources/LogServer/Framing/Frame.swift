import CommitLog
import RecordBatch

/// A request without its length: its header and its body.
package enum Frame: Hashable, Sendable {
    /// It lies in what was received last, at this range; it was not copied.
    case received(Range<Int>)
    /// It came in pieces, which were put together.
    case gathered([UInt8])

    /// Lends the bytes of the request.
    /// - Parameter received: What the decoder was given when it returned the request.
    package func withBytes<Result, Failure>(
        in received: RawSpan,
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch self {
        case .received(let range): try body(received.extracting(range))
        case .gathered(let bytes): try body(bytes.rawSpan)
        }
    }
}
