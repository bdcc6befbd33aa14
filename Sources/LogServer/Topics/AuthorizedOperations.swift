/// What clients may do, as the bits that responses have for it: everything, since nobody's rights are restricted.
///
/// Source: Kafka's `AclOperation`, `AclEntry.supportedOperations`.
enum AuthorizedOperations {
    /// Read, write, create, delete, alter, describe; describe and alter configurations.
    static let topic = bits([3, 4, 5, 6, 7, 8, 10, 11])
    /// Create, alter, describe; act for the cluster; describe and alter configurations; write idempotently.
    static let cluster = bits([5, 7, 8, 9, 10, 11, 12])
    /// Read, delete, describe; describe and alter configurations.
    static let group = bits([3, 6, 8, 10, 11])

    private static func bits(_ operations: [Int32]) -> Int32 { operations.reduce(0) { $0 | 1 << $1 } }
}
