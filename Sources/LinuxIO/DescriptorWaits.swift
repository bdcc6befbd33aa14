/// Which waits there are for which descriptor.
///
/// The decisions alone. epoll(7) knows each descriptor once, however many wait for it, and forgets what it is to be
/// watched for as soon as it was ready once; so after each change this says what is to be watched for from now on.
struct DescriptorWaits {
    private struct Wait {
        let token: OperationToken
        let readiness: Readiness
    }

    private var waits: [Int32: [Wait]] = [:]

    /// Adds a wait; returns what the descriptor is to be watched for.
    mutating func add(_ token: OperationToken, for readiness: Readiness, of descriptor: Int32) -> Readiness {
        waits[descriptor, default: []].append(Wait(token: token, readiness: readiness))
        return watched(descriptor)
    }

    /// Takes out a wait; returns what the descriptor is to be watched for now, or nil where there is no such wait.
    mutating func remove(_ token: OperationToken, of descriptor: Int32) -> Readiness? {
        guard let index = waits[descriptor]?.firstIndex(where: { $0.token == token }) else { return nil }
        waits[descriptor]?.remove(at: index)
        forgetIfUnused(descriptor)
        return watched(descriptor)
    }

    /// Takes out the waits that are over now that the descriptor is ready for `events`.
    ///
    /// Returns them, and what the descriptor is to be watched for now.
    mutating func takeReady(
        _ descriptor: Int32,
        _ events: Readiness
    ) -> (tokens: [OperationToken], rest: Readiness) {
        guard let all = waits[descriptor] else { return ([], []) }
        let concernsAll = !events.isDisjoint(with: .trouble)
        let isOver = { (wait: Wait) in concernsAll || !wait.readiness.isDisjoint(with: events) }
        waits[descriptor] = all.filter { !isOver($0) }
        forgetIfUnused(descriptor)
        return (all.filter(isOver).map(\.token), watched(descriptor))
    }

    /// Takes out all waits for a descriptor.
    mutating func takeAll(_ descriptor: Int32) -> [OperationToken] {
        waits.removeValue(forKey: descriptor)?.map(\.token) ?? []
    }

    private func watched(_ descriptor: Int32) -> Readiness {
        waits[descriptor]?.reduce(into: []) { $0.formUnion($1.readiness) } ?? []
    }

    private mutating func forgetIfUnused(_ descriptor: Int32) {
        if waits[descriptor]?.isEmpty == true { waits[descriptor] = nil }
    }
}
