import Dispatch
import Glibc
import Synchronization

/// Ends a command in good order when the user interrupts it (SIGINT, SIGTERM).
///
/// The first signal asks for the end; the second one, from a user who has lost patience, is the end.
struct Interruption {
    private let sources: [any DispatchSourceSignal]

    /// - Parameter end: Asks for the end; called at the first signal, on a thread of its own.
    init(_ end: @escaping @Sendable () -> Void) {
        let wasSignalled = Flag()
        sources = [SIGINT, SIGTERM].map { number in
            // The source is told of the signal in addition to its action, and the default action ends the process.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                // As a shell reports a process that a signal has ended.
                if wasSignalled.raise() { exit(128 + number) }
                end()
            }
            source.resume()
            return source
        }
    }

    /// Gives the signals their default action back.
    func cancel() {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }

    /// Makes writing to a pipe that nobody reads any more an error (EPIPE), instead of the end of a process that has a
    /// directory to close.
    static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    private final class Flag: Sendable {
        private let isRaised = Atomic(false)

        /// Raises the flag, and returns whether it was up before.
        func raise() -> Bool { isRaised.exchange(true, ordering: .acquiringAndReleasing) }
    }
}
