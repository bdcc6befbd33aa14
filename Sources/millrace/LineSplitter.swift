/// Cuts a stream of bytes into lines, holding one line and one chunk at most.
///
/// A line ends in `\n`, which is not part of it; every other byte is, `\r` and zeros included. Bytes behind the last
/// `\n` are a line too, unless there are none.
struct LineSplitter {
    /// A line is longer than any record may be.
    struct LineTooLong: Error, Hashable {
        /// Counted from 1.
        let number: Int
    }

    /// The most bytes that a line may have.
    let limit: Int
    /// How many lines were given out.
    private(set) var count = 0

    private var bytes: [UInt8] = []
    /// Where the next line begins.
    private var lineStart = 0
    /// Up to where there is no line's end in it.
    private var searched = 0

    /// - Parameter limit: the most bytes that a line may have, its end not counted.
    init(limit: Int) { self.limit = limit }

    /// Adds the next bytes of the stream.
    ///
    /// To be called once ``next()`` has given out all lines.
    mutating func append(_ chunk: ArraySlice<UInt8>) {
        bytes.removeFirst(lineStart)
        searched -= lineStart
        lineStart = 0
        bytes += chunk
    }

    /// The next line, valid until more is appended; `nil` if its end is not there yet.
    mutating func next() throws(LineTooLong) -> ArraySlice<UInt8>? {
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            try checkLength(searched - lineStart)
            return nil
        }
        let line = bytes[lineStart..<end]
        try checkLength(line.count)
        count += 1
        lineStart = end + 1
        searched = lineStart
        return line
    }

    /// At the end of the stream: the line that has no end, if there is one.
    mutating func last() throws(LineTooLong) -> ArraySlice<UInt8>? {
        let line = bytes[lineStart...]
        guard !line.isEmpty else { return nil }
        try checkLength(line.count)
        count += 1
        lineStart = bytes.count
        searched = lineStart
        return line
    }

    /// How many bytes are there of a line whose end is not.
    var unfinishedCount: Int { bytes.count - lineStart }

    private func checkLength(_ length: Int) throws(LineTooLong) {
        guard length <= limit else { throw LineTooLong(number: count + 1) }
    }
}
