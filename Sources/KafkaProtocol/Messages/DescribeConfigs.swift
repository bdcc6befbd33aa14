package struct DescribeConfigsRequest: RequestMessage {
    package typealias Response = DescribeConfigsResponse
    package static var api: APIKey { .describeConfigs }

    package var resources: [Resource] = []
    package var includeSynonyms = false
    package var includeDocumentation = false

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("resources", &resources)
        try coder.field("includeSynonyms", &includeSynonyms)
        try coder.field("includeDocumentation", &includeDocumentation, 3...)
    }

    package struct Resource: WireStructure, Hashable, Sendable {
        package var resourceType: Int8 = 0
        package var resourceName = ""
        package var configurationKeys: [String]? = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("resourceType", &resourceType)
            try coder.field("resourceName", &resourceName)
            try coder.field("configurationKeys", &configurationKeys)
        }
    }
}

package struct DescribeConfigsResponse: ResponseMessage {
    package static var api: APIKey { .describeConfigs }

    package var throttleTimeMs: Int32 = 0
    package var results: [Result] = []

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("throttleTimeMs", &throttleTimeMs)
        try coder.field("results", &results)
    }

    package struct Result: WireStructure, Hashable, Sendable {
        package var errorCode = ErrorCode.none
        package var errorMessage: String? = ""
        package var resourceType: Int8 = 0
        package var resourceName = ""
        package var configs: [ResourceResult] = []

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("errorCode", &errorCode)
            try coder.field("errorMessage", &errorMessage)
            try coder.field("resourceType", &resourceType)
            try coder.field("resourceName", &resourceName)
            try coder.field("configs", &configs)
        }

        package struct ResourceResult: WireStructure, Hashable, Sendable {
            package var name = ""
            package var value: String? = ""
            package var readOnly = false
            package var configSource: Int8 = -1
            package var isSensitive = false
            package var synonyms: [Synonym] = []
            package var configType: Int8 = 0
            package var documentation: String? = ""

            package init() {}

            package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                try coder.field("name", &name)
                try coder.field("value", &value)
                try coder.field("readOnly", &readOnly)
                try coder.field("configSource", &configSource)
                try coder.field("isSensitive", &isSensitive)
                try coder.field("synonyms", &synonyms)
                try coder.field("configType", &configType, 3...)
                try coder.field("documentation", &documentation, 3...)
            }

            package struct Synonym: WireStructure, Hashable, Sendable {
                package var name = ""
                package var value: String? = ""
                package var source: Int8 = 0

                package init() {}

                package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
                    try coder.field("name", &name)
                    try coder.field("value", &value)
                    try coder.field("source", &source)
                }
            }
        }
    }
}
