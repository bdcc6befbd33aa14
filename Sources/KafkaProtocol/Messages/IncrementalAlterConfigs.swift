package struct IncrementalAlterConfigsRequest: RequestMessage {
    package typealias Response = IncrementalAlterConfigsResponse
    package static var api: APIKey { .incrementalAlterConfigs }

    package var resources: [AlterConfigsResource] = []
    package var validateOnly = false

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("resources", &resources)
        try coder.field("validateOnly", &validateOnly)
    }

    package struct AlterConfigsResource: WireStructure, Hashable, Sendable {
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
            package var configOperation: Int8 = 0
            package var value: String? = ""

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("name", &name)
                try coder.field("configOperation", &configOperation)
                try coder.field("value", &value)
            }
        }
    }
}

package struct IncrementalAlterConfigsResponse: ResponseMessage {
    package static var api: APIKey { .incrementalAlterConfigs }

    package var throttleTimeMs: Int32 = 0
    package var responses: [AlterConfigsResourceResponse] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("responses", &responses)
    }

    package struct AlterConfigsResourceResponse: WireStructure, Hashable, Sendable {
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
