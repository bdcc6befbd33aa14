package import KafkaProtocol

extension ConsumerGroup {
    /// A member shows that it is alive.
    /// - Returns: What it is told: ``ErrorCode/rebalanceInProgress`` if it has to join again.
    /// - Complexity: O(1)
    package mutating func heartbeat(_ request: HeartbeatRequest, now: GroupTime) -> ErrorCode {
        let refusal = refusal(
            memberID: request.memberID,
            instanceID: request.groupInstanceID,
            generation: request.generationID
        )
        if let refusal { return refusal }
        members[request.memberID]?.restartSession(now)
        if case .preparing = phase { return .rebalanceInProgress }
        return .none
    }

    /// Members leave, or are made to.
    /// - Parameters:
    ///   - request: Who; static members also by their instance alone (KIP-345).
    ///   - version: The version of the request.
    ///   - now: The time.
    /// - Returns: The answer, and what to do besides.
    package mutating func leave(
        _ request: LeaveGroupRequest,
        version: Int16,
        now: GroupTime
    ) -> (response: LeaveGroupResponse, effects: [GroupEffect]) {
        var response = LeaveGroupResponse()
        var effects: [GroupEffect] = []
        if id.isEmpty {
            response.errorCode = .invalidGroupID
            return (response, [])
        }
        if case .dead = phase {
            response.errorCode = .coordinatorNotAvailable
            return (response, [])
        }
        var leaving = request.members
        if version < 3 {
            var single = LeaveGroupRequest.MemberIdentity()
            single.memberID = request.memberID
            leaving = [single]
        }
        response.members = leaving.map { identity in
            var left = LeaveGroupResponse.MemberResponse()
            left.memberID = identity.memberID
            left.groupInstanceID = identity.groupInstanceID
            left.errorCode = leave(identity, &effects)
            return left
        }
        if version < 3 {
            response.errorCode = response.members[0].errorCode
            response.members = []
            if response.errorCode == .none { membersHaveLeft(now, &effects) }
        } else if response.members.contains(where: { $0.errorCode == .none }) {
            membersHaveLeft(now, &effects)
        }
        return (response, effects)
    }

    private mutating func leave(
        _ identity: LeaveGroupRequest.MemberIdentity,
        _ effects: inout [GroupEffect]
    ) -> ErrorCode {
        if identity.memberID.isEmpty {
            guard let instanceID = identity.groupInstanceID, let memberID = staticMembers[instanceID] else {
                return .unknownMemberID
            }
            remove(memberID, &effects)
            return .none
        }
        if pendingMembers[identity.memberID] == nil {
            let refusal = refusal(memberID: identity.memberID, instanceID: identity.groupInstanceID)
            if let refusal { return refusal }
        }
        remove(identity.memberID, &effects)
        return .none
    }

    private mutating func membersHaveLeft(_ now: GroupTime, _ effects: inout [GroupEffect]) {
        // An empty group has only lost ids that nobody has joined with.
        if case .empty = phase { return }
        rebalance(now, &effects)
    }

    /// Whether offsets may be committed.
    /// - Parameters:
    ///   - request: Who commits, and for which generation. Somebody who is not a member names none, and commits to a group
    ///     that has none: a consumer that assigns partitions to itself, or a tool.
    ///   - now: The time.
    /// - Returns: ``ErrorCode/none`` if they may. A commit is also a sign of life.
    /// - Complexity: O(1)
    package mutating func commitError(_ request: OffsetCommitRequest, now: GroupTime) -> ErrorCode {
        if case .dead = phase { return .coordinatorNotAvailable }
        let generation = request.generationIDOrMemberEpoch
        if generation < 0, case .empty = phase { return .none }
        guard generation >= 0 || !request.memberID.isEmpty || request.groupInstanceID != nil else {
            return .unknownMemberID
        }
        if let refusal = refusal(memberID: request.memberID, instanceID: request.groupInstanceID) { return refusal }
        guard generation == self.generation.rawValue else { return .illegalGeneration }
        // Its offsets belong to partitions that are somebody else's by now, perhaps.
        if case .completing = phase { return .rebalanceInProgress }
        members[request.memberID]?.restartSession(now)
        return .none
    }

    /// The same where there is no group: ``ErrorCode/none`` if one may be made for the offsets.
    package static func commitErrorWithoutGroup(_ request: OffsetCommitRequest, version: Int16) -> ErrorCode {
        if request.generationIDOrMemberEpoch < 0 { return .none }
        return version >= 9 ? .groupIDNotFound : .illegalGeneration
    }

    /// The group has another coordinator now, or none for a while: whoever waits has to ask again, elsewhere perhaps.
    package mutating func unload(now: GroupTime) -> [GroupEffect] {
        let effects = orderedMembers.flatMap { Self.refusal(of: $0.wait, .notCoordinator, memberID: $0.id) }
        die(now)
        return effects
    }

    /// Deletes a group that has no members.
    /// - Returns: ``ErrorCode/none`` if it is deleted: its records are to get tombstones.
    package mutating func delete(now: GroupTime) -> ErrorCode {
        switch phase {
        case .dead: return .groupIDNotFound
        case .preparing, .completing, .stable: return .nonEmptyGroup
        case .empty:
            die(now)
            return .none
        }
    }

    private mutating func die(_ now: GroupTime) {
        enter(.dead, now)
        members = [:]
        staticMembers = [:]
        pendingMembers = [:]
        unsynced = []
        syncDeadline = nil
        votes = ProtocolVotes()
        leaderID = nil
    }
}
