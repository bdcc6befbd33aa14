/// Bytes between arrays and raw spans.
///
/// The standard library moves them only through pointers, or calls it unsafe. It is not: any bytes are valid as `UInt8`,
/// and no pointer leaves a call here.
extension [UInt8] {
    init(copying span: RawSpan) {
        self = unsafe span.withUnsafeBytes { bytes in unsafe [UInt8](bytes) }
    }

    init?(copying span: RawSpan?) {
        guard let span else { return nil }
        self.init(copying: span)
    }

    /// Changes the bytes in place.
    package mutating func withMutableBytes<Result, Failure: Error>(
        _ body: (inout MutableRawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var elements = mutableSpan
        var bytes = unsafe elements.mutableBytes
        return try body(&bytes)
    }

    /// Appends a copy of borrowed bytes.
    package mutating func append(contentsOf span: RawSpan) {
        unsafe span.withUnsafeBytes { bytes in unsafe append(contentsOf: bytes) }
    }
}

extension RawSpan {
    /// The bytes as UTF-8; what is none is replaced by U+FFFD.
    package var decodedUTF8: String {
        // Read within the call.
        unsafe withUnsafeBytes { bytes in unsafe String(decoding: bytes, as: UTF8.self) }
    }

    /// The bytes of an array.
    @_lifetime(borrow array)
    init(_ array: borrowing [UInt8]) {
        self = unsafe array.span.bytes
    }
}
