internal import SystemPackage

/// How a reactor's thread comes to its port, and to its loop.
struct PortPlan {
    let inbox: ReactorInbox
    let queueDepth: Int
    let diskWorkers: Int

    /// Makes a port, tells `started` which or why not, and runs the loop on it until the reactor ends.
    ///
    /// Without `forced` it tries a ring first, then epoll.
    func run(forced: IOBackend?, _ started: (Result<IOBackend, IOError>) -> Void) {
        if forced != .epoll {
            do {
                let loop = EventLoop(inbox, try makeRingPort())
                started(.success(.ring))
                return loop.run()
            } catch {
                guard forced == nil, IOBackend.canFallBack(from: error) else {
                    return started(.failure(.starting(.ioUringSetup, inbox.name, error)))
                }
            }
        }
        do {
            let loop = EventLoop(inbox, try makeEpollPort())
            started(.success(.epoll))
            loop.run()
        } catch {
            started(.failure(.starting(.epollCreate, inbox.name, error)))
        }
    }

    private func makeRingPort() throws(Errno) -> RingPort {
        try RingPort(queueDepth: queueDepth, diskWorkers: diskWorkers, wakeUp: inbox.wakeUp, owner: inbox.path)
    }

    private func makeEpollPort() throws(Errno) -> EpollPort {
        try EpollPort(
            name: inbox.name,
            queueDepth: queueDepth,
            diskWorkers: diskWorkers,
            wakeUp: inbox.wakeUp,
            owner: inbox.path
        )
    }
}
