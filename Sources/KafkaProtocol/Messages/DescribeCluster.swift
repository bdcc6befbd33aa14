package struct DescribeClusterRequest: RequestMessage {
    package typealias Response = DescribeClusterResponse
    package static var api: APIKey { .describeCluster }

    package var includeClusterAuthorizedOperations = false
    package var endpointType: Int8 = 1
    package var includeFencedBrokers = false

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("includeClusterAuthorizedOperations", &includeClusterAuthorizedOperations)
        try coder.field("endpointType", &endpointType, 1...)
        try coder.field("includeFencedBrokers", &includeFencedBrokers, 2...)
    }
}

package struct DescribeClusterResponse: ResponseMessage {
    package static var api: APIKey { .describeCluster }

    package var throttleTimeMs: Int32 = 0
    package var errorCode = ErrorCode.none
    package var errorMessage: String?
    package var endpointType: Int8 = 1
    package var clusterID = ""
    package var controllerID: Int32 = -1
    package var brokers: [Broker] = []
    package var clusterAuthorizedOperations: Int32 = -2147483648

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("errorCode", &errorCode)
        try coder.field("errorMessage", &errorMessage)
        try coder.field("endpointType", &endpointType, 1...)
        try coder.field("clusterId", &clusterID)
        try coder.field("controllerId", &controllerID)
        try coder.field("brokers", &brokers)
        try coder.field("clusterAuthorizedOperations", &clusterAuthorizedOperations)
    }

    package struct Broker: WireStructure, Hashable, Sendable {
        package var brokerID: Int32 = 0
        package var host = ""
        package var port: Int32 = 0
        package var rack: String?
        package var isFenced = false

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("brokerId", &brokerID)
            try coder.field("host", &host)
            try coder.field("port", &port)
            try coder.field("rack", &rack)
            try coder.field("isFenced", &isFenced, 2...)
        }
    }
}
