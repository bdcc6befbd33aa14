internal import SystemPackage

/// An operation on a file together with all that has to stay alive until the kernel is done with it.
struct PendingOperation: Sendable {
    private(set) var operation: DiskOperation
    private let file: FileHandle
    private let memory: (buffer: IOBuffer, lent: LentMemory)?
    private let completion: @Sendable (DiskOperation.Outcome) -> Void

    /// An operation without memory.
    init(
        _ operation: DiskOperation,
        _ file: FileHandle,
        completion: @escaping @Sendable (DiskOperation.Outcome) -> Void
    ) {
        self.operation = operation
        self.file = file
        self.completion = completion
        memory = nil
    }

    /// A read or a write, to which the start of `buffer` is lent from now on.
    init(
        _ operation: DiskOperation,
        _ file: FileHandle,
        _ buffer: IOBuffer,
        completion: @escaping @Sendable (DiskOperation.Outcome) -> Void
    ) {
        self.operation = operation
        self.file = file
        self.completion = completion
        let count = operation.transfer.count
        var use: BufferUse {
            BufferUse(call: operation.call, path: file.file.path, position: operation.position, count: count)
        }
        let isFilled = operation.transfer.direction == .reading
        let lent = isFilled ? buffer.lendForFilling(count, for: use) : buffer.lendForReading(count, for: use)
        memory = (buffer, lent)
    }

    /// What injectors of faults have to say about the next request.
    var verdict: FaultInjector.Answer {
        guard FaultInjector.isArmed else { return .proceed }
        return FaultInjector.answer(
            operation.call,
            file.file.path,
            to: nil,
            at: operation.position,
            bytes: operation.bytes
        )
    }

    /// The next request to the kernel, which transfers at most `most` bytes.
    func request(most: Int = .max) -> IORequest {
        let descriptor = file.file.descriptor
        let transfer = operation.transfer
        var rest: LentMemory {
            guard let lent = memory?.lent else { preconditionFailure("Cannot transfer bytes without memory") }
            return lent.dropping(first: transfer.done).prefix(min(transfer.nextCount, most))
        }
        switch operation.kind {
        case .read(let uncached):
            return .read(descriptor, into: rest, at: transfer.nextPosition, uncached: uncached)
        case .write: return .write(descriptor, from: rest, at: transfer.nextPosition)
        case .synchronizeData: return .synchronizeData(descriptor)
        case .reserve(let bytes): return .reserve(descriptor, from: transfer.position, bytes: bytes)
        }
    }

    /// Takes in the result of a request; returns the outcome, or nil when another request has to be made.
    mutating func advance(by result: Int) -> DiskOperation.Outcome? {
        operation.advance(by: result)
    }

    /// Finishes it without having done it.
    consuming func refuse() {
        finish(.failed(operation.call, .canceled))
    }

    /// Gives the memory back and tells whoever waits.
    consuming func finish(_ outcome: DiskOperation.Outcome) {
        if let buffer = memory?.buffer {
            if operation.transfer.direction == .reading { buffer.endWriting() } else { buffer.endReading() }
        }
        completion(outcome)
    }
}
