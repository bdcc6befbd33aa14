import LinuxIO
import SystemPackage

extension IOBufferPool {
    /// Takes a buffer; where all are in use, as soon as somebody has given one back.
    ///
    /// Looks again every millisecond: who waits holds nothing meanwhile, and pools are made large enough that it is rare.
    /// - Throws: ECANCELED when the task is cancelled, or the reactor shut down.
    func take(waitingOn reactor: Reactor) async throws(IOError) -> IOBuffer {
        while true {
            if let buffer = take() { return buffer }
            do {
                try await reactor.sleep(until: .now + .milliseconds(1))
            } catch {
                throw IOError(call: .poll, path: nil, errno: .canceled, attempt: "wait for a buffer")
            }
        }
    }
}
