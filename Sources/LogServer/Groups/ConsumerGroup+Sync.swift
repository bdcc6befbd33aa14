package import KafkaProtocol

extension ConsumerGroup {
    /// A member wants its assignment, or is the leader and brings everybody's.
    /// - Parameters:
    ///   - request: What it sends.
    ///   - version: The version of the request.
    ///   - waiting: What will be answered.
    ///   - now: The time.
    /// - Returns: What to do. The request may be answered at once, or when the leader's assignment is stored.
    package mutating func sync(
        _ request: SyncGroupRequest,
        version: Int16,
        waiting: WaitingRequest,
        now: GroupTime
    ) -> [GroupEffect] {
        var effects: [GroupEffect] = []
        if let error = refusal(of: request, version: version) {
            return [.answerSync(waiting, SyncGroupResponse(error))]
        }
        guard var member = members[request.memberID] else {
            preconditionFailure("Cannot let somebody sync who is no member")
        }
        switch phase {
        case .preparing: effects.append(.answerSync(waiting, SyncGroupResponse(.rebalanceInProgress)))
        case .completing:
            letWait(.sync(waiting), &member, &effects)
            members[member.id] = member
            hasSynced(member.id)
            if leaderID == member.id {
                // Those whom the leader has forgotten get nothing.
                let assignments = Dictionary(
                    request.assignments.map { ($0.memberID, $0.assignment) },
                    uniquingKeysWith: { $1 }
                )
                effects.append(.write(GroupWrite(metadata: metadata(assigning: assignments), purpose: .assignment)))
            }
        case .stable:
            hasSynced(member.id)
            effects.append(.answerSync(waiting, syncAnswer(to: member)))
            member.restartSession(now)
            members[member.id] = member
        case .empty, .dead: preconditionFailure("Cannot have a member in the state \(state)")
        }
        return effects
    }

    private func refusal(of request: SyncGroupRequest, version: Int16) -> ErrorCode? {
        // Clients that know of it have to say what they take the assignment for (KIP-559).
        if version >= 5, request.protocolType == nil || request.protocolName == nil {
            return .inconsistentGroupProtocol
        }
        let refusal = refusal(
            memberID: request.memberID,
            instanceID: request.groupInstanceID,
            generation: request.generationID
        )
        if let refusal { return refusal }
        func differ(_ said: String?, _ actual: String?) -> Bool {
            if let said, let actual { said != actual } else { false }
        }
        if differ(request.protocolType, protocolType) || differ(request.protocolName, protocolName) {
            return .inconsistentGroupProtocol
        }
        return nil
    }

    private mutating func hasSynced(_ memberID: String) {
        unsynced.remove(memberID)
        if unsynced.isEmpty { syncDeadline = nil }
    }

    private func syncAnswer(to member: GroupMember) -> SyncGroupResponse {
        var response = SyncGroupResponse()
        response.protocolType = protocolType
        response.protocolName = protocolName
        response.assignment = member.assignment
        return response
    }

    /// Gives members their assignments, or none where there is an error, and tells those who wait; whoever is told has a
    /// session of its own again.
    mutating func answerSyncs(
        _ error: ErrorCode,
        assigning assignments: [String: [UInt8]] = [:],
        _ now: GroupTime,
        _ effects: inout [GroupEffect]
    ) {
        for var member in orderedMembers {
            member.assignment = assignments[member.id] ?? []
            if case .sync(let request) = member.wait {
                let answer = error == .none ? syncAnswer(to: member) : SyncGroupResponse(error)
                effects.append(.answerSync(request, answer))
                member.wait = .nothing
                member.restartSession(now)
            }
            members[member.id] = member
        }
    }

    /// A ``GroupEffect/write(_:)`` is done.
    /// - Parameters:
    ///   - write: What was to be stored.
    ///   - error: Why it could not be; ``ErrorCode/none`` if it is, so that a crash does not take it back.
    ///   - now: The time.
    /// - Returns: What to do: the answers to those who have waited for it.
    package mutating func written(_ write: GroupWrite, error: ErrorCode, now: GroupTime) -> [GroupEffect] {
        var effects: [GroupEffect] = []
        guard write.metadata.generation == generation.rawValue else { return [] }
        switch (write.purpose, phase) {
        case (.assignment, .completing) where error == .none:
            enter(.stable, now)
            let assignments = Dictionary(write.metadata.members.map { ($0.memberID, $0.assignment) }) { $1 }
            answerSyncs(.none, assigning: assignments, now, &effects)
        case (.assignment, .completing):
            answerSyncs(GroupWrite.answer(to: error), now, &effects)
            rebalance(now, &effects)
        case (.replacement(let replacement), .stable):
            // Unless it has been replaced again; and in any other state it waits for the rebalance.
            guard let member = members[replacement.newID], case .join(let request) = member.wait else { return [] }
            let answer = finish(replacement, member, GroupWrite.answer(to: error), now)
            effects.append(.answerJoin(request, answer))
        default: break
        }
        return effects
    }

    private mutating func finish(
        _ replacement: GroupWrite.Replacement,
        _ member: GroupMember,
        _ error: ErrorCode,
        _ now: GroupTime
    ) -> JoinGroupResponse {
        guard error == .none else {
            rename(member, to: replacement.old.id)
            votes.remove(member.protocols)
            votes.add(replacement.old.protocols)
            var old = replacement.old
            old.wait = .nothing
            old.restartSession(now)
            members[old.id] = old
            return JoinGroupResponse(error, memberID: "")
        }
        var member = member
        member.wait = .nothing
        member.restartSession(now)
        members[member.id] = member
        var response = joinAnswer(to: member)
        if replacement.canSkipAssignment {
            response.skipAssignment = leaderID == member.id
        } else {
            response.leader = replacement.oldLeaderID ?? ""
            response.members = []
        }
        return response
    }

    /// What is stored of the group, with the members' assignments, or those that the leader brings.
    func metadata(assigning assignments: [String: [UInt8]]? = nil) -> GroupMetadataValue {
        var value = GroupMetadataValue()
        value.protocolType = protocolType ?? ""
        value.generation = generation.rawValue
        value.protocolName = protocolName
        value.leader = leaderID
        value.currentStateTimestamp = stateTimestamp
        value.members = orderedMembers.map { member in
            var stored = GroupMetadataValue.Member()
            stored.memberID = member.id
            stored.groupInstanceID = member.instanceID
            stored.clientID = member.clientID
            stored.clientHost = member.clientHost
            stored.rebalanceTimeoutMs = member.rebalanceTimeoutMs
            stored.sessionTimeoutMs = member.sessionTimeoutMs
            stored.subscription = member.metadata(protocolName)
            stored.assignment = assignments.map { $0[member.id] ?? [] } ?? member.assignment
            return stored
        }
        return value
    }
}
