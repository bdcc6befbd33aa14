import CommitLog
import KafkaProtocol
import LinuxIO
import RecordBatch

extension Broker {
    /// Takes a Produce request: appends what it carries, from where it was received, and waits for what it asks for.
    ///
    /// With `acks=all` the answer waits until all of it is on disk, unless the topic's `flush.messages` leaves that to
    /// Kafka's rules.
    func produce(
        _ header: RequestHeader,
        _ bytes: inout MutableRawSpan,
        bodyStart: Int
    ) throws(ProtocolError) -> Answer {
        let request = try ProduceRequest(reading: bytes.bytes, from: bodyStart, version: header.version)
        var (response, waits, failure) = (ProduceResponse(), [DurabilityWait](), nil as APIError?)
        for topic in request.topicData {
            var answers = ProduceResponse.TopicProduceResponse()
            answers.name = topic.name
            for partition in topic.partitionData {
                var answer = ProduceResponse.TopicProduceResponse.PartitionProduceResponse()
                answer.index = partition.index
                do {
                    let log = try checked(request, topic.name, partition.index)
                    let result = try append(partition.records, of: &bytes, to: log)
                    count(result, partition.records)
                    answer.baseOffset = result.baseOffset
                    answer.logAppendTimeMs = result.logAppendTime ?? .none
                    answer.logStartOffset = result.logStartOffset
                    if request.acks == -1, log.configuration.flushMessages == 1 {
                        let place = (response.responses.count, answers.partitionResponses.count)
                        waits.append(DurabilityWait(log: log, lastOffset: result.lastOffset, place: place))
                    }
                } catch {
                    answer.refuse(error)
                    failure = error
                }
                answers.partitionResponses.append(answer)
            }
            response.responses.append(answers)
        }
        if request.acks == 0 {
            if let failure { return .failed(failure.description) }
            return .ready(nil)
        }
        guard !waits.isEmpty else { return .ready(try Response(response, to: header)) }
        return .waiting { [response, waits] () async throws(ProtocolError) in
            var response = response
            for wait in waits {
                do throws(LogError) {
                    // Also while the server ends: a client that is not told would send it once more.
                    try await wait.log.waitUntilDurable(wait.lastOffset, isCancellable: false)
                } catch {
                    let (topic, partition) = wait.place
                    response.responses[topic].partitionResponses[partition].refuse(APIError(error))
                }
            }
            return try Response(response, to: header)
        }
    }

    private func count(_ result: AppendResult, _ records: RecordsField?) {
        if result.isDuplicate { return }
        let count = result.lastOffset.rawValue - result.baseOffset.rawValue + 1
        metrics.countProduced(records?.byteCount ?? 0, count)
    }

    /// What an answer waits for, and where in it a failure is told.
    private struct DurabilityWait {
        let log: PartitionLog
        let lastOffset: Offset
        let place: (topic: Int, partition: Int)
    }

    /// The log that a part of a request is for, if it may be appended to.
    private func checked(
        _ request: ProduceRequest,
        _ topic: String,
        _ partition: Int32
    ) throws(APIError) -> PartitionLog {
        guard (-1...1).contains(request.acks) else {
            throw APIError(.invalidRequiredAcks, "acks is \(request.acks), but it is -1 (all), 0 or 1")
        }
        guard request.transactionalID == nil else {
            throw Self.noTransactions
        }
        let log = try log(of: .name(topic), partition)
        guard !TopicName.isInternal(topic) else {
            throw APIError(.invalidTopicException, "\(topic) is written by the broker alone")
        }
        return log
    }

    private func append(
        _ records: RecordsField?,
        of request: inout MutableRawSpan,
        to log: PartitionLog
    ) throws(APIError) -> AppendResult {
        guard let records, records.byteCount > 0 else {
            throw APIError(.invalidRecord, "The request has no records for the partition")
        }
        var batches = request._mutatingExtracting(records.range)
        do {
            return try log.append(&batches)
        } catch {
            throw APIError(error)
        }
    }
}

extension ProduceResponse.TopicProduceResponse.PartitionProduceResponse {
    /// Tells that nothing counts as appended.
    fileprivate mutating func refuse(_ error: APIError) {
        errorCode = error.code
        errorMessage = error.message
        baseOffset = Offset(-1)
        logAppendTimeMs = .none
        logStartOffset = Offset(-1)
    }
}
