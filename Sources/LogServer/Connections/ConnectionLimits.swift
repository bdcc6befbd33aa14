/// What a connection may take, by the names of Kafka's configuration.
package struct ConnectionLimits: Hashable, Sendable {
    /// `socket.request.max.bytes`.
    package var requestMaxBytes = FrameDecoder.defaultMaximumBytes
    /// `queued.max.request.bytes`: how much memory requests may hold together that have not come in full; at least 1.
    ///
    /// 512 MiB, where Kafka has no limit.
    package var queuedMaxBytes = 512 << 20
    /// How long a request may take to come in full where so much is held.
    package var queuedPatience = Duration.seconds(10)
    /// `connections.max.idle.ms`: how long a connection may be silent, or leave an answer where it is.
    package var maxIdle = Duration.seconds(600)

    /// The defaults, which are Kafka's where nothing else is said.
    package init() {}
}
