import KafkaProtocol

extension APIKey {
    /// The API's name in Kafka's definitions.
    var kafkaName: String {
        let name = "\(self)"
        let capitalised = name.prefix(1).uppercased() + name.dropFirst()
        return capitalised.hasSuffix("ID") ? capitalised.dropLast() + "d" : capitalised
    }
}
