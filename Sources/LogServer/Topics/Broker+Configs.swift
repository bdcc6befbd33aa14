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
        var response = AlterConfigsResponse()
        let twice = repeated(request.resources.map { ResourceName(type: $0.resourceType, name: $0.resourceName) })
        for resource in request.resources {
            var result = AlterConfigsResponse.ResourceResponse()
            result.resourceType = resource.resourceType
            result.resourceName = resource.resourceName
            let configs = resource.configs
            let error = await alter(
                .init(type: resource.resourceType, name: resource.resourceName),
                twice: twice,
                validateOnly: request.validateOnly,
                isEmpty: configs.isEmpty
            ) { (current) throws(APIError) in try ConfigAlteration.replacing(current, with: configs) }
            result.errorCode = error?.codeForName ?? .none
            result.errorMessage = error?.message
            response.responses.append(result)
        }
        return response
    }

    /// Changes some configurations of topics, or tells what would become of that.
    func incrementalAlterConfigs(_ request: IncrementalAlterConfigsRequest) async -> IncrementalAlterConfigsResponse {
        var response = IncrementalAlterConfigsResponse()
        let twice = repeated(request.resources.map { ResourceName(type: $0.resourceType, name: $0.resourceName) })
        for resource in request.resources {
            var result = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse()
            result.resourceType = resource.resourceType
            result.resourceName = resource.resourceName
            let configs = resource.configs
            let error = await alter(
                .init(type: resource.resourceType, name: resource.resourceName),
                twice: twice,
                validateOnly: request.validateOnly,
                isEmpty: configs.isEmpty
            ) { (current) throws(APIError) in try ConfigAlteration.incremental(current, configs) }
            result.errorCode = error?.codeForName ?? .none
            result.errorMessage = error?.message
            response.responses.append(result)
        }
        return response
    }

    private struct ResourceName: Hashable, Sendable {
        let type: Int8
        let name: String
    }

    private func repeated(_ names: [ResourceName]) -> Set<ResourceName> {
        var seen: Set<ResourceName> = []
        return Set(names.filter { !seen.insert($0).inserted })
    }

    /// Changes the configurations of one resource.
    /// - Parameters:
    ///   - resource: Whose they are.
    ///   - twice: What the request names more than once.
    ///   - validateOnly: Whether to decide and no more.
    ///   - isEmpty: Whether there is nothing to change.
    ///   - decide: What becomes of a topic's configurations.
    /// - Returns: Why nothing was changed.
    private func alter(
        _ resource: ResourceName,
        twice: Set<ResourceName>,
        validateOnly: Bool,
        isEmpty: Bool,
        _ decide: @escaping @Sendable (TopicConfig) throws(APIError) -> TopicConfig
    ) async -> APIError? {
        do throws(APIError) {
            guard !twice.contains(resource) else {
                throw APIError(.invalidRequest, "The request names the resource twice")
            }
            switch try configResource(resource.type, resource.name) {
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
                guard isEmpty else {
                    throw APIError(
                        .invalidRequest,
                        "A broker's configuration is what it was started with: change that, and start it again"
                    )
                }
            }
            return nil
        } catch {
            return error
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
