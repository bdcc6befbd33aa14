import CSystemShims

/// CRC-32C (Castagnoli; RFC 3720, 12.1), the checksum of record batches and of producer snapshots.
///
/// Any thread may call.
public enum CRC32C {
    /// The checksum of `bytes`, or of everything so far if `bytes` go on where others ended.
    ///
    /// - Parameters:
    ///   - bytes: Any number of bytes.
    ///   - checksum: Checksum of the bytes before them: 0 for none.
    /// - Returns: The checksum, as it stands in a batch header.
    /// - Complexity: On a processor with CRC instructions some 20 GB/s, otherwise some 2.
    public static func checksum(of bytes: RawSpan, continuing checksum: UInt32 = 0) -> UInt32 {
        // The pointer does not leave the call, which reads as many bytes as the span has.
        unsafe bytes.withUnsafeBytes { unsafe csys_crc32c(checksum, $0.baseAddress, $0.count) }
    }

    /// The same by table, for tests to compare with.
    static func portableChecksum(of bytes: RawSpan, continuing checksum: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe csys_crc32c_portable(checksum, $0.baseAddress, $0.count) }
    }

    /// What computes the checksum on this processor: "sse4.2", "armv8-crc" or "portable".
    public static var implementation: String {
        // A string literal of the C side.
        unsafe String(cString: csys_crc32c_implementation())
    }
}
