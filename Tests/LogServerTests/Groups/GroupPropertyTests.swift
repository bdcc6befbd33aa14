import KafkaProtocol
import LogServer
import TestSupport
import Testing

/// Members that do what they should, among others that do anything at any time, while the log stores slowly, or fails to.
@Suite("Groups of random members")
struct GroupPropertyTests {
    private struct Run {
        var group = GroupSimulation { $0.initialRebalanceDelay = .seconds(1) }
        var members: [SimulatedMember]
        /// Ids that careless members use, some of them no more in the group.
        var ids: [String] = []
        var requests: [WaitingRequest] = []
        var random: SplitMix64
        let seed: Seed

        init(_ seed: Seed) {
            self.seed = seed
            random = seed.generator
            group.storesAtOnce = false
            members = [SimulatedMember(), SimulatedMember(), SimulatedMember(instance: "good")]
        }

        mutating func careless() {
            let id = ids.randomElement(using: &random) ?? ""
            let instance = random.chance(oneIn: 3) ? ["x", "y"].randomElement(using: &random) : nil
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<3:
                let timeout = Int32.random(in: 1000...30_000, using: &random)
                let version = Int16.random(in: 0...9, using: &random)
                let topic = ["t", "u"].randomElement(using: &random) ?? ""
                let request = group.join(random.chance(oneIn: 2) ? id : "", instance: instance, version: version) {
                    $0.rebalanceTimeoutMs = timeout
                    $0.protocols = [.reading([topic]), .reading([topic], "sticky")]
                }
                requests.append(request)
            case 3..<6:
                let assignment = SimulatedMember.assignment(of: group.group.generation)
                let everybody = group.group.described(version: 6).members.map { ($0.memberID, assignment) }
                group.sync(id, instance: instance, assigning: Dictionary(uniqueKeysWithValues: everybody))
            case 6..<8: _ = group.heartbeat(id, instance: instance)
            case 8: _ = group.leave(id, instance: instance)
            case 9: _ = group.leave(instance: instance)
            case 10: _ = group.commit(id, instance: instance)
            default: members[2].restart()
            }
            for request in requests {
                if let id = group.joins[request]?.memberID, !id.isEmpty, !ids.contains(id) { ids.append(id) }
            }
            requests.removeAll { group.joins[$0] != nil }
            if ids.count > 12 { ids.removeFirst() }
        }

        mutating func endWrites(_ error: ErrorCode = .none) {
            while !group.writes.isEmpty { group.endWrite(error) }
        }

        /// Lets the good members act, and checks what holds at any time.
        mutating func settle() throws {
            for index in members.indices { try members[index].act(in: &group) }
            check()
        }

        func check() {
            if !group.waiting.isEmpty {
                #expect(group.group.nextDeadline != nil || !group.writes.isEmpty, "waits forever, \(seed)")
            }
            if group.group.state == .stable {
                let assigned = group.group.described(version: 6).members.map(\.memberAssignment)
                let expected = SimulatedMember.assignment(of: group.group.generation)
                #expect(assigned.allSatisfy { $0 == expected }, "\(seed)")
            }
        }
    }

    @Test(
        "good members are never taken out, nobody waits forever, and all are assigned in the end",
        arguments: Seed.all
    )
    func anything(seed: Seed) throws {
        var run = Run(seed)
        for _ in 0..<2000 {
            run.careless()
            run.check()
            if run.random.chance(oneIn: 3) {
                run.group.advance(by: .milliseconds(Int.random(in: 0...2500, using: &run.random)))
            }
            if run.random.chance(oneIn: 4) { run.endWrites(run.random.chance(oneIn: 10) ? .notEnoughReplicas : .none) }
            try run.settle()
        }
        #expect(run.group.group.generation > GenerationID(20), "too little has happened, \(seed)")
        // Now everybody else has gone.
        for _ in 0..<100 {
            run.endWrites()
            run.group.advance(by: .seconds(1))
            try run.settle()
        }
        #expect(run.group.group.state == .stable, "\(seed)")
        #expect(run.group.group.memberCount == run.members.count, "\(seed)")
        #expect(run.members.allSatisfy { $0.isInside }, "\(seed)")
        run.group.unload()
        #expect(run.group.waiting == [], "\(seed)")
    }
}
