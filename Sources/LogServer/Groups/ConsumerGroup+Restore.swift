import KafkaProtocol

extension ConsumerGroup {
    /// A group as it was stored.
    ///
    /// Members have a whole session to be heard of again, whatever time has passed.
    /// - Parameters:
    ///   - id: The group's name.
    ///   - value: What the last record says of it.
    ///   - configuration: What the broker allows now.
    ///   - now: The time.
    package init(_ id: String, restoring value: GroupMetadataValue, _ configuration: GroupConfiguration, now: GroupTime)
    {
        self.init(id, configuration, now: now)
        generation = GenerationID(value.generation)
        protocolType = value.protocolType.isEmpty ? nil : value.protocolType
        protocolName = value.protocolName
        stateTimestamp = value.currentStateTimestamp
        for stored in value.members where members[stored.memberID] == nil {
            var selected = JoinGroupRequest.GroupProtocol()
            selected.name = value.protocolName ?? ""
            selected.metadata = stored.subscription
            var member = GroupMember(
                id: stored.memberID,
                instanceID: stored.groupInstanceID,
                clientID: stored.clientID,
                clientHost: stored.clientHost,
                position: joinCount,
                sessionTimeoutMs: stored.sessionTimeoutMs,
                // Records older than KIP-62 do not have it.
                rebalanceTimeoutMs: stored.rebalanceTimeoutMs < 0 ? stored.sessionTimeoutMs : stored.rebalanceTimeoutMs,
                protocols: [selected],
                deadline: now + .milliseconds(stored.sessionTimeoutMs)
            )
            member.assignment = stored.assignment
            joinCount += 1
            votes.add(member.protocols)
            members[member.id] = member
            if let instanceID = member.instanceID { staticMembers[instanceID] = member.id }
        }
        if !members.isEmpty {
            phase = .stable
            leaderID = value.leader.flatMap { members[$0]?.id } ?? orderedMembers.first?.id
        }
        subscribedTopics = computeSubscribedTopics()
        if members.count > configuration.maxSize {
            // Nobody waits yet, so that there is nobody to be told.
            var effects: [GroupEffect] = []
            rebalance(now, &effects)
        }
    }
}
