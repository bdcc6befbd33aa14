package import KafkaProtocol
import RecordBatch

/// What members ask for.
extension GroupCoordinator {
    /// Somebody wants to be a member, or to stay one.
    /// - Returns: The answer, which may take as long as a rebalance.
    package func join(_ request: JoinGroupRequest, version: Int16, clientID: String?) async -> JoinGroupResponse {
        func refused(_ error: ErrorCode) -> JoinGroupResponse { JoinGroupResponse(error, memberID: request.memberID) }
        if request.groupID.isEmpty { return refused(.invalidGroupID) }
        let reply = PendingReply<JoinGroupResponse>()
        do throws(APIError) {
            try await prepare()
            let partition = try partition(of: request.groupID)
            try partition.withState { (state, now) throws(APIError) in
                let joiner = Joiner(
                    partition.wait(reply, &state),
                    version: version,
                    clientID: clientID ?? "",
                    clientHost: "",
                    uniqueSuffix: Self.randomUUID()
                )
                partition.change(request.groupID, &state, now) { $0.join(request, by: joiner, now: now) }
            }
            rearm(partition)
        } catch {
            return refused(error.code)
        }
        return await reply.value(ifCancelled: refused(.notCoordinator))
    }

    /// A member wants its assignment, or brings everybody's.
    /// - Returns: The answer, which may have to wait for the leader.
    package func sync(_ request: SyncGroupRequest, version: Int16) async -> SyncGroupResponse {
        if request.groupID.isEmpty { return SyncGroupResponse(.invalidGroupID) }
        let reply = PendingReply<SyncGroupResponse>()
        do throws(APIError) {
            let partition = try partition(of: request.groupID)
            try partition.withState { (state, now) throws(APIError) in
                let waiting = partition.wait(reply, &state)
                partition.change(request.groupID, &state, now) {
                    $0.sync(request, version: version, waiting: waiting, now: now)
                }
            }
            rearm(partition)
        } catch {
            return SyncGroupResponse(error.code)
        }
        return await reply.value(ifCancelled: SyncGroupResponse(.notCoordinator))
    }

    /// A member shows that it is alive.
    package func heartbeat(_ request: HeartbeatRequest) -> HeartbeatResponse {
        var response = HeartbeatResponse()
        do throws(APIError) {
            response.errorCode = try partition(of: request.groupID).withState { (state, now) throws(APIError) in
                // No deadline becomes earlier.
                if let error = state.groups[request.groupID]?.heartbeat(request, now: now) { return error }
                return request.groupID.isEmpty ? .invalidGroupID : .unknownMemberID
            }
        } catch {
            // Whether it is a member is not known yet; and all have a whole session when it is.
            response.errorCode = error.code == .coordinatorLoadInProgress ? .none : error.code
        }
        return response
    }

    /// Members leave, or are made to.
    package func leave(_ request: LeaveGroupRequest, version: Int16) async -> LeaveGroupResponse {
        let isStored = PendingReply<ErrorCode>()
        var response = LeaveGroupResponse()
        do throws(APIError) {
            let partition = try partition(of: request.groupID)
            response = try partition.withState { (state, now) throws(APIError) in
                var response = LeaveGroupResponse()
                var isEmptied = false
                partition.change(request.groupID, &state, now) { group in
                    let (answer, effects) = group.leave(request, version: version, now: now)
                    response = answer
                    isEmptied = effects.contains { if case .write = $0 { true } else { false } }
                    return effects
                }
                if isEmptied { partition.afterWrites(isStored, &state) } else { isStored.give(.none) }
                return response
            }
            rearm(partition)
        } catch {
            response.errorCode = request.groupID.isEmpty ? .invalidGroupID : error.code
            return response
        }
        _ = await isStored.value(ifCancelled: .none)
        return response
    }

    /// A random UUID as Java writes it, so that ids of members look as usual.
    private static func randomUUID() -> String {
        let bits = UInt128.random(in: 0...UInt128.max) & ~(0xf << 76) | (4 << 76)
        let variant = bits & ~(0b11 << 62) | (0b10 << 62)
        let digits = String(variant, radix: 16)
        let padded = String(repeating: "0", count: 32 - digits.count) + digits
        var (text, rest) = ("", padded[...])
        for count in [8, 4, 4, 4, 12] {
            text += text.isEmpty ? rest.prefix(count) : "-" + rest.prefix(count)
            rest = rest.dropFirst(count)
        }
        return text
    }
}
