import LinuxIO

/// Runs `body` on a thread that may wait as long as it likes: those of tasks are few.
func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    let pool = ThreadPool(name: "test-wait", threads: 1)
    defer { pool.shutdown() }
    return try await pool.run { Swift.Result { try body() } }.get()
}
