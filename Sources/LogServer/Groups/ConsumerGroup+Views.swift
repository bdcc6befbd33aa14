package import KafkaProtocol
package import RecordBatch

/// How a group is seen by those who are not in it.
extension ConsumerGroup {
    /// The protocol type of consumers of topics, the only one whose metadata is understood here.
    static let consumerProtocolType = "consumer"

    /// Whether offsets of the group may be deleted; if so, those of all topics to which it is not subscribed.
    package var offsetDeleteError: ErrorCode {
        switch phase {
        case .dead: .groupIDNotFound
        case .empty: .none
        case .preparing, .completing, .stable:
            protocolType == Self.consumerProtocolType ? .none : .nonEmptyGroup
        }
    }

    /// Whether members read a topic; of consumers of which that is not known it is assumed.
    package func isSubscribed(to topic: String) -> Bool {
        subscribedTopics?.contains(topic) ?? (protocolType == Self.consumerProtocolType)
    }

    /// From when on the time counts for which an offset of the group is kept (KIP-211); `nil` if it does not count now.
    ///
    /// Who has no members loses all offsets together. Kafka counts from the state's begin even where something was committed
    /// since, and so may lose at once what a tool has just set.
    /// - Parameter committed: When the offset was committed.
    package func retentionStart(committed: Timestamp) -> Timestamp? {
        guard let protocolType else { return committed }
        switch phase {
        case .empty: return max(committed, stateTimestamp)
        case .stable where protocolType == Self.consumerProtocolType && subscribedTopics != nil: return committed
        case .preparing, .completing, .stable, .dead: return nil
        }
    }

    /// Whether there is nobody in the group, nor about to be.
    package var isAbandoned: Bool { phase == .empty && pendingMembers.isEmpty }

    /// The topics that members say they read; `nil` where they are no consumers, or cannot be understood.
    func computeSubscribedTopics() -> Set<String>? {
        guard protocolType == Self.consumerProtocolType else { return nil }
        if members.isEmpty { return [] }
        guard let protocolName else { return nil }
        var topics: Set<String> = []
        for member in members.values {
            guard let subscription = ConsumerSubscription(parsing: member.metadata(protocolName)) else { return nil }
            topics.formUnion(subscription.topics)
        }
        return topics
    }

    /// What DescribeGroups says of the group.
    package func described(version: Int16) -> DescribeGroupsResponse.DescribedGroup {
        if case .dead = phase { return Self.describedWithoutGroup(id, version: version) }
        var description = DescribeGroupsResponse.DescribedGroup()
        description.groupID = id
        description.groupState = state.rawValue
        description.protocolType = protocolType ?? ""
        let isStable = state == .stable
        if isStable { description.protocolData = protocolName ?? "" }
        description.members = orderedMembers.map { member in
            var described = DescribeGroupsResponse.DescribedGroup.DescribedGroupMember()
            described.memberID = member.id
            described.groupInstanceID = member.instanceID
            described.clientID = member.clientID
            described.clientHost = member.clientHost
            if isStable {
                described.memberMetadata = member.metadata(protocolName)
                described.memberAssignment = member.assignment
            }
            return described
        }
        return description
    }

    /// What DescribeGroups says where there is no group: that it is dead, or, from KIP-1043 on, that there is none.
    package static func describedWithoutGroup(
        _ id: String,
        version: Int16
    ) -> DescribeGroupsResponse.DescribedGroup {
        var description = DescribeGroupsResponse.DescribedGroup()
        description.groupID = id
        description.groupState = GroupState.dead.rawValue
        if version >= 6 {
            description.errorCode = .groupIDNotFound
            description.errorMessage = "There is no group \(id)"
        }
        return description
    }

    /// What ListGroups says of the group; `nil` if it is not one of those that are asked for.
    package func listed(_ request: ListGroupsRequest) -> ListGroupsResponse.ListedGroup? {
        let type = "classic"
        func matches(_ filter: [String], _ value: String) -> Bool {
            filter.isEmpty || filter.contains { $0.lowercased() == value.lowercased() }
        }
        guard matches(request.statesFilter, state.rawValue), matches(request.typesFilter, type) else { return nil }
        var listed = ListGroupsResponse.ListedGroup()
        listed.groupID = id
        listed.protocolType = protocolType ?? ""
        listed.groupState = state.rawValue
        listed.groupType = type
        return listed
    }
}
