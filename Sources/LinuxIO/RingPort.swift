internal import Glibc
internal import SystemPackage

/// Requests go to an io_uring, and a read of the wake-up counter that is always under way there ends a wait.
struct RingPort: ReactorPort, ~Copyable {
    private var ring: Ring
    private let wakeUp: WakeUp
    private let owner: FilePath
    /// Where the kernel puts the count of wake-ups.
    private let wakeCount = IOBuffer(count: wakeCountBytes)
    private var isListening = false

    let capacity: Int

    private static let wakeCountBytes = 8
    /// Keys of waits count up from 1, so that none has these tokens.
    private static let wakeToken = UInt64.max - 1
    private static let cancellationToken = UInt64.max - 2

    /// `owner` is what fault injectors know the call by.
    init(queueDepth: Int, diskWorkers: Int, wakeUp: WakeUp, owner: FilePath) throws(Errno) {
        // The injector's answer stands for that of the kernel; the ring itself is made where the answer is to proceed.
        try Syscalls.uninterrupted(.ioUringSetup, owner) { 0 }
        ring = try Ring(entries: queueDepth + 1, diskWorkers: diskWorkers)
        capacity = min(queueDepth, ring.entries - 1)
        self.wakeUp = wakeUp
        self.owner = owner
    }

    mutating func start(_ request: IORequest, _ token: OperationToken) {
        ring.add(request, token: token.rawValue)
    }

    mutating func startWait(
        for readiness: Readiness,
        of descriptor: Int32,
        _ token: OperationToken,
        into _: inout [Completion]
    ) {
        ring.add(waitFor: readiness, of: descriptor, token: token.rawValue)
    }

    mutating func endWait(of _: Int32, _ token: OperationToken, into _: inout [Completion]) {
        // The result of the cancellation says nothing that the wait's own does not say.
        ring.add(cancellationOf: token.rawValue, token: RingPort.cancellationToken)
    }

    mutating func wait(_ limit: WaitLimit, into completions: inout [Completion]) {
        if !isListening {
            let count = RingPort.wakeCountBytes
            let use = BufferUse(call: .eventfd, path: owner, position: nil, count: count)
            let memory = wakeCount.lendForFilling(count, for: use)
            ring.add(readOf: wakeUp.descriptor, into: memory, token: RingPort.wakeToken)
            isListening = true
        }
        var wasWoken = false
        do {
            try ring.turn(limit) { token, result in
                switch token {
                case RingPort.wakeToken: wasWoken = true
                case RingPort.cancellationToken: break
                default: completions.append(Completion(token: OperationToken(rawValue: token), result: result))
                }
            }
        } catch .resourceTemporarilyUnavailable, .resourceBusy, .noMemory {
            // The kernel is short of memory, or of room for results, which the next turn makes. What was to be started goes
            // with the next turn, after a moment in which this thread does not add to the load.
            usleep(1000)
        } catch {
            preconditionFailure("Cannot wait on an io_uring: \(error)")
        }
        if wasWoken {
            wakeCount.endWriting()
            isListening = false
        }
    }

    consuming func close() {
        // The kernel may write the count at any time, so the read has to be over before its memory goes.
        guard isListening else { return }
        wakeUp.signal()
        var none: [Completion] = []
        while isListening { wait(.unlimited, into: &none) }
        precondition(none.isEmpty, "Cannot close a ring with requests under way")
    }
}
