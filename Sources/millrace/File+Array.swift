import LinuxIO

extension File {
    /// Fills an array from the file.
    ///
    /// Returns how many bytes were read from `position` on: fewer than the array has only at the end of the file.
    func read(into bytes: inout [UInt8], at position: Int64) throws(IOError) -> Int {
        var elements = bytes.mutableSpan
        var span = MutableRawSpan(_elements: &elements)
        return try read(into: &span, at: position)
    }
}
