package import KafkaProtocol

/// What is to be done because of what happened to a group; in this order.
package enum GroupEffect: Hashable, Sendable {
    /// A JoinGroup is to be answered.
    case answerJoin(WaitingRequest, JoinGroupResponse)
    /// A SyncGroup is to be answered.
    case answerSync(WaitingRequest, SyncGroupResponse)
    /// Something is to be stored, after which ``ConsumerGroup/written(_:error:now:)`` is to be called, whether it succeeded
    /// or not: somebody may wait for it.
    case write(GroupWrite)
}

/// What is to be stored of a group, and what for.
package struct GroupWrite: Hashable, Sendable {
    /// The value of the record.
    package let metadata: GroupMetadataValue
    let purpose: Purpose

    /// What happens when it is stored.
    enum Purpose: Hashable, Sendable {
        /// Nothing: the last member has gone.
        case emptied
        /// Members get their assignment.
        case assignment
        /// A static member that came back as another one is answered.
        case replacement(Replacement)
    }

    /// A static member that came back with an id of its own to find its assignment as it was.
    struct Replacement: Hashable, Sendable {
        /// As it was, to be put back if the new one cannot be stored.
        let old: GroupMember
        let newID: String
        /// The leader before: where the client cannot be told to skip the assignment, it is not to learn that it leads.
        let oldLeaderID: String?
        let canSkipAssignment: Bool
    }

    /// What clients are told of an error of the log that keeps groups: that it is the coordinator's, to be tried again or
    /// elsewhere.
    static func answer(to error: ErrorCode) -> ErrorCode {
        switch error {
        case .unknownTopicOrPartition, .notEnoughReplicas, .notEnoughReplicasAfterAppend, .requestTimedOut:
            .coordinatorNotAvailable
        case .notLeaderOrFollower, .kafkaStorageError: .notCoordinator
        case .messageTooLarge, .recordListTooLarge, .invalidFetchSize: .unknownServerError
        default: error
        }
    }
}
