import Glibc
import Synchronization

/// Holds up threads until it is opened: for faults that have to last until a test has looked.
final class Gate: Sendable {
    private let isOpen = Atomic(false)

    func open() { isOpen.store(true, ordering: .releasing) }

    func waitUntilOpen() {
        while !isOpen.load(ordering: .acquiring) { _ = sched_yield() }
    }
}
