package import RecordBatch

package struct MetadataRequest: RequestMessage {
    package typealias Response = MetadataResponse
    package static var api: APIKey { .metadata }

    package var topics: [Topic]? = []
    package var allowAutoTopicCreation = true
    package var includeClusterAuthorizedOperations = false
    package var includeTopicAuthorizedOperations = false

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("topics", &topics, nullable: 1...)
        try coder.field("allowAutoTopicCreation", &allowAutoTopicCreation, 4...)
        try coder.field("includeClusterAuthorizedOperations", &includeClusterAuthorizedOperations, 8...10)
        try coder.field("includeTopicAuthorizedOperations", &includeTopicAuthorizedOperations, 8...)
    }

    package struct Topic: WireStructure, Hashable, Sendable {
        package var topicID = TopicID.zero
        package var name: String? = ""

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("topicId", &topicID, 10...)
            try coder.field("name", &name, nullable: 10...)
        }
    }
}

package struct MetadataResponse: ResponseMessage {
    package static var api: APIKey { .metadata }

    package var throttleTimeMs: Int32 = 0
    package var brokers: [Broker] = []
    package var clusterID: String?
    package var controllerID: Int32 = -1
    package var topics: [Topic] = []
    package var clusterAuthorizedOperations: Int32 = -2147483648
    package var errorCode = ErrorCode.none

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs, 3...)
        try coder.field("brokers", &brokers)
        try coder.field("clusterId", &clusterID, 2...)
        try coder.field("controllerId", &controllerID, 1...)
        try coder.field("topics", &topics)
        try coder.field("clusterAuthorizedOperations", &clusterAuthorizedOperations, 8...10)
        try coder.field("errorCode", &errorCode, 13...)
    }

    package struct Broker: WireStructure, Hashable, Sendable {
        package var nodeID: Int32 = 0
        package var host = ""
        package var port: Int32 = 0
        package var rack: String?

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("nodeId", &nodeID)
            try coder.field("host", &host)
            try coder.field("port", &port)
            try coder.field("rack", &rack, 1...)
        }
    }

    package struct Topic: WireStructure, Hashable, Sendable {
        package var errorCode = ErrorCode.none
        package var name: String? = ""
        package var topicID = TopicID.zero
        package var isInternal = false
        package var partitions: [Partition] = []
        package var topicAuthorizedOperations: Int32 = -2147483648

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("errorCode", &errorCode)
            try coder.field("name", &name, nullable: 12...)
            try coder.field("topicId", &topicID, 10...)
            try coder.field("isInternal", &isInternal, 1...)
            try coder.field("partitions", &partitions)
            try coder.field("topicAuthorizedOperations", &topicAuthorizedOperations, 8...)
        }

        package struct Partition: WireStructure, Hashable, Sendable {
            package var errorCode = ErrorCode.none
            package var partitionIndex: Int32 = 0
            package var leaderID: Int32 = 0
            package var leaderEpoch = LeaderEpoch.none
            package var replicaNodes: [Int32] = []
            package var isrNodes: [Int32] = []
            package var offlineReplicas: [Int32] = []

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("errorCode", &errorCode)
                try coder.field("partitionIndex", &partitionIndex)
                try coder.field("leaderId", &leaderID)
                try coder.field("leaderEpoch", &leaderEpoch, 7...)
                try coder.field("replicaNodes", &replicaNodes)
                try coder.field("isrNodes", &isrNodes)
                try coder.field("offlineReplicas", &offlineReplicas, 5...)
            }
        }
    }
}
