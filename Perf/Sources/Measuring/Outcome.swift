/// What a figure came to.
public struct Outcome: Sendable, Codable {
    /// What was measured.
    public var name: String
    /// The unit of the values.
    public var unit: String
    /// The values of what was measured.
    public var values: Spread
    /// Those of the limit, in the same rounds.
    public var limit: Spread?
    /// The speed over that of the limit, round by round; or the cost over that of the limit where the goal bounds it.
    public var ratio: Spread?
    /// How good it has to be.
    public var goal: String?
    /// Whether it is.
    public var isMet: Bool?

    /// An outcome of rounds.
    /// - Parameters:
    ///   - figure: what was measured.
    ///   - measured: seconds, or amounts, round by round.
    ///   - limit: those of the limit, in the same order; none if there is no limit.
    public init(_ figure: Figure, measured: [Double], limit: [Double] = []) {
        name = figure.name
        unit = figure.scale.unit
        values = Spread(measured.map(figure.scale.value))
        if !limit.isEmpty {
            self.limit = Spread(limit.map(figure.scale.value))
            let isCost = if case .timesLimit = figure.goal { true } else { false }
            ratio = Spread(zip(limit, measured).map { isCost ? $1 / $0 : $0 / $1 })
        }
        goal = figure.goal.map(\.description)
        isMet =
            switch figure.goal {
            case .ofLimit(let least): (ratio?.median ?? 0) >= least
            case .timesLimit(let most): (ratio?.median ?? .infinity) <= most
            case .atLeast(let least): values.median >= least
            case .below(let most): values.median < most
            case nil: nil
            }
    }
}
