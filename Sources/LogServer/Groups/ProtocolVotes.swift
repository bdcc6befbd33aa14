import KafkaProtocol

/// Which protocols, that is kinds of assignment, the members of a group have in common.
struct ProtocolVotes: Hashable, Sendable {
    /// How many members know a protocol.
    private var supporters: [String: Int] = [:]
    private var members = 0

    mutating func add(_ protocols: [JoinGroupRequest.GroupProtocol]) {
        members += 1
        for name in Set(protocols.map(\.name)) { supporters[name, default: 0] += 1 }
    }

    mutating func remove(_ protocols: [JoinGroupRequest.GroupProtocol]) {
        members -= 1
        for name in Set(protocols.map(\.name)) {
            let count = supporters[name, default: 0]
            supporters[name] = count > 1 ? count - 1 : nil
        }
    }

    /// Whether every member knows the protocol; true of any when there are no members.
    func isCommon(_ name: String) -> Bool { supporters[name, default: 0] == members }

    /// The protocol for which most members vote, each for the one that it prefers of those that all have in common.
    ///
    /// Of equal ones that for which somebody voted first; `nil` if there is none in common.
    func winner(_ ballots: [[JoinGroupRequest.GroupProtocol]]) -> String? {
        var counts: [String: Int] = [:]
        var order: [String] = []
        for ballot in ballots {
            guard let choice = ballot.first(where: { isCommon($0.name) })?.name else { continue }
            if counts[choice] == nil { order.append(choice) }
            counts[choice, default: 0] += 1
        }
        // `max` returns the last of equal ones.
        return order.reversed().max { counts[$0, default: 0] < counts[$1, default: 0] }
    }
}
