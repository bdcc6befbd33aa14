package struct APIVersionsRequest: RequestMessage {
    package typealias Response = APIVersionsResponse
    package static var api: APIKey { .apiVersions }

    package var clientSoftwareName = ""
    package var clientSoftwareVersion = ""

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("clientSoftwareName", &clientSoftwareName, 3...)
        try coder.field("clientSoftwareVersion", &clientSoftwareVersion, 3...)
    }
}

package struct APIVersionsResponse: ResponseMessage {
    package static var api: APIKey { .apiVersions }

    package var errorCode = ErrorCode.none
    package var apiKeys: [ApiVersion] = []
    package var throttleTimeMs: Int32 = 0
    package var supportedFeatures: [SupportedFeatureKey] = []
    package var finalizedFeaturesEpoch: Int64 = -1
    package var finalizedFeatures: [FinalizedFeatureKey] = []
    package var zkMigrationReady = false

    package init() {}

    package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.field("errorCode", &errorCode)
        try coder.field("apiKeys", &apiKeys)
        try coder.field("throttleTimeMs", &throttleTimeMs, 1...)
    }

    package mutating func taggedFields(_ coder: inout some MessageCoder) throws(ProtocolError) {
        try coder.tag(0, "supportedFeatures", &supportedFeatures, default: [])
        try coder.tag(1, "finalizedFeaturesEpoch", &finalizedFeaturesEpoch, default: -1)
        try coder.tag(2, "finalizedFeatures", &finalizedFeatures, default: [])
        try coder.tag(3, "zkMigrationReady", &zkMigrationReady, default: false)
    }

    package struct ApiVersion: WireStructure, Hashable, Sendable {
        package var apiKey: Int16 = 0
        package var minVersion: Int16 = 0
        package var maxVersion: Int16 = 0

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("apiKey", &apiKey)
            try coder.field("minVersion", &minVersion)
            try coder.field("maxVersion", &maxVersion)
        }
    }

    package struct SupportedFeatureKey: WireStructure, Hashable, Sendable {
        package var name = ""
        package var minVersion: Int16 = 0
        package var maxVersion: Int16 = 0

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name, 3...)
            try coder.field("minVersion", &minVersion, 3...)
            try coder.field("maxVersion", &maxVersion, 3...)
        }
    }

    package struct FinalizedFeatureKey: WireStructure, Hashable, Sendable {
        package var name = ""
        package var maxVersionLevel: Int16 = 0
        package var minVersionLevel: Int16 = 0

        package init() {}

        package mutating func fields(_ coder: inout some MessageCoder) throws(ProtocolError) {
            try coder.field("name", &name, 3...)
            try coder.field("maxVersionLevel", &maxVersionLevel, 3...)
            try coder.field("minVersionLevel", &minVersionLevel, 3...)
        }
    }
}
