import KafkaProtocol
import RecordBatch

/// Configurations are told and changed: those of topics, and the broker's own, which nobody changes while it runs.
///
/// Source: Kafka's `ConfigHelper`, `ConfigAdminManager` and `ControllerApis`.
extension Broker {
    // MARK: Telling

    /// Tells configurations.
    func describeConfigs(_ request: DescribeConfigsRequest) -> DescribeConfigsResponse {
        let image = metadata.image
        var response = DescribeConfigsResponse()
        response.results = request.resources.map { resource in
            var result = DescribeConfigsResponse.Result()
            result.resourceType = resource.resourceType
            result.resourceName = resource.resourceName
            result.errorMessage = nil
            do throws(APIError) {
                result.configs = try describe(resource, request.includeSynonyms, in: image)
            } catch {
                result.errorCode = error.code
                result.errorMessage = error.message
            }
            return result
        }
        return response
    }

    private func describe(
        _ resource: DescribeConfigsRequest.Resource,
        _ includeSynonyms: Bool,
        in image: MetadataImage
    ) throws(APIError) -> [DescribeConfigsResponse.Result.ResourceResult] {
        let names = resource.configurationKeys
        switch try configResource(resource.resourceType, resource.resourceName) {
        case .topic(let name):
            let topic = try topic(name, in: image)
            let config = TopicConfig(stored: topic.configs, over: configuration.topicDefaults)
            return ConfigDescription.entries(of: config, names: names, includeSynonyms: includeSynonyms)
        case .broker(isDefault: true):
            // What all brokers were told while they ran: nothing.
            return []
        case .broker(isDefault: false):
            return BrokerConfigDescription(configuration).entries(names: names, includeSynonyms: includeSynonyms)
        }
    }

    // MARK: Changing

    /// Replaces all configurations of topics, or tells what would become of that.
    func alterConfigs(_ request: AlterConfigsRequest) async -> AlterConfigsResponse {
        let changes = request.resources.map { resource in
            let configs = resource.configs
            return Change(resource.resourceType, resource.resourceName, isEmpty: configs.isEmpty) {
                (current) throws(APIError) in try ConfigAlteration.replacing(current, with: configs)
            }
        }
        var response = AlterConfigsResponse()
        for (change, error) in zip(changes, await alter(changes, validateOnly: request.validateOnly)) {
            var result = AlterConfigsResponse.ResourceResponse()
            (result.resourceType, result.resourceName) = (change.resource.type, change.resource.name)
            result.errorCode = error?.codeForName ?? .none
            result.errorMessage = error?.message
            response.responses.append(result)
        }
        return response
    }

    /// Changes some configurations of topics, or tells what would become of that.
    func incrementalAlterConfigs(_ request: IncrementalAlterConfigsRequest) async -> IncrementalAlterConfigsResponse {
        let changes = request.resources.map { resource in
            let configs = resource.configs
            return Change(resource.resourceType, resource.resourceName, isEmpty: configs.isEmpty) {
                (current) throws(APIError) in try ConfigAlteration.incremental(current, configs)
            }
        }
        var response = IncrementalAlterConfigsResponse()
        for (change, error) in zip(changes, await alter(changes, validateOnly: request.validateOnly)) {
            var result = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse()
            (result.resourceType, result.resourceName) = (change.resource.type, change.resource.name)
            result.errorCode = error?.codeForName ?? .none
            result.errorMessage = error?.message
            response.responses.append(result)
        }
        return response
    }

    /// What a request asks for of one resource.
    private struct Change: Sendable {
        struct Resource: Hashable, Sendable {
            let type: Int8
            let name: String
        }

        let resource: Resource
        /// Whether there is nothing to change.
        let isEmpty: Bool
        /// What becomes of a topic's configurations.
        let decide: @Sendable (TopicConfig) throws(APIError) -> TopicConfig

        init(
            _ type: Int8,
            _ name: String,
            isEmpty: Bool,
            _ decide: @escaping @Sendable (TopicConfig) throws(APIError) -> TopicConfig
        ) {
            resource = Resource(type: type, name: name)
            self.isEmpty = isEmpty
            self.decide = decide
        }
    }

    /// Changes the configurations of resources, one after the other.
    /// - Parameter validateOnly: Whether to decide and no more.
    /// - Returns: For each change, why nothing came of it.
    private func alter(_ changes: [Change], validateOnly: Bool) async -> [APIError?] {
        let counts = Dictionary(changes.map { ($0.resource, 1) }, uniquingKeysWith: +)
        var errors: [APIError?] = []
        for change in changes {
            do throws(APIError) {
                guard counts[change.resource] == 1 else {
                    throw APIError(.invalidRequest, "The request names the resource twice")
                }
                try await alter(change, validateOnly: validateOnly)
                errors.append(nil)
            } catch {
                errors.append(error)
            }
        }
        return errors
    }

    private func alter(_ change: Change, validateOnly: Bool) async throws(APIError) {
        let decide = change.decide
        switch try configResource(change.resource.type, change.resource.name) {
        case .topic(let name):
            let topic = try topic(name, in: metadata.image)
            let defaults = configuration.topicDefaults
            if validateOnly {
                _ = try decide(TopicConfig(stored: topic.configs, over: defaults))
            } else {
                try await metadata.alterConfigs(of: topic.id) { (configs) throws(APIError) in
                    try decide(TopicConfig(stored: configs, over: defaults)).overrides
                }
            }
        case .broker:
            guard change.isEmpty else {
                throw APIError(
                    .invalidRequest,
                    "A broker's configuration is what it was started with: change that, and start it again"
                )
            }
        }
    }

    private func configResource(_ type: Int8, _ name: String) throws(APIError) -> ConfigResource {
        try ConfigResource(type: type, name: name, nodeID: configuration.nodeID)
    }

    private func topic(_ name: String, in image: MetadataImage) throws(APIError) -> TopicMetadata {
        guard let topic = image.topics[name] else {
            let name = try TopicName(name)
            throw APIError(.unknownTopicOrPartition, "There is no topic \(name)")
        }
        return topic
    }
}
