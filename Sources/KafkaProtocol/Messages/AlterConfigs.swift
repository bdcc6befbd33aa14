package struct AlterConfigsRequest: RequestMessage {
    package typealias Response = AlterConfigsResponse
    package static var api: APIKey { .alterConfigs }

    package var resources: [Resource] = []
    package var validateOnly = false

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("resources", &resources)
        try coder.field("validateOnly", &validateOnly)
    }

    package struct Resource: WireStructure, Hashable, Sendable {
        package var resourceType: Int8 = 0
        package var resourceName = ""
        package var configs: [AlterableConfig] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("resourceType", &resourceType)
            try coder.field("resourceName", &resourceName)
            try coder.field("configs", &configs)
        }

        package struct AlterableConfig: WireStructure, Hashable, Sendable {
            package var name = ""
            package var value: String? = ""

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("name", &name)
                try coder.field("value", &value)
            }
        }
    }
}

package struct AlterConfigsResponse: ResponseMessage {
    package static var api: APIKey { .alterConfigs }

    package var throttleTimeMs: Int32 = 0
    package var responses: [ResourceResponse] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("responses", &responses)
    }

    package struct ResourceResponse: WireStructure, Hashable, Sendable {
        package var errorCode = ErrorCode.none
        package var errorMessage: String? = ""
        package var resourceType: Int8 = 0
        package var resourceName = ""

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("errorCode", &errorCode)
            try coder.field("errorMessage", &errorMessage)
            try coder.field("resourceType", &resourceType)
            try coder.field("resourceName", &resourceName)
        }
    }
}
