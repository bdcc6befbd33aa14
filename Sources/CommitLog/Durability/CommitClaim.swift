/// Decides who makes a log durable: one thread at a time.
///
/// ```
///                request                begin                request
///       idle ────────────────▶ wanted ─────────▶ running ────────────────▶ running, wanted
///        ▲                        ▲                 │                             │
///        └────────────────────────┼──────── end ────┘                             │
///                                 └───────────────────────────────────────── end ─┘
/// ```
/// Whoever appends while a commit runs may be missed by it, and shares the next one with all others that were. So a lone
/// writer never waits for company, and the more writers there are, the more of them share a commit.
struct CommitClaim: Hashable, Sendable {
    private var isRunning = false
    private var isWanted = false

    /// Asks for a commit that covers everything appended so far.
    ///
    /// Returns whether the caller has to see to it that ``begin()`` is called; otherwise somebody else will.
    mutating func request() -> Bool {
        defer { isWanted = true }
        return !isRunning && !isWanted
    }

    /// Begins the commit that was asked for.
    ///
    /// Returns `false` if another thread has, so that there is nothing to do.
    mutating func begin() -> Bool { isWanted && beginUnasked() }

    /// Begins a commit, asked for or not, unless one is running.
    mutating func beginUnasked() -> Bool {
        if isRunning { return false }
        isRunning = true
        isWanted = false
        return true
    }

    /// Ends a commit.
    ///
    /// Returns whether another one was asked for meanwhile; the caller has to see to it that ``begin()`` is called.
    mutating func end() -> Bool {
        isRunning = false
        return isWanted
    }
}
