public import LinuxIO

extension IOBackend {
    /// The back-ends that this machine allows; tests of reactors run on each.
    public static let testable: [IOBackend] = allCases.filter { backend in
        guard let reactor = try? Reactor(name: "probe", backend: backend) else { return false }
        reactor.shutdown()
        return true
    }
}
