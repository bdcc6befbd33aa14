/// Runs a limit and what is held against it by turns, so that whatever changes on the machine meanwhile changes both.
///
/// Medians of rounds are all the statistics there are. A benchmark library that runs one benchmark after the other does not
/// fit: a disk's speed drifts by more than what is to be told apart.
public struct InterleavedRounds: Sendable {
    /// How many rounds are counted; one more is run first, to warm up.
    public var count: Int

    /// So many rounds.
    public init(count: Int) { self.count = count }

    /// Runs both sides by turns.
    /// - Parameters:
    ///   - figure: what is measured.
    ///   - limit: one round of the limit; returns the seconds of its timed part.
    ///   - measured: one round of what is measured, which does the same work.
    public func run(
        _ figure: Figure,
        limit: () async throws -> Double,
        measured: () async throws -> Double
    ) async throws -> Outcome {
        var limits: [Double] = []
        var values: [Double] = []
        for _ in 0...count {
            limits.append(try await limit())
            values.append(try await measured())
        }
        return Outcome(figure, measured: Array(values.dropFirst()), limit: Array(limits.dropFirst()))
    }

    /// Runs any number of sides by turns.
    /// - Parameter sides: one round of each.
    /// - Returns: for each side, what its rounds gave.
    public func run<Sample>(_ sides: [() async throws -> Sample]) async throws -> [[Sample]] {
        var samples = [[Sample]](repeating: [], count: sides.count)
        for round in 0...count {
            for (side, body) in sides.enumerated() {
                let sample = try await body()
                if round > 0 { samples[side].append(sample) }
            }
        }
        return samples
    }

    /// Runs what has no limit to be held against.
    public func run(_ figure: Figure, measured: () async throws -> Double) async throws -> Outcome {
        var values: [Double] = []
        for _ in 0...count { values.append(try await measured()) }
        return Outcome(figure, measured: Array(values.dropFirst()))
    }
}

/// The seconds that `body` takes.
public func seconds(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .seconds(1)
}

/// The seconds that `body` takes.
public func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    try await ContinuousClock().measure(body) / .seconds(1)
}
