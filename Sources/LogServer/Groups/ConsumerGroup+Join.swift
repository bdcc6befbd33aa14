package import KafkaProtocol

/// Who sends a JoinGroup, as far as the request itself does not tell.
package struct Joiner: Hashable, Sendable {
    /// What will be answered.
    package var request: WaitingRequest
    /// The version of the request.
    package var version: Int16
    /// The client's name for itself.
    package var clientID: String
    /// Where it is, for people.
    package var clientHost: String
    /// What makes an id unlike any other, should a new one be needed: a random UUID.
    package var uniqueSuffix: String

    /// Somebody, as far as the request does not tell.
    package init(
        _ request: WaitingRequest,
        version: Int16,
        clientID: String,
        clientHost: String,
        uniqueSuffix: String
    ) {
        self.request = request
        self.version = version
        self.clientID = clientID
        self.clientHost = clientHost
        self.uniqueSuffix = uniqueSuffix
    }

    /// Whether a new member has to come again with the id that it is given, so that one whose connections break does not
    /// leave a member behind with each of them (KIP-394).
    var needsMemberID: Bool { version >= 4 }
    /// Whether the client can be told that it leads but need not assign (KIP-814).
    var canSkipAssignment: Bool { version >= 9 }
}

extension ConsumerGroup {
    /// Somebody wants to be a member, or to stay one.
    /// - Returns: What to do. The request may be answered at once, or as late as when the rebalance ends.
    package mutating func join(_ request: JoinGroupRequest, by joiner: Joiner, now: GroupTime) -> [GroupEffect] {
        var effects: [GroupEffect] = []
        if let error = refusal(of: request) {
            if error == .groupMaxSizeReached {
                // Also whoever was a member before a rebalance for which too many have come.
                remove(request.memberID, &effects)
                completeIfAllJoined(now, &effects)
            }
            let memberID = error == .groupMaxSizeReached ? "" : request.memberID
            return [.answerJoin(joiner.request, JoinGroupResponse(error, memberID: memberID))] + effects
        }
        if request.memberID.isEmpty {
            let memberID = "\(request.groupInstanceID ?? joiner.clientID)-\(joiner.uniqueSuffix)"
            if let instanceID = request.groupInstanceID {
                if let oldID = staticMembers[instanceID] {
                    replace(oldID, with: memberID, request, joiner, now, &effects)
                } else {
                    add(memberID, request, joiner, now, &effects)
                }
            } else if joiner.needsMemberID {
                pendingMembers[memberID] = now + .milliseconds(request.sessionTimeoutMs)
                effects.append(.answerJoin(joiner.request, JoinGroupResponse(.memberIDRequired, memberID: memberID)))
            } else {
                add(memberID, request, joiner, now, &effects)
            }
        } else if let member = members[request.memberID] {
            rejoin(member, request, joiner, now, &effects)
        } else {
            add(request.memberID, request, joiner, now, &effects)
        }
        return effects
    }

    private func refusal(of request: JoinGroupRequest) -> ErrorCode? {
        if id.isEmpty { return .invalidGroupID }
        guard configuration.sessionTimeoutsMs.contains(request.sessionTimeoutMs) else { return .invalidSessionTimeout }
        guard hasRoom(for: request.memberID) else { return .groupMaxSizeReached }
        if case .dead = phase { return .coordinatorNotAvailable }
        guard supports(request) else { return .inconsistentGroupProtocol }
        if request.memberID.isEmpty { return nil }
        if pendingMembers[request.memberID] != nil, request.groupInstanceID == nil { return nil }
        return refusal(memberID: request.memberID, instanceID: request.groupInstanceID)
    }

    private func hasRoom(for memberID: String) -> Bool {
        switch phase {
        case .empty, .dead: return true
        case .preparing:
            // Those who have joined count, so that if too many were members, the last ones to join again have to go.
            if members[memberID]?.isAwaitingJoin == true { return true }
            return members.values.count(where: \.isAwaitingJoin) < configuration.maxSize
        case .completing, .stable: return members[memberID] != nil || members.count < configuration.maxSize
        }
    }

    private func supports(_ request: JoinGroupRequest) -> Bool {
        if case .empty = phase { return !request.protocolType.isEmpty && !request.protocols.isEmpty }
        return protocolType == request.protocolType && request.protocols.contains { votes.isCommon($0.name) }
    }

    private mutating func add(
        _ memberID: String,
        _ request: JoinGroupRequest,
        _ joiner: Joiner,
        _ now: GroupTime,
        _ effects: inout [GroupEffect]
    ) {
        pendingMembers[memberID] = nil
        if members.isEmpty { protocolType = request.protocolType }
        var member = GroupMember(
            id: memberID,
            instanceID: request.groupInstanceID,
            clientID: joiner.clientID,
            clientHost: joiner.clientHost,
            position: joinCount,
            sessionTimeoutMs: request.sessionTimeoutMs,
            rebalanceTimeoutMs: request.rebalanceTimeoutMs(version: joiner.version),
            protocols: request.protocols,
            deadline: now + GroupConfiguration.newMemberJoinTimeout
        )
        member.isNew = true
        member.wait = .join(joiner.request)
        joinCount += 1
        if let instanceID = request.groupInstanceID { staticMembers[instanceID] = memberID }
        if leaderID == nil { leaderID = memberID }
        votes.add(member.protocols)
        members[memberID] = member
        if case .preparing(var rebalance) = phase {
            rebalance.initialDelay?.hasNewMember = true
            phase = .preparing(rebalance)
        }
        rebalance(now, &effects)
    }

    private mutating func rejoin(
        _ member: GroupMember,
        _ request: JoinGroupRequest,
        _ joiner: Joiner,
        _ now: GroupTime,
        _ effects: inout [GroupEffect]
    ) {
        let isUnchanged = member.protocols == request.protocols
        switch phase {
        case .completing where isUnchanged:
            // Perhaps the answer to its first one was lost.
            effects.append(.answerJoin(joiner.request, joinAnswer(to: member)))
        case .stable where isUnchanged && leaderID != member.id:
            effects.append(.answerJoin(joiner.request, joinAnswer(to: member)))
        case .preparing, .completing, .stable:
            // The leader may want to assign anew although nothing about itself has changed: a topic has more partitions.
            var member = member
            letWait(.join(joiner.request), &member, &effects)
            update(&member, request, joiner)
            rebalance(now, &effects)
        case .empty, .dead:
            preconditionFailure("Cannot have a member in the state \(state)")
        }
    }

    /// A static member comes back without its id, for instance because its process was started again.
    private mutating func replace(
        _ oldID: String,
        with newID: String,
        _ request: JoinGroupRequest,
        _ joiner: Joiner,
        _ now: GroupTime,
        _ effects: inout [GroupEffect]
    ) {
        guard let old = members[oldID] else {
            preconditionFailure("Cannot have a static member \(oldID) that is no member")
        }
        let oldLeaderID = leaderID
        // Whoever still waits under the old id is another process with the same instance id.
        effects += Self.refusal(of: old.wait, .fencedInstanceID, memberID: oldID)
        rename(old, to: newID)
        guard var member = members[newID] else { return }
        member.wait = .join(joiner.request)
        member.isNew = false
        member.restartSession(now)
        update(&member, request, joiner)
        switch phase {
        case .stable where votes.winner(orderedMembers.map(\.protocols)) == protocolName:
            let replacement = GroupWrite.Replacement(
                old: old,
                newID: newID,
                oldLeaderID: oldLeaderID,
                canSkipAssignment: joiner.canSkipAssignment
            )
            effects.append(.write(GroupWrite(metadata: metadata(), purpose: .replacement(replacement))))
        default:
            // In CompletingRebalance because the leader assigns to the old id.
            rebalance(now, &effects)
        }
    }

    /// Takes over what a member says of itself.
    private mutating func update(_ member: inout GroupMember, _ request: JoinGroupRequest, _ joiner: Joiner) {
        votes.remove(member.protocols)
        member.protocols = request.protocols
        member.sessionTimeoutMs = request.sessionTimeoutMs
        member.rebalanceTimeoutMs = request.rebalanceTimeoutMs(version: joiner.version)
        votes.add(member.protocols)
        members[member.id] = member
    }

    /// Gives a static member another id.
    mutating func rename(_ member: GroupMember, to newID: String) {
        var renamed = member
        renamed.id = newID
        members[member.id] = nil
        members[newID] = renamed
        if let instanceID = member.instanceID { staticMembers[instanceID] = newID }
        if leaderID == member.id { leaderID = newID }
        if unsynced.remove(member.id) != nil { unsynced.insert(newID) }
    }

    /// Lets a member wait, and whoever waits in its name no longer: a client that asks again has given up on the answer.
    func letWait(_ wait: GroupMember.Wait, _ member: inout GroupMember, _ effects: inout [GroupEffect]) {
        effects += Self.refusal(of: member.wait, .rebalanceInProgress, memberID: member.id)
        member.wait = wait
    }

    /// What a member is told of its generation.
    func joinAnswer(to member: GroupMember) -> JoinGroupResponse {
        var response = JoinGroupResponse()
        response.generationID = generation.rawValue
        response.protocolType = protocolType
        response.protocolName = protocolName ?? ""
        response.leader = leaderID ?? ""
        response.memberID = member.id
        if leaderID == member.id { response.members = memberList() }
        return response
    }

    /// What the leader is told of the members.
    func memberList() -> [JoinGroupResponse.Member] {
        orderedMembers.map { member in
            var listed = JoinGroupResponse.Member()
            listed.memberID = member.id
            listed.groupInstanceID = member.instanceID
            listed.metadata = member.metadata(protocolName)
            return listed
        }
    }
}

extension JoinGroupRequest {
    /// How long the member may take to join again; clients older than KIP-62 have but one timeout.
    fileprivate func rebalanceTimeoutMs(version: Int16) -> Int32 {
        version == 0 ? sessionTimeoutMs : max(0, rebalanceTimeoutMs)
    }
}
