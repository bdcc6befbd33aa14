import CommitLog
import KafkaProtocol
import LinuxIO
import RecordBatch

extension Broker {
    /// Answers Fetch: with stretches of logs, of which no byte is read.
    ///
    /// Waits until there are as many bytes as the client wants, or its time is over. A partition that cannot be read is
    /// told at once.
    func fetch(
        _ request: FetchRequest,
        _ header: RequestHeader,
        on reactor: Reactor
    ) async throws(ProtocolError) -> Response {
        let began = ContinuousClock.now
        let deadline = began + min(.milliseconds(Int64(max(0, request.maxWaitMs))), Self.longestWait)
        let context = sessions.withLock {
            $0.begin(request, version: header.version, now: MonotonicClock.milliseconds)
        }
        var found = await read(context, request)
        while !found.isEnough, ContinuousClock.now < deadline, !Task.isCancelled {
            let wait = FetchWait()
            let observations = found.observe(by: wait)
            // Thousands may wait for long: what was found is not kept meanwhile.
            found = FetchFindings(minBytes: 0)
            await wait.wait(until: deadline, on: reactor)
            for observation in observations { observation.cancel() }
            found = await read(context, request)
        }
        let response = sessions.withLock {
            $0.finish(context, found.results, now: MonotonicClock.milliseconds)
        }
        return try Response(response, to: header, records: found.records(of: response, version: header.version))
    }

    /// Nobody waits for longer: that a client has gone is only seen when it is answered.
    private static let longestWait = Duration.seconds(600)

    private func read(_ context: FetchContext, _ request: FetchRequest) async -> FetchFindings {
        var budget = FetchBudget(request, limit: configuration.fetchMaxBytes)
        var findings = FetchFindings(minBytes: context.requests.isEmpty ? 0 : budget.minBytes)
        for requested in context.requests { await read(requested, request, &budget, &findings) }
        return findings
    }

    /// Reads one partition.
    ///
    /// What needs no waiting is done in functions of its own: a task keeps the memory of its largest frame, and thousands of
    /// tasks wait in a Fetch.
    @inline(never)
    private func read(
        _ requested: RequestedPartition,
        _ request: FetchRequest,
        _ budget: inout FetchBudget,
        _ findings: inout FetchFindings
    ) async {
        guard let read = begin(requested, request, budget, &findings) else { return }
        do throws(LogError) {
            let slice: LogSlice? =
                if let maxBytes = read.maxBytes {
                    try await read.log.slice(from: requested.request.fetchOffset, maxBytes: maxBytes)
                } else {
                    nil
                }
            finish(read, slice, requested, &budget, &findings)
        } catch {
            refuse(requested, error, &findings)
        }
    }

    @inline(never)
    private func refuse(_ requested: RequestedPartition, _ error: LogError, _ findings: inout FetchFindings) {
        findings.add(requested.partition, APIError(error))
    }

    /// A partition that is being read.
    private final class PartitionRead: Sendable {
        let log: PartitionLog
        let data: FetchResponse.FetchableTopicResponse.PartitionData
        /// `nil` where nothing is to be read.
        let maxBytes: Int?

        init(log: PartitionLog, data: FetchResponse.FetchableTopicResponse.PartitionData, maxBytes: Int? = nil) {
            self.log = log
            self.data = data
            self.maxBytes = maxBytes
        }
    }

    /// Begins with a partition; `nil` if it cannot be read, which the findings then tell.
    @inline(never)
    private func begin(
        _ requested: RequestedPartition,
        _ request: FetchRequest,
        _ budget: FetchBudget,
        _ findings: inout FetchFindings
    ) -> PartitionRead? {
        do throws(APIError) {
            let log = try log(of: requested.partition.topic, requested.partition.index)
            return try begin(requested.request, of: log, request, budget)
        } catch {
            findings.add(requested.partition, error)
            return nil
        }
    }

    @inline(never)
    private func begin(
        _ wanted: FetchRequest.Topic.Partition,
        of log: PartitionLog,
        _ request: FetchRequest,
        _ budget: FetchBudget
    ) throws(APIError) -> PartitionRead {
        try check(wanted.currentLeaderEpoch)
        var data = FetchResponse.FetchableTopicResponse.PartitionData()
        data.partitionIndex = wanted.partition
        data.records = RecordsField(byteCount: 0)
        // No transactions, no aborted ones; who reads what is not committed is not told of any.
        data.abortedTransactions = request.isolationLevel == 1 ? [] : nil
        if wanted.lastFetchedEpoch != .none {
            guard let end = log.endOffset(of: wanted.lastFetchedEpoch) else {
                throw APIError(.offsetOutOfRange, "The epoch \(wanted.lastFetchedEpoch.rawValue) is not in the log")
            }
            if end.epoch < wanted.lastFetchedEpoch || end.offset < wanted.fetchOffset {
                data.divergingEpoch.epoch = end.epoch
                data.divergingEpoch.endOffset = end.offset
                data.describe(log)
                return PartitionRead(log: log, data: data)
            }
        }
        // Before reading: what is told must not be past what was read.
        data.describe(log)
        return PartitionRead(log: log, data: data, maxBytes: budget.maxBytes(of: wanted.partitionMaxBytes))
    }

    @inline(never)
    private func finish(
        _ read: PartitionRead,
        _ slice: LogSlice?,
        _ requested: RequestedPartition,
        _ budget: inout FetchBudget,
        _ findings: inout FetchFindings
    ) {
        let wanted = requested.request.partitionMaxBytes
        let taken = slice.map { budget.take($0.byteCount, of: wanted) } ?? 0
        var data = read.data
        if taken > 0 { data.records = RecordsField(byteCount: taken) }
        findings.add(
            requested.partition,
            read.log,
            FetchFindings.Partition(data: data, slice: taken > 0 ? slice : nil)
        )
    }
}

extension FetchResponse.FetchableTopicResponse.PartitionData {
    /// Tells where a log begins, and up to where it can be read.
    fileprivate mutating func describe(_ log: PartitionLog) {
        logStartOffset = log.logStartOffset
        highWatermark = log.highWatermark
        lastStableOffset = highWatermark
    }
}
