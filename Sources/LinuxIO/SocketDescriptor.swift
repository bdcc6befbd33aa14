internal import CSystemShims
internal import Synchronization
internal import SystemPackage

/// The descriptor of a socket, which it owns.
struct SocketDescriptor: ~Copyable {
    let number: Int32

    private static let opened = Atomic(0)

    /// How many there are.
    static var openCount: Int { opened.load(ordering: .relaxed) }

    /// Takes over a descriptor that a call returned.
    init(_ number: Int) {
        self.number = Int32(truncatingIfNeeded: number)
        SocketDescriptor.opened.add(1, ordering: .relaxed)
    }

    deinit {
        SocketDescriptor.opened.subtract(1, ordering: .relaxed)
        // The descriptor is gone whatever close(2) reports, and what was sent the kernel still delivers.
        _ = csys_close(number)
    }
}
