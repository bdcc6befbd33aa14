import LinuxIO
import Synchronization

/// Holds up a thread until a test lets it go on.
final class Gate: Sendable {
    private let isOpen = Atomic(false)
    private let openings = EventCount()

    var isOpened: Bool { isOpen.load(ordering: .acquiring) }

    func open() {
        isOpen.store(true, ordering: .releasing)
        openings.signal()
    }

    func waitUntilOpen() {
        while true {
            let seen = openings.current
            if isOpened { return }
            openings.wait(past: seen)
        }
    }
}
