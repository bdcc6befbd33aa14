import Foundation
import SystemPackage
import TestSupport

/// What a broker stored of a group that a consumer joined, committed offsets for, and left.
struct KafkaGroupRecords: Decodable {
    private var keyBase64: Data
    private var valueBase64: Data?

    /// Keys and values, in their order.
    static func all(_ state: Fixtures.State) throws -> [(key: [UInt8], value: [UInt8]?)] {
        let file = try Fixtures.expectedDirectory(state).appending("__consumer_offsets-0.jsonl")
        return try JSONLines.decode(Self.self, from: file).map { record in
            ([UInt8](record.keyBase64), record.valueBase64.map { [UInt8]($0) })
        }
    }
}
