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
        let deadline = began + .milliseconds(Int64(max(0, request.maxWaitMs)))
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

    private func read(_ context: FetchContext, _ request: FetchRequest) async -> FetchFindings {
        var budget = FetchBudget(request, limit: configuration.fetchMaxBytes)
        var findings = FetchFindings(minBytes: context.requests.isEmpty ? 0 : budget.minBytes)
        for requested in context.requests {
            let partition = requested.partition
            do {
                let log = try log(of: partition.topic, partition.index)
                try await findings.add(partition, log, read(requested.request, of: log, request, &budget))
            } catch {
                findings.add(partition, error)
            }
        }
        return findings
    }

    /// Reads one partition.
    private func read(
        _ wanted: FetchRequest.Topic.Partition,
        of log: PartitionLog,
        _ request: FetchRequest,
        _ budget: inout FetchBudget
    ) async throws(APIError) -> FetchFindings.Partition {
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
                return FetchFindings.Partition(data: data, slice: nil)
            }
        }
        // Before reading: what is told must not be past what was read.
        data.describe(log)
        guard let maxBytes = budget.maxBytes(of: wanted.partitionMaxBytes) else {
            return FetchFindings.Partition(data: data, slice: nil)
        }
        do {
            let slice = try await log.slice(from: wanted.fetchOffset, maxBytes: maxBytes)
            let taken = budget.take(slice.byteCount, of: wanted.partitionMaxBytes)
            guard taken > 0 else { return FetchFindings.Partition(data: data, slice: nil) }
            data.records = RecordsField(byteCount: taken)
            return FetchFindings.Partition(data: data, slice: slice)
        } catch {
            throw APIError(error)
        }
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
