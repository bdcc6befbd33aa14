import CommitLog
import KafkaProtocol
import Logging
import RecordBatch

/// What producers ask for before they produce, and what is told of them.
extension Broker {
    /// Gives an idempotent producer an id of its own.
    ///
    /// One that has an id and had to give up on a batch asks for the next epoch (KIP-360), and gets an id that nobody has had,
    /// with epoch 0: that leaves behind what was under way as well.
    ///
    /// Source: Kafka's `TransactionCoordinator.handleInitProducerId`.
    func initProducerID(_ request: InitProducerIDRequest) async -> InitProducerIDResponse {
        var response = InitProducerIDResponse()
        do throws(APIError) {
            try Self.check(request)
            response.producerID = try await metadata.nextProducerID()
        } catch {
            logger.debug("No producer id was given out: \(error)")
            response.errorCode = error.code
            response.producerEpoch = .none
        }
        return response
    }

    private static func check(_ request: InitProducerIDRequest) throws(APIError) {
        guard (request.producerID == .none) == (request.producerEpoch == .none) else {
            throw APIError(.invalidRequest, "A producer id goes with an epoch")
        }
        guard let transactionalID = request.transactionalID else { return }
        guard !transactionalID.isEmpty else { throw APIError(.invalidRequest, "The transactional id is empty") }
        throw noTransactions
    }

    /// What those are told who want transactions.
    ///
    /// Of the codes that fit, the one that makes every client fail at once: what says that there is no coordinator, or that it
    /// is not ready, makes them ask for minutes.
    static var noTransactions: APIError {
        APIError(
            .transactionalIDAuthorizationFailed,
            "There are no transactions here: produce without a transactional id"
        )
    }

    /// Tells what logs know of their producers.
    ///
    /// Source: KIP-664.
    func describeProducers(_ request: DescribeProducersRequest) -> DescribeProducersResponse {
        var response = DescribeProducersResponse()
        var topics: Set<String> = []
        for topic in request.topics where topics.insert(topic.name).inserted {
            var answers = DescribeProducersResponse.TopicResponse()
            answers.name = topic.name
            // Each once: a log may know many, and a short request name it often.
            var told: Set<Int32> = []
            for index in topic.partitionIndexes where told.insert(index).inserted {
                var answer = DescribeProducersResponse.TopicResponse.PartitionResponse()
                answer.partitionIndex = index
                do throws(APIError) {
                    let log = try log(of: .name(topic.name), index)
                    answer.activeProducers = log.producers.map { .init($0) }
                } catch {
                    answer.errorCode = error.code
                    answer.errorMessage = error.message
                }
                answers.partitions.append(answer)
            }
            response.topics.append(answers)
        }
        return response
    }
}

extension DescribeProducersResponse.TopicResponse.PartitionResponse.ProducerState {
    fileprivate init(_ entry: ProducerSnapshot.Entry) {
        self.init()
        producerID = entry.producerID
        producerEpoch = Int32(entry.producerEpoch.rawValue)
        lastSequence = entry.lastSequence.rawValue
        lastTimestamp = entry.timestamp
        coordinatorEpoch = entry.coordinatorEpoch
        currentTxnStartOffset = entry.currentTransactionFirstOffset ?? Offset(-1)
    }
}
