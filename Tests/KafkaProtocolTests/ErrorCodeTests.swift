import KafkaProtocol
import Testing

@Suite("Error codes")
struct ErrorCodeTests {
    @Test(
        "a code has Kafka's name",
        arguments: [
            (.unknownServerError, -1, "UNKNOWN_SERVER_ERROR"), (.none, 0, "NONE"),
            (.corruptMessage, 2, "CORRUPT_MESSAGE"),
            (.notLeaderOrFollower, 6, "NOT_LEADER_OR_FOLLOWER"), (.notCoordinator, 16, "NOT_COORDINATOR"),
            (.unknownMemberID, 25, "UNKNOWN_MEMBER_ID"), (.unsupportedVersion, 35, "UNSUPPORTED_VERSION"),
            (.invalidRequest, 42, "INVALID_REQUEST"), (.invalidProducerEpoch, 47, "INVALID_PRODUCER_EPOCH"),
            (.kafkaStorageError, 56, "KAFKA_STORAGE_ERROR"), (.groupIDNotFound, 69, "GROUP_ID_NOT_FOUND"),
            (.memberIDRequired, 79, "MEMBER_ID_REQUIRED"), (.fencedInstanceID, 82, "FENCED_INSTANCE_ID"),
            (.producerFenced, 90, "PRODUCER_FENCED"), (.unknownTopicID, 100, "UNKNOWN_TOPIC_ID"),
            (.transactionAbortable, 120, "TRANSACTION_ABORTABLE"), (.rebootstrapRequired, 129, "REBOOTSTRAP_REQUIRED"),
        ] as [(ErrorCode, Int16, String)]
    )
    func names(code: ErrorCode, number: Int16, name: String) {
        #expect(code.rawValue == number)
        #expect(code.description == name)
    }

    @Test("a code that Kafka 4.0 does not have is shown as its number", arguments: [-2, 130, .max, .min] as [Int16])
    func unknown(number: Int16) {
        #expect(ErrorCode(rawValue: number).description == "\(number)")
        #expect(!ErrorCode(rawValue: number).isRetriable)
    }

    @Test("what passes by itself may be tried again, and what the client did wrong may not")
    func retriable() {
        for code in [ErrorCode.notCoordinator, .coordinatorLoadInProgress, .requestTimedOut, .unknownTopicID] {
            #expect(code.isRetriable, "\(code)")
        }
        for code in [ErrorCode.none, .unknownServerError, .unknownMemberID, .rebalanceInProgress, .producerFenced] {
            #expect(!code.isRetriable, "\(code)")
        }
        #expect((-1...129).filter { ErrorCode(rawValue: $0).isRetriable }.count == 31)
    }
}
