import KafkaProtocol

extension ConsumerGroup {
    /// Begins a rebalance; goes on with the one under way if nobody is missing any more.
    mutating func rebalance(_ now: GroupTime, _ effects: inout [GroupEffect]) {
        switch phase {
        case .empty:
            let delay = configuration.initialRebalanceDelay
            let remaining = max(rebalanceTimeout - delay, .zero)
            let initial = InitialDelay(step: delay, remaining: remaining)
            enter(.preparing(Rebalance(deadline: now + delay, initialDelay: initial)), now)
        case .completing:
            answerSyncs(.rebalanceInProgress, now, &effects)
            beginRebalance(now, &effects)
        case .stable: beginRebalance(now, &effects)
        case .preparing: completeIfAllJoined(now, &effects)
        case .dead: break
        }
    }

    private mutating func beginRebalance(_ now: GroupTime, _ effects: inout [GroupEffect]) {
        unsynced = []
        syncDeadline = nil
        enter(.preparing(Rebalance(deadline: now + rebalanceTimeout)), now)
        completeIfAllJoined(now, &effects)
    }

    /// Ends the joining if there is nobody to wait for, and it is not the first one, which waits for members unknown.
    mutating func completeIfAllJoined(_ now: GroupTime, _ effects: inout [GroupEffect]) {
        guard case .preparing(let rebalance) = phase, rebalance.initialDelay == nil else { return }
        if pendingMembers.isEmpty, members.values.allSatisfy(\.isAwaitingJoin) { completeJoin(now, &effects) }
    }

    /// Begins the next generation with those who have joined.
    private mutating func completeJoin(_ now: GroupTime, _ effects: inout [GroupEffect]) {
        // Static members stay until their session is over: they may be starting again.
        for member in orderedMembers where member.instanceID == nil && !member.isAwaitingJoin {
            remove(member.id, &effects)
        }
        let joined = orderedMembers.filter(\.isAwaitingJoin)
        guard let first = joined.first else {
            if members.isEmpty { return becomeEmpty(now, &effects) }
            // Nobody has come back, and nobody could lead: until sessions are over, or somebody comes.
            phase = .preparing(Rebalance(deadline: now + max(rebalanceTimeout, .milliseconds(1))))
            return
        }
        if !joined.contains(where: { $0.id == leaderID }) { leaderID = first.id }
        generation = generation.next
        protocolName = votes.winner(orderedMembers.map(\.protocols))
        subscribedTopics = computeSubscribedTopics()
        enter(.completing, now)
        unsynced = Set(members.keys)
        syncDeadline = now + rebalanceTimeout
        for var member in orderedMembers {
            if case .join(let request) = member.wait { effects.append(.answerJoin(request, joinAnswer(to: member))) }
            member.wait = .nothing
            member.isNew = false
            member.restartSession(now)
            members[member.id] = member
        }
    }

    private mutating func becomeEmpty(_ now: GroupTime, _ effects: inout [GroupEffect]) {
        generation = generation.next
        protocolName = nil
        subscribedTopics = computeSubscribedTopics()
        enter(.empty, now)
        effects.append(.write(GroupWrite(metadata: metadata(), purpose: .emptied)))
    }

    /// When ``expire(now:)`` has to be called; `nil` if nobody is waited for.
    ///
    /// It may move with every call. It is there whenever a request waits, but for one that waits for a ``GroupWrite``.
    /// - Complexity: O(members)
    package var nextDeadline: ContinuousClock.Instant? {
        var deadlines = members.values.compactMap(\.expiry) + pendingMembers.values
        if case .preparing(let rebalance) = phase { deadlines.append(rebalance.deadline) }
        if let syncDeadline { deadlines.append(syncDeadline) }
        return deadlines.min()
    }

    /// Does what was to be done by now: takes out members that have gone silent, and ends waiting.
    ///
    /// Called before its time it does nothing.
    package mutating func expire(now: GroupTime) -> [GroupEffect] {
        var effects: [GroupEffect] = []
        for (memberID, deadline) in pendingMembers where deadline <= now.instant { pendingMembers[memberID] = nil }
        completeIfAllJoined(now, &effects)
        for memberID in orderedMembers.map(\.id) {
            // Anew for each: the one before may have ended a rebalance, which begins everybody's session.
            guard let expiry = members[memberID]?.expiry, expiry <= now.instant else { continue }
            remove(memberID, &effects)
            rebalance(now, &effects)
        }
        if case .preparing(let rebalance) = phase, rebalance.deadline <= now.instant {
            endDelay(rebalance.initialDelay, now, &effects)
        }
        if let deadline = syncDeadline, deadline <= now.instant { endSync(now, &effects) }
        return effects
    }

    /// Waits longer for the first members while they keep coming; otherwise goes on.
    private mutating func endDelay(_ delay: InitialDelay?, _ now: GroupTime, _ effects: inout [GroupEffect]) {
        guard let delay, delay.hasNewMember, delay.remaining > .zero else { return completeJoin(now, &effects) }
        let step = min(configuration.initialRebalanceDelay, delay.remaining)
        let next = InitialDelay(step: step, remaining: max(delay.remaining - delay.step, .zero))
        phase = .preparing(Rebalance(deadline: now + step, initialDelay: next))
    }

    /// Goes on without those who have joined and then not fetched their assignment.
    private mutating func endSync(_ now: GroupTime, _ effects: inout [GroupEffect]) {
        syncDeadline = nil
        let missing = orderedMembers.filter { unsynced.contains($0.id) }
        for member in missing { remove(member.id, &effects) }
        if !missing.isEmpty { rebalance(now, &effects) }
    }
}
