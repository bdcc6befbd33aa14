import Glibc
import Synchronization

/// Holds up threads until it is opened: for faults that have to last until a test has looked.
final class Gate: Sendable {
    private let isOpen = Atomic(false)

    var isOpened: Bool { isOpen.load(ordering: .acquiring) }

    func open() { isOpen.store(true, ordering: .releasing) }

    func waitUntilOpen() {
        while !isOpened { _ = sched_yield() }
    }
}
