package import CoreMetrics
package import KafkaProtocol
import LinuxIO

/// What a server counts while it serves.
///
/// All are made once, with labels of which there is a fixed number: an API, a reason, Kafka's error codes. Counting costs an
/// atomic addition or two, and takes no lock; only an error's first time does.
package final class ServerMetrics: Sendable {
    /// The name of a metric, and what it means.
    package typealias Description = (name: String, help: String)

    private let apis: [OfAPI?]
    private let errors = Lock<[ErrorKey: Counter]>([:])
    private let factory: any MetricsFactory

    private let connections: Meter
    private let accepted: Counter
    private let ends: [ConnectionEnd.Kind: Counter]
    private let received: Counter
    private let sent: Counter
    private let fetched: [Way: Counter]
    private let blockedSends: Counter
    private let producedBytes: Counter
    private let producedRecords: Counter

    /// How records get from their files to a socket.
    enum Way: String, CaseIterable, Hashable {
        /// From the page cache, without a copy.
        case sendfile
        /// From the page cache by a copy, since they were short.
        case copy
        /// From the disk: they were not in the page cache.
        case disk
    }

    private struct OfAPI {
        let requests: Counter
        let latency: Timer
    }

    private struct ErrorKey: Hashable {
        let api: APIKey
        let code: ErrorCode
    }

    /// - Parameters:
    ///   - factory: Makes the metrics; by default nobody keeps them.
    ///   - apis: What is served.
    package init(
        factory: any MetricsFactory = NOOPMetricsHandler.instance,
        apis: [APIKey] = APIKey.allCases
    ) {
        func counter(_ description: Description, _ labels: [(String, String)] = []) -> Counter {
            Counter(label: description.name, dimensions: labels, factory: factory)
        }
        self.factory = factory
        let last = apis.map(\.rawValue).max() ?? 0
        var byNumber = [OfAPI?](repeating: nil, count: Int(last) + 1)
        for api in apis {
            let labels = [("api", api.kafkaName)]
            byNumber[Int(api.rawValue)] = OfAPI(
                requests: counter(Self.requests, labels),
                latency: Timer(label: Self.latency.name, dimensions: labels, factory: factory)
            )
        }
        self.apis = byNumber
        connections = Meter(label: Self.connections.name, factory: factory)
        accepted = counter(Self.accepted)
        ends = Dictionary(
            uniqueKeysWithValues: ConnectionEnd.Kind.allCases.map {
                ($0, counter(Self.ended, [("reason", $0.rawValue)]))
            }
        )
        received = counter(Self.received)
        sent = counter(Self.sent)
        fetched = Dictionary(
            uniqueKeysWithValues: Way.allCases.map { ($0, counter(Self.fetched, [("way", $0.rawValue)])) }
        )
        blockedSends = counter(Self.blockedSends)
        producedBytes = counter(Self.producedBytes)
        producedRecords = counter(Self.producedRecords)
    }

    /// Counts a request that was answered.
    /// - Parameters:
    ///   - api: What it asked for.
    ///   - duration: From when it was taken until its answer was with the kernel.
    ///   - error: The first error that the answer tells; nil if it tells none.
    func countAnswer(to api: APIKey, after duration: Duration, error: ErrorCode?) {
        let number = Int(api.rawValue)
        if apis.indices.contains(number), let metrics = apis[number] {
            metrics.requests.increment()
            metrics.latency.recordNanoseconds(duration.wholeNanoseconds)
        }
        if let error { countError(error, of: api) }
    }

    private func countError(_ code: ErrorCode, of api: APIKey) {
        let counter = errors.withLock { errors in
            let key = ErrorKey(api: api, code: code)
            if let counter = errors[key] { return counter }
            let labels = [("api", api.kafkaName), ("error", "\(code)")]
            let counter = Counter(label: Self.errors.name, dimensions: labels, factory: factory)
            errors[key] = counter
            return counter
        }
        counter.increment()
    }

    // MARK: Connections

    /// Counts a connection that was taken.
    func countConnection() {
        accepted.increment()
        connections.increment()
    }

    /// Counts the end of a connection.
    func countEnd(_ end: ConnectionEnd) {
        ends[end.kind]?.increment()
        connections.decrement()
    }

    /// Counts bytes that have come from a client.
    func countReceived(_ bytes: Int) { received.increment(by: bytes) }

    /// Counts a response that is with the kernel.
    func countSent(_ response: Response) { sent.increment(by: response.byteCount) }

    /// Counts bytes of records that are with the kernel, or about to be.
    func countFetched(_ bytes: Int, by way: Way) { fetched[way]?.increment(by: bytes) }

    /// Counts that a client is waited for which does not take what it is sent.
    func countBlockedSend() { blockedSends.increment() }

    // MARK: Records

    /// Counts what was appended for a client.
    func countProduced(_ bytes: Int, _ records: Int64) {
        producedBytes.increment(by: bytes)
        producedRecords.increment(by: records)
    }
}

extension ServerMetrics {
    /// What each metric means.
    package static let descriptions: [Description] = [
        requests, latency, errors, connections, accepted, ended, received, sent, fetched, blockedSends, producedBytes,
        producedRecords,
    ]

    private static let requests: Description = (
        "millrace_requests_total", "Requests that were answered, or need no answer, by API."
    )
    private static let latency: Description = (
        "millrace_request_duration_seconds",
        "Time from when a request was taken until its answer was with the kernel, waiting included, by API."
    )
    private static let errors: Description = (
        "millrace_request_errors_total", "Requests whose answer tells an error, by API and the first error."
    )
    private static let connections: Description = ("millrace_connections", "Connections of clients that are open.")
    private static let accepted: Description = (
        "millrace_connections_accepted_total", "Connections of clients that were taken."
    )
    private static let ended: Description = (
        "millrace_connections_closed_total", "Connections of clients that have ended, by reason."
    )
    private static let received: Description = ("millrace_received_bytes_total", "Bytes that clients have sent.")
    private static let sent: Description = ("millrace_sent_bytes_total", "Bytes that clients were sent.")
    private static let fetched: Description = (
        "millrace_fetched_bytes_total",
        "Bytes of records that clients were sent: by sendfile, by copy, or from a disk, since they were not in memory."
    )
    private static let blockedSends: Description = (
        "millrace_blocked_sends_total", "How often a client had to be waited for that did not take what it was sent."
    )
    private static let producedBytes: Description = (
        "millrace_produced_bytes_total", "Bytes of record batches that were appended for clients."
    )
    private static let producedRecords: Description = (
        "millrace_produced_records_total", "Records that were appended for clients."
    )
}

extension APIKey {
    /// What Kafka calls it: `Fetch`, `InitProducerId`.
    var kafkaName: String {
        let name = "\(self)"
        let capitalized = name.prefix(1).uppercased() + name.dropFirst()
        return capitalized.hasSuffix("ID") ? "\(capitalized.dropLast(2))Id" : capitalized
    }
}

extension Duration {
    /// In nanoseconds; what 64 bits do not hold is as much as they do.
    fileprivate var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }
}
