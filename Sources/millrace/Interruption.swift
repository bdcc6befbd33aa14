import Dispatch
import Glibc
import Synchronization

/// Ends a command in good order when the user interrupts it (SIGINT, SIGTERM).
///
/// The first signal asks for the end; the second one, from a user who has lost patience, is the end.
struct Interruption {
    private let sources: [any DispatchSourceSignal]
    private let request = Request()

    /// From its return on no signal is the end of the process, and none is lost.
    ///
    /// To be made before there is anything that has to be ended in good order, such as an open directory.
    init() async {
        var sources: [any DispatchSourceSignal] = []
        for number in [SIGINT, SIGTERM] {
            // The source is told of the signal in addition to its action, and the default action ends the process.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [request] in
                // As a shell reports a process that a signal has ended.
                if !request.make() { exit(128 + number) }
            }
            // Until it is registered, the source would miss the signal.
            await withCheckedContinuation { registered in
                source.setRegistrationHandler { registered.resume() }
                source.resume()
            }
            sources.append(source)
        }
        self.sources = sources
    }

    /// Sets what asks for the end: called once, on a thread of its own or, if the signal has come already, at once.
    func onRequest(_ end: @escaping @Sendable () -> Void) { request.setAnswer(end) }

    /// Gives the signals their default action back.
    func cancel() {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }

    /// Makes writing to a pipe that nobody reads any more an error (EPIPE), instead of the end of a process that has a
    /// directory to close.
    static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Brings together the wish to end and what it means, whichever comes first.
    private final class Request: Sendable {
        private struct State {
            var isMade = false
            var answer: (@Sendable () -> Void)?
        }
        private let state = Mutex(State())

        /// Returns false if the end was asked for before.
        func make() -> Bool {
            let (isFirst, answer) = state.withLock { state in
                defer { state.isMade = true }
                return (!state.isMade, state.isMade ? nil : state.answer)
            }
            answer?()
            return isFirst
        }

        func setAnswer(_ answer: @escaping @Sendable () -> Void) {
            let isMade = state.withLock { state in
                state.answer = answer
                return state.isMade
            }
            if isMade { answer() }
        }
    }
}
