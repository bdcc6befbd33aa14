/// What a connection may take, by the names of Kafka's configuration.
package struct ConnectionLimits: Hashable, Sendable {
    /// `socket.request.max.bytes`.
    package var requestMaxBytes = FrameDecoder.defaultMaximumBytes
    /// `connections.max.idle.ms`: how long a connection may be silent, or leave an answer where it is.
    package var maxIdle = Duration.seconds(600)

    /// Kafka's defaults.
    package init() {}
}
