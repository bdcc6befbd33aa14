import KafkaProtocol
import LogServer
import Testing

/// A member that does what a client has to do, whatever it is answered.
struct SimulatedMember {
    private enum Step {
        case outside
        case joining(WaitingRequest)
        case syncing(WaitingRequest)
        case inside
    }

    /// What it is known by, if it is a static member.
    let instance: String?
    private(set) var id = ""
    /// The last assignment that it was given, which says the generation that it is of.
    private(set) var assignment: [UInt8] = []
    private var generation = GenerationID.none
    private var step = Step.outside

    init(instance: String? = nil) { self.instance = instance }

    var isInside: Bool { if case .inside = step { true } else { false } }

    /// What every member of a generation is assigned.
    static func assignment(of generation: GenerationID) -> [UInt8] { [UInt8(truncatingIfNeeded: generation.rawValue)] }

    /// Its process is started again, and has forgotten everything but its instance.
    mutating func restart() { self = SimulatedMember(instance: instance) }

    /// Looks at what it was answered, and does what comes next; a heartbeat if nothing else does.
    mutating func act(in group: inout GroupSimulation) throws {
        switch step {
        case .outside: join(&group)
        case .joining(let request):
            guard !group.waiting.contains(request) else { return }
            let answer = try group.answer(request)
            switch answer.errorCode {
            case .none:
                id = answer.memberID
                generation = GenerationID(answer.generationID)
                sync(answer, &group)
            case .memberIDRequired:
                id = answer.memberID
                join(&group)
            default:
                // The errors of what could not be stored: then it is as it was before.
                #expect([.notCoordinator, .coordinatorNotAvailable].contains(answer.errorCode), "\(answer.errorCode)")
                join(&group)
            }
        case .syncing(let request):
            guard !group.waiting.contains(request) else { return }
            let answer = try group.syncAnswer(request)
            guard answer.errorCode == .none else {
                let isExpected = [.notCoordinator, .coordinatorNotAvailable, .rebalanceInProgress]
                    .contains(answer.errorCode)
                #expect(isExpected, "\(answer.errorCode)")
                return join(&group)
            }
            assignment = answer.assignment
            #expect(assignment == Self.assignment(of: generation))
            step = .inside
        case .inside:
            let answer = group.heartbeat(id, instance: instance, generation: generation)
            if answer == .none { return }
            #expect(answer == .rebalanceInProgress)
            join(&group)
        }
    }

    private mutating func join(_ group: inout GroupSimulation) {
        step = .joining(group.join(id, instance: instance))
    }

    private mutating func sync(_ answer: JoinGroupResponse, _ group: inout GroupSimulation) {
        var assignments: [String: [UInt8]] = [:]
        if answer.leader == id, !answer.skipAssignment {
            for member in answer.members { assignments[member.memberID] = Self.assignment(of: generation) }
        }
        step = .syncing(
            group.sync(id, instance: instance, assigning: assignments) { $0.generationID = answer.generationID }
        )
    }
}
