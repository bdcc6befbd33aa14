import KafkaProtocol

/// What a configuration belongs to, as requests name it.
///
/// Source: Kafka's `ConfigResource.Type` and `ConfigAdminManager`.
enum ConfigResource: Hashable, Sendable {
    /// A topic, by its name.
    case topic(String)
    /// This broker, or with `isDefault` what all brokers share unless they were told otherwise.
    case broker(isDefault: Bool)

    private enum Kind: Int8 {
        case topic = 2
        case broker = 4
        case brokerLogger = 8
        case clientMetrics = 16
        case group = 32
    }

    /// - Parameters:
    ///   - type: The number of its kind.
    ///   - name: Its name.
    ///   - nodeID: The only broker.
    /// - Throws: `INVALID_REQUEST` for another broker, and for what has no configuration here.
    init(type: Int8, name: String, nodeID: Int32) throws(APIError) {
        switch Kind(rawValue: type) {
        case .topic: self = .topic(name)
        case .broker:
            if !name.isEmpty { try Self.checkBroker(name, nodeID) }
            self = .broker(isDefault: name.isEmpty)
        case .brokerLogger:
            try Self.checkBroker(name, nodeID)
            throw APIError(.invalidRequest, "The levels of a broker's log are set when it is started, and not told")
        case .clientMetrics:
            throw APIError(.invalidRequest, "Subscriptions to clients' metrics do not exist here")
        case .group: throw APIError(.invalidRequest, "Groups have no configurations here")
        case nil: throw APIError(.invalidRequest, "There is no kind of resource with the number \(type)")
        }
    }

    private static func checkBroker(_ name: String, _ nodeID: Int32) throws(APIError) {
        guard let id = Int32(name) else {
            throw APIError(.invalidRequest, "A broker is named by its number, not by \"\(name.prefix(100))\"")
        }
        guard id == nodeID else {
            throw APIError(.invalidRequest, "Broker \(id) was asked for, and this is broker \(nodeID)")
        }
    }
}
