import Limits

/// Requests as they go over the wire, of the versions that `network.h` speaks.
enum Frames {
    static let topic = "perf"

    /// ApiVersions 0.
    static func apiVersions() -> [UInt8] { frame(18, version: 0) { _ in } }

    /// CreateTopics 4, of a topic with one partition.
    static func createTopic(_ name: String) -> [UInt8] {
        frame(19, version: 4) {
            $0.append(count: 1)
            $0.append(text: name)
            $0.append(integer: Int32(1))  // partitions
            $0.append(integer: Int16(1))  // replication factor
            $0.append(count: 0)  // assignments
            $0.append(count: 0)  // configurations
            $0.append(integer: Int32(30_000))  // timeout
            $0.append(0)  // not only to be validated
        }
    }

    /// DeleteTopics 3.
    static func deleteTopic(_ name: String) -> [UInt8] {
        frame(20, version: 3) {
            $0.append(count: 1)
            $0.append(text: name)
            $0.append(integer: Int32(30_000))
        }
    }

    /// Where an answer to ``createTopic(_:)`` or ``deleteTopic(_:)`` has its error code, without its length.
    static func topicErrorPosition(_ name: String) -> Int { 4 + 4 + 4 + 2 + name.utf8.count }

    /// Produce 7, for partition 0.
    static func produce(_ topic: String, acks: Int16, _ batch: [UInt8]) -> [UInt8] {
        frame(0, version: 7) {
            $0.append(integer: Int16(-1))  // no transaction
            $0.append(integer: acks)
            $0.append(integer: Int32(30_000))
            $0.append(count: 1)
            $0.append(text: topic)
            $0.append(count: 1)
            $0.append(integer: Int32(0))
            $0.append(count: batch.count)
            $0 += batch
        }
    }

    /// The length of an answer to ``produce(_:acks:_:)``, and where in it the error code is; both with its length.
    static func produceAnswer(_ topic: String) -> (bytes: Int, errorAt: Int) {
        let errorAt = 4 + 4 + 4 + 2 + topic.utf8.count + 4 + 4
        return (errorAt + 2 + 8 + 8 + 8 + 4, errorAt)
    }

    /// Fetch 11, of partition 0.
    static func fetch(
        _ topic: String,
        from offset: Int64,
        most bytes: Int32,
        waiting milliseconds: Int32 = 0
    ) -> [UInt8] {
        frame(1, version: 11) {
            $0.append(integer: Int32(-1))  // a consumer
            $0.append(integer: milliseconds)
            $0.append(integer: Int32(1))  // as many bytes are waited for
            $0.append(integer: bytes)
            $0.append(0)  // what is not committed too
            $0.append(integer: Int32(0))  // no session
            $0.append(integer: Int32(-1))
            $0.append(count: 1)
            $0.append(text: topic)
            $0.append(count: 1)
            $0.append(integer: Int32(0))
            $0.append(integer: Int32(-1))  // any leader epoch
            $0.append(integer: offset)
            $0.append(integer: Int64(-1))  // the log start offset is a replica's
            $0.append(integer: bytes)
            $0.append(count: 0)  // nothing is forgotten
            $0.append(text: "")  // no rack
        }
    }

    /// Where in a request of ``fetch(_:from:most:waiting:)`` the offset is.
    static func fetchOffsetPosition(_ topic: String) -> Int {
        4 + headerBytes + 4 * 4 + 1 + 2 * 4 + 4 + 2 + topic.utf8.count + 4 + 4 + 4
    }

    /// The length of an answer to ``fetch(_:from:most:waiting:)`` without records, and where in it the partition's error
    /// code is; both with its length.
    static func fetchAnswer(_ topic: String) -> (bytes: Int, errorAt: Int) {
        let errorAt = 4 + 4 + 4 + 2 + 4 + 4 + 2 + topic.utf8.count + 4 + 4
        return (errorAt + 2 + 8 + 8 + 8 + 4 + 4 + 4, errorAt)
    }

    // MARK: Parts

    private static let client = "perf"
    private static let headerBytes = 2 + 2 + 4 + 2 + client.utf8.count

    private static func frame(_ api: Int16, version: Int16, _ body: (inout [UInt8]) -> Void) -> [UInt8] {
        var request: [UInt8] = []
        request.append(integer: api)
        request.append(integer: version)
        request.append(integer: Int32(7))  // correlation id
        request.append(text: client)
        body(&request)
        var frame: [UInt8] = []
        frame.append(count: request.count)
        return frame + request
    }
}

extension [UInt8] {
    fileprivate mutating func append(integer value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(count: Int) { append(integer: Int32(count)) }

    fileprivate mutating func append(text: String) {
        append(integer: Int16(text.utf8.count))
        self += Array(text.utf8)
    }
}
