/// The length in front of a request cannot be one: the connection is to be closed, since nothing tells where the next
/// request begins.
package struct FrameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The length that was announced, in bytes.
    package var length: Int32
    /// The lengths that are taken.
    package var allowed: ClosedRange<Int>

    /// Both in words, with the setting that bounds them.
    package var description: String {
        if length < allowed.lowerBound {
            "a request of \(length) bytes was announced, but a header alone has \(allowed.lowerBound)"
        } else {
            "a request of \(length) bytes was announced, but socket.request.max.bytes is \(allowed.upperBound)"
        }
    }
}
