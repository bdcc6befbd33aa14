import CommitLog

/// Whether a node's logs take appends.
struct NodeHealth: Hashable {
    /// A log that takes none.
    struct Failure: Hashable {
        let name: String
        let reason: String
    }

    let logs: Int
    let failures: [Failure]

    /// So many are told by name.
    private static let mostTold = 100

    init(logs: Int, failures: [Failure]) {
        self.logs = logs
        self.failures = failures
    }

    init(_ directory: LogDirectory) {
        let logs = directory.logs
        self.logs = logs.count
        failures = logs.compactMap { log in
            // Those that were deleted, or closed with the node, are as somebody wanted them.
            guard let failure = log.failure, failure.code != .deleted, failure.code != .closed else { return nil }
            return Failure(name: "\(log.topicPartition)", reason: failure.message)
        }
    }

    /// As it is answered: a line for all, or one for each log that is read-only or fenced.
    var response: HTTPResponse {
        guard !failures.isEmpty else { return HTTPResponse(.ok, "ok: \(logs) logs take appends\n") }
        var text = "\(failures.count) of \(logs) logs take no appends\n"
        for failure in failures.prefix(Self.mostTold) {
            let reason = failure.reason.split(whereSeparator: \.isNewline).joined(separator: " ")
            text += "\(failure.name): \(reason)\n"
        }
        if failures.count > Self.mostTold { text += "and \(failures.count - Self.mostTold) more\n" }
        return HTTPResponse(.unavailable, text)
    }
}
