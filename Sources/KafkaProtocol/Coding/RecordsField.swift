/// Record batches within a message.
///
/// Messages do not hold their bytes. A reader tells where they lie in what was read; a writer needs to know how many there
/// are, leaves them out, and tells where they belong, so that they can go from a file to a socket without a copy.
package struct RecordsField: Hashable, Sendable {
    /// Where the bytes lie, counted from the start of the bytes that were read.
    package var range: Range<Int>

    /// How many bytes they are.
    package var byteCount: Int { range.count }

    /// What a reader has found.
    package init(range: Range<Int>) { self.range = range }

    /// What is to be written.
    /// - Parameter byteCount: At least 0, and at most `Int32.max - 1`.
    package init(byteCount: Int) { range = 0..<byteCount }
}
