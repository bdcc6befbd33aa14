/// The file `meta.properties` at the root of a log directory: to which node of which cluster the directory belongs.
///
/// ```
/// version=1
/// cluster.id=v18LUKS2SfuNQVQT_kRHkA
/// node.id=1
/// directory.id=56dt9ZNTztKXwWRe0GtzsA
/// ```
///
/// The syntax is that of Java's properties. Kafka writes a comment with the date in front, and the keys in no order; it
/// reads this form as well. Keys that are not known here are kept.
///
/// Source: Kafka's `MetaProperties` (KIP-631, KIP-858).
public struct MetaProperties: Hashable, Sendable {
    private static let format = "meta.properties"
    private static let knownKeys: Set<String> = ["version", "cluster.id", "node.id", "directory.id"]

    /// The cluster's identity.
    ///
    /// Kafka's own are 22 characters of base64url, but any text that is not empty is taken.
    public var clusterID: String
    /// The node's number, at least 0.
    public var nodeID: Int32
    /// The directory's identity; directories of Kafka before 3.7 have none.
    public var directoryID: DirectoryID?
    /// The keys that are not known here, with their values.
    public private(set) var otherProperties: [String: String] = [:]

    /// Properties of a new directory.
    /// - Parameters:
    ///   - clusterID: The cluster's identity, not empty.
    ///   - nodeID: The node's number, at least 0.
    ///   - directoryID: The directory's identity.
    public init(clusterID: String, nodeID: Int32, directoryID: DirectoryID?) {
        precondition(!clusterID.isEmpty, "Cannot write meta.properties without a cluster.id")
        precondition(nodeID >= 0, "Cannot write meta.properties with node.id \(nodeID): it is at least 0")
        self.clusterID = clusterID
        self.nodeID = nodeID
        self.directoryID = directoryID
    }

    /// Parses the contents of a file.
    /// - Parameter bytes: The whole file.
    /// - Throws: `FormatError` when the syntax is broken, the version is not 1, or a value is missing or malformed.
    public init(parsing bytes: [UInt8]) throws(FormatError) {
        var values: [String: String] = [:]
        for property in try JavaProperties(parsing: bytes, format: Self.format).properties {
            values[property.key] = property.value
        }
        let end = FormatError.Place.line(bytes.count { $0 == UInt8(ascii: "\n") })
        func require(_ key: String) throws(FormatError) -> String {
            guard let value = values[key], !value.isEmpty else {
                throw FormatError(.truncated, format: Self.format, at: end, reason: "\(key) is missing")
            }
            return value
        }

        let version = try require("version")
        guard version == "1" else {
            throw FormatError(
                .unsupportedVersion,
                format: Self.format,
                at: end,
                reason: "version \(version.prefix(40)); only version 1 is known (0 was for brokers with ZooKeeper)"
            )
        }
        clusterID = try require("cluster.id")
        let node = try require("node.id")
        guard let nodeID = Int32(decimalDigits: node.utf8), nodeID >= 0 else {
            throw FormatError(
                .malformed,
                format: Self.format,
                at: end,
                reason: "node.id is \"\(node.prefix(40))\"; it has to be a number of at least 0"
            )
        }
        self.nodeID = nodeID
        if let directory = values["directory.id"] {
            guard let directoryID = DirectoryID(directory) else {
                throw FormatError(
                    .malformed,
                    format: Self.format,
                    at: end,
                    reason: "directory.id is \"\(directory.prefix(40))\"; it has to be 22 characters of base64url"
                )
            }
            self.directoryID = directoryID
        }
        otherProperties = values.filter { !Self.knownKeys.contains($0.key) }
    }

    /// The contents of the file, in the order drawn above, unknown keys last and sorted.
    public func encoded() -> [UInt8] {
        var properties: [JavaProperties.Property] = [
            .init(key: "version", value: "1"),
            .init(key: "cluster.id", value: clusterID),
            .init(key: "node.id", value: "\(nodeID)"),
        ]
        if let directoryID {
            properties.append(.init(key: "directory.id", value: directoryID.description))
        }
        properties += otherProperties.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value) }
        return JavaProperties(properties).encoded()
    }
}
