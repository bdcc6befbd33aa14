extension Reactor {
    /// Runs a job of Swift's on the reactor's thread; called by the runtime.
    /// - Parameter job: The job.
    public func enqueue(_ job: consuming ExecutorJob) {
        inbox.push(.job(UnownedJob(job), self))
    }

    /// A reference that the runtime compares and calls; it does not keep the reactor alive.
    /// - Returns: The reference.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    /// Stops the program when the caller is not on the reactor's thread; called by the runtime for `assumeIsolated`.
    public func checkIsolated() {
        preconditionIsCurrent()
    }

    /// Whether the caller is on the reactor's thread; called by the runtime.
    /// - Returns: Never nil.
    public func isIsolatingCurrentContext() -> Bool? {
        isCurrent
    }

    /// Whether the caller is on the reactor's thread.
    public var isCurrent: Bool { inbox.isCurrent }

    /// Stops the program with a message when the caller is not on the reactor's thread.
    public func preconditionIsCurrent() {
        precondition(isCurrent, "Cannot do this outside of the thread of reactor \(name)")
    }

    /// Runs a job here and now.
    func run(_ job: UnownedJob) {
        unsafe job.runSynchronously(
            isolatedTo: asUnownedSerialExecutor(),
            taskExecutor: asUnownedTaskExecutor()
        )
    }
}
