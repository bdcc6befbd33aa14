internal import Synchronization
internal import SystemPackage

/// One thread with one way to the kernel, which runs Swift jobs and closures, does operations on files in the
/// background, and waits for sockets.
///
/// It is a Swift executor: an actor that names it as its executor, or a task that prefers it, runs on its thread, next
/// to the results of its operations, without locks. All methods may be called from any thread, its own included where
/// nothing else is said. Nothing that runs on the thread may block it.
///
/// An idle reactor waits in the kernel and uses no CPU.
///
/// Whoever uses it as the executor of an actor has to keep it alive as long as the actor. ``shutdown()`` ends it; so does
/// letting go of it, which then waits like ``shutdown()``, except on its own thread.
public final class Reactor: SerialExecutor, TaskExecutor, Sendable {
    /// What debuggers call the thread; the first 15 bytes count.
    public let name: String
    /// How it talks to the kernel.
    public let backend: IOBackend

    let inbox: ReactorInbox
    private let lifecycle: Monitor<Lifecycle>
    private let lastKey = Atomic<UInt64>(0)

    private enum Lifecycle: Sendable {
        case running(OSThread)
        case ending
        case ended
    }

    /// Starts a reactor.
    /// - Parameters:
    ///   - name: What to call its thread.
    ///   - backend: How to talk to the kernel. By default what the environment forces (``IOBackend/environmentVariable``),
    ///     else a ring where the kernel and the container allow one, else epoll.
    ///   - queueDepth: How many operations on files may be with the kernel at a time, from 1 to 16384; more wait their turn.
    ///     Waits for sockets are not counted, and there may be any number.
    ///   - diskWorkers: How many of them may block at a time, at least 1. The kernel's own default, a few per core, is too
    ///     low for dozens of simultaneous fdatasync calls.
    /// - Throws: `IOError`: what io_uring_setup(2) reported for a ring that was asked for by name (EPERM, ENOSYS, ENOMEM);
    ///   EMFILE; EAGAIN when there are no threads left; EINVAL when the environment variable has no valid value.
    public init(
        name: String,
        backend: IOBackend? = nil,
        queueDepth: Int = 256,
        diskWorkers: Int = 64
    ) throws(IOError) {
        precondition((1...16_384).contains(queueDepth), "Cannot make a reactor with a queue depth of \(queueDepth)")
        precondition(diskWorkers > 0, "Cannot make a reactor with \(diskWorkers) disk workers")
        let forced = if let backend { backend } else { try IOBackend.forcedByEnvironment() }
        let inbox: ReactorInbox
        do {
            inbox = try ReactorInbox(name: name)
        } catch {
            throw .starting(.eventfd, name, error)
        }
        // The port is made on the thread that uses it, because a ring belongs to the thread that made it.
        let started = Monitor<Result<IOBackend, IOError>?>(nil)
        let thread: OSThread
        do {
            thread = try OSThread.start(name: name) {
                let plan = PortPlan(inbox: inbox, queueDepth: queueDepth, diskWorkers: diskWorkers)
                plan.run(forced: forced) { result in
                    started.withLock { $0 = result }
                    started.broadcast()
                }
            }
        } catch {
            throw .starting(.clone, name, error)
        }
        do {
            self.backend = try started.waitFor({ $0 }).get()
        } catch {
            thread.join()
            throw error
        }
        self.name = name
        self.inbox = inbox
        lifecycle = Monitor(.running(thread))
    }

    deinit {
        let thread = lifecycle.withLock { lifecycle -> OSThread? in
            guard case .running(let thread) = lifecycle else { return nil }
            lifecycle = .ended
            return thread
        }
        guard let thread else { return }
        inbox.push(.stop)
        // The last reference may have been held by something that the thread itself has just run.
        if inbox.isCurrent { thread.detach() } else { thread.join() }
    }

    /// Ends the reactor: waits for the operations under way, and for the thread.
    ///
    /// What was enqueued before still runs. Sleeping tasks are woken with a `CancellationError`, tasks that wait for a
    /// socket with ECANCELED, and what was scheduled for later is dropped. Afterwards operations fail with ECANCELED, and
    /// jobs and closures run one after the other on a thread made for the purpose, so that no task is left hanging.
    ///
    /// May be called more than once, and by several threads at a time: each returns when the reactor has ended.
    /// - Precondition: Not called on the reactor's own thread.
    public func shutdown() {
        precondition(!inbox.isCurrent, "Cannot shut down a reactor from its own thread, which would wait for itself")
        let mine = lifecycle.withLock { lifecycle -> OSThread? in
            guard case .running(let thread) = lifecycle else { return nil }
            lifecycle = .ending
            return thread
        }
        if let thread = mine {
            inbox.push(.stop)
            thread.join()
            lifecycle.withLock { $0 = .ended }
            lifecycle.broadcast()
        }
        lifecycle.waitFor { lifecycle -> Void? in
            if case .ended = lifecycle { () } else { nil }
        }
    }

    /// Runs `body` on the reactor's thread, after everything that was asked of it before from this thread.
    ///
    /// Also where the caller is on that thread: then later. Costs a lock, and a system call where the reactor is idle.
    /// - Parameter body: What to run; it must not block.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        inbox.push(.body(body))
    }

    /// A number that names one timer or wait of this reactor, each higher than the last.
    func nextKey() -> UInt64 {
        lastKey.add(1, ordering: .relaxed).newValue
    }
}

extension IOError {
    static func starting(_ call: SystemCall, _ name: String, _ errno: Errno) -> IOError {
        IOError(call: call, path: nil, errno: errno, attempt: "start the reactor \(name)")
    }
}
