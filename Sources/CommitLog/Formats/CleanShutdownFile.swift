/// The file `.kafka_cleanshutdown` at the root of a log directory: its presence says that all logs were closed in order.
///
/// ```
/// {"version":0,"brokerEpoch":112}
/// ```
///
/// Kafka before 3.7 left the file empty; that is read as a shutdown without a broker epoch.
///
/// Source: Kafka's `CleanShutdownFileHandler` (KIP-966).
public struct CleanShutdownFile: Hashable, Sendable {
    private static let format = "clean shutdown file"

    /// The epoch under which the broker was registered; -1 where there is no controller to give one, `nil` in an empty
    /// file.
    public var brokerEpoch: Int64?

    /// A file that tells the given broker epoch.
    public init(brokerEpoch: Int64?) {
        self.brokerEpoch = brokerEpoch
    }

    /// Parses the contents of a file.
    /// - Parameter bytes: The whole file.
    /// - Throws: `FormatError` when it is neither empty nor a JSON object with these two integers, or the version is not 0.
    public init(parsing bytes: [UInt8]) throws(FormatError) {
        guard !bytes.isEmpty else {
            brokerEpoch = nil
            return
        }
        var parser = JSONIntegers(bytes: bytes, format: Self.format)
        let members = try parser.object()
        guard let version = members["version"], let brokerEpoch = members["brokerEpoch"], members.count == 2 else {
            throw FormatError(
                .malformed,
                format: Self.format,
                at: .byte(0),
                reason: "members \(members.keys.sorted()); they have to be version and brokerEpoch"
            )
        }
        guard version == 0 else {
            throw FormatError(
                .unsupportedVersion,
                format: Self.format,
                at: .byte(0),
                reason: "version \(version); only version 0 is known"
            )
        }
        self.brokerEpoch = brokerEpoch
    }

    /// The contents of the file.
    public func encoded() -> [UInt8] {
        guard let brokerEpoch else { return [] }
        return Array("{\"version\":0,\"brokerEpoch\":\(brokerEpoch)}".utf8)
    }
}
