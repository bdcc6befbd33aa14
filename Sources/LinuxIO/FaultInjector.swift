import Synchronization
package import SystemPackage

/// Sees the IO calls that this module makes below one path, and may make them fail or fall short.
///
/// Every call of the module, those handed to a ring included, asks the installed injectors just before it is made;
/// with none installed that costs one relaxed atomic load. Scoping by path keeps tests that run at the same time out
/// of each other's way. Paths are compared component by component as the caller of the module wrote them: links and
/// ".." are not resolved.
///
/// ```swift
/// let injector = FaultInjector.install(under: directory) { call in
///     call.name == .pwrite && call.occurrence == 2 ? .fail(.noSpace) : .proceed
/// }
/// defer { injector.remove() }
/// ```
package final class FaultInjector: Sendable {
    /// A call about to be made.
    package struct Call: Hashable, Sendable {
        /// Which call.
        package let name: SystemCall
        /// The file or directory it is made on.
        package let path: FilePath
        /// The new name, of a rename; the target, of a copy.
        package let destination: FilePath?
        /// Where in the file, in bytes; nil for calls without a position.
        package let position: Int64?
        /// How many bytes it may transfer, or synchronise, or reserve; 0 for calls on the whole file.
        package let bytes: Int
        /// How many calls this injector saw before.
        package let sequence: Int
        /// How many calls with this name this injector saw before.
        package let occurrence: Int
    }

    /// What becomes of a call.
    package enum Answer: Hashable, Sendable {
        /// It is made.
        case proceed
        /// It is not made, and reported to have failed. (A close is made all the same: the descriptor is gone after a
        /// failed close(2) too.)
        case fail(Errno)
        /// It transfers at most that many bytes. Calls that transfer none proceed.
        case short(Int)
    }

    private struct Seen {
        var calls: [Call] = []
        var occurrences: [SystemCall: Int] = [:]
    }

    private let scope: String
    private let decide: @Sendable (Call) -> Answer
    private let seen = Lock(Seen())

    private init(under scope: FilePath, decide: @escaping @Sendable (Call) -> Answer) {
        self.scope = scope.string
        self.decide = decide
    }

    /// Starts asking `decide` about every call on `path` and what lies below it, from any thread.
    ///
    /// `decide` runs on the thread that makes the call, a reactor's included, and may be run by several at a time. It
    /// must not do IO of this module below `path`.
    /// - Parameters:
    ///   - path: The file or directory to watch.
    ///   - decide: What becomes of a call; by default it is only counted.
    /// - Returns: The injector, which stays until ``remove()``.
    package static func install(
        under path: FilePath,
        decide: @escaping @Sendable (Call) -> Answer = { _ in .proceed }
    ) -> FaultInjector {
        let injector = FaultInjector(under: path, decide: decide)
        installed.withLock { $0.append(injector) }
        armed.add(1, ordering: .releasing)
        return injector
    }

    /// Stops asking.
    ///
    /// Calls that were already asked about keep their answer. Harmless when done twice.
    package func remove() {
        let wasInstalled = FaultInjector.installed.withLock { installed in
            guard let index = installed.firstIndex(where: { $0 === self }) else { return false }
            installed.remove(at: index)
            return true
        }
        if wasInstalled { FaultInjector.armed.subtract(1, ordering: .releasing) }
    }

    /// The calls seen so far, in the order in which they were made.
    package var calls: [Call] { seen.withLock { $0.calls } }

    /// How many calls named `name` were seen so far.
    package func count(of name: SystemCall) -> Int { seen.withLock { $0.occurrences[name, default: 0] } }

    // MARK: The seam's side

    private static let armed = Atomic(0)
    private static let installed = Lock<[FaultInjector]>([])

    /// Whether any injector is installed: the one check that is paid for by every call of the module.
    static var isArmed: Bool {
        @inline(__always) get { armed.load(ordering: .relaxed) != 0 }
    }

    /// What the injectors that watch `path` (or `destination`) say: the first answer that is not `.proceed`.
    static func answer(
        _ name: SystemCall,
        _ path: FilePath,
        to destination: FilePath?,
        at position: Int64?,
        bytes: Int
    ) -> Answer {
        var answer = Answer.proceed
        let (from, to) = (path.string, destination?.string)
        for injector in installed.withLock({ $0 }) where injector.watches(from) || injector.watches(to) {
            let call = injector.record(name, path, to: destination, at: position, bytes: bytes)
            let own = injector.decide(call)
            if answer == .proceed { answer = own }
        }
        return answer
    }

    /// Whether `path` is the scope or lies below it.
    ///
    /// On text and not on components, because every call of the process pays for this while any test injects faults.
    private func watches(_ path: String?) -> Bool {
        guard let path, path.hasPrefix(scope) else { return false }
        let slash = UInt8(ascii: "/")
        return path.utf8.count == scope.utf8.count || scope.utf8.last == slash
            || path.utf8.dropFirst(scope.utf8.count).first == slash
    }

    private func record(
        _ name: SystemCall,
        _ path: FilePath,
        to destination: FilePath?,
        at position: Int64?,
        bytes: Int
    ) -> Call {
        seen.withLock { seen in
            let call = Call(
                name: name,
                path: path,
                destination: destination,
                position: position,
                bytes: bytes,
                sequence: seen.calls.count,
                occurrence: seen.occurrences[name, default: 0]
            )
            seen.calls.append(call)
            seen.occurrences[name, default: 0] += 1
            return call
        }
    }
}
