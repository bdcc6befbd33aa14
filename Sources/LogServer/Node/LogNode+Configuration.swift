public import LinuxIO
public import SystemPackage

extension LogNode {
    /// What a node serves, and where.
    public struct Configuration: Sendable {
        /// `log.dirs`: where the data lies; made if there is nothing.
        public var directory: FilePath
        /// `listeners`: where clients connect to, 127.0.0.1:9092 by default; port 0 lets the kernel choose one.
        public var listen = HostAndPort(host: "127.0.0.1", port: 9092)
        /// `advertised.listeners`: where clients are told to connect to; ``listen`` by default.
        public var advertise: HostAndPort?
        /// `num.network.threads`: how many threads serve connections, at least 1; by default one for each processor.
        public var reactors = Processors.count
        /// `auto.create.topics.enable`: whether a topic that a client asks for is made.
        public var autoCreatesTopics = true
        /// What all topics get that have no setting of their own.
        package var topicDefaults = BrokerTopicDefaults()

        /// - Parameter directory: Where the data lies; its parent has to exist.
        public init(directory: FilePath) { self.directory = directory }
    }
}
