import Measuring

/// What a round took.
struct Cost: Sendable {
    /// From the first request to the last answer.
    var seconds: Double
    /// Of processors, in the server's process.
    var processorSeconds: Double
}

extension ServerProcess {
    /// Takes what `body` costs, which returns the seconds of its timed part.
    func cost(_ body: () throws -> Double) throws -> Cost {
        let before = try processorSeconds()
        let seconds = try body()
        return Cost(seconds: seconds, processorSeconds: try processorSeconds() - before)
    }
}

extension Outcome {
    /// How fast rounds were.
    init(_ figure: Figure, _ measured: [Cost], against limit: [Cost]) {
        self.init(figure, measured: measured.map(\.seconds), limit: limit.map(\.seconds))
    }

    /// What rounds took of the server's processors.
    ///
    /// - Parameter amount: how much of `unit` is done in a round: the seconds of processors are told for one of it.
    init(
        processorsOf name: String,
        per unit: String,
        of amount: Double,
        goal: Figure.Goal?,
        _ measured: [Cost],
        against limit: [Cost]
    ) {
        self.init(
            Figure("\(name): processors", .amount(unit: "s/\(unit)"), goal: goal),
            measured: measured.map { $0.processorSeconds / amount },
            limit: limit.map { $0.processorSeconds / amount }
        )
    }
}
