import LinuxIO

extension ThreadPool {
    /// Runs `body` on one of the threads, and does not wait for it, in a task either.
    func begin(_ body: @escaping @Sendable () -> Void) { run(body) }
}
