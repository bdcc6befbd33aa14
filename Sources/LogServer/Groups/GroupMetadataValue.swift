package import KafkaProtocol
package import RecordBatch

/// What `__consumer_offsets` says of a group that has an assignment, or lost its last member: the value of a record whose
/// key is a ``GroupMetadataKey``.
///
/// Source: Kafka's `GroupMetadataValue.json`.
package struct GroupMetadataValue: WireStructure, Hashable, Sendable {
    package var protocolType = ""
    package var generation: Int32 = 0
    package var protocolName: String?
    package var leader: String?
    package var currentStateTimestamp = Timestamp.none
    package var members: [Member] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("protocolType", &protocolType)
        try coder.field("generation", &generation)
        try coder.field("protocol", &protocolName)
        try coder.field("leader", &leader)
        try coder.field("currentStateTimestamp", &currentStateTimestamp, 2...)
        try coder.field("members", &members)
    }

    package struct Member: WireStructure, Hashable, Sendable {
        package var memberID = ""
        package var groupInstanceID: String?
        package var clientID = ""
        package var clientHost = ""
        package var rebalanceTimeoutMs: Int32 = -1
        package var sessionTimeoutMs: Int32 = 0
        package var subscription: [UInt8] = []
        package var assignment: [UInt8] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("memberId", &memberID)
            try coder.field("groupInstanceId", &groupInstanceID, 3...)
            try coder.field("clientId", &clientID)
            try coder.field("clientHost", &clientHost)
            try coder.field("rebalanceTimeout", &rebalanceTimeoutMs, 1...)
            try coder.field("sessionTimeout", &sessionTimeoutMs)
            try coder.field("subscription", &subscription)
            try coder.field("assignment", &assignment)
        }
    }
}
