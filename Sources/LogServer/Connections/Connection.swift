import KafkaProtocol
import LinuxIO
import RecordBatch
import SystemPackage

/// One client's connection: takes its requests and answers them, in order.
///
/// Runs on one reactor. Between two requests it has no buffer. All requests that have come together are taken, as far as
/// their ``Answer``s let that be, before the first is answered: what they append shares a commit.
struct Connection: Sendable {
    let socket: Socket
    let reactor: Reactor
    let handler: any RequestHandler
    let apis: ServedAPIs
    let buffers: IOBufferPool
    let requests: RequestMemory
    let spares: RequestSpares
    let limits: ConnectionLimits
    let sender: ResponseSender
    let metrics: ServerMetrics

    /// A request that was taken.
    private struct Taken {
        let answer: Answer
        let api: APIKey
        let since: ContinuousClock.Instant
    }

    /// Requests that were taken together.
    private struct Round {
        var answers: [Taken] = []
        /// How long those of the answers are that are there.
        var answerBytes = 0
        /// What ends the connection once they are sent.
        var failure: (any Error)?
    }

    /// Once answers are so long they are sent before the next request is taken: short requests can have long answers.
    private static let answerBytesLimit = 256 << 10

    /// Serves the client until the connection ends, one way or the other.
    ///
    /// - Returns: why.
    func serve() async -> ConnectionEnd {
        var share = requests.share()
        defer { requests.settle(&share, held: 0, now: .now) }
        do {
            // An answer is sent whole, so there is nothing to gather.
            try socket.set(.noDelay(true))
            var decoder = FrameDecoder(maximumBytes: limits.requestMaxBytes, spares: spares)
            // What was received behind requests that are answered first: no more than a buffer holds.
            var left: [UInt8] = []
            while true {
                let round: Round
                if left.isEmpty {
                    try await waitUntilReadable(&share)
                    // Who has sent too much at once waits until others have been served.
                    let buffer = try await buffers.take(waitingOn: reactor)
                    defer { buffers.put(buffer) }
                    round = try receive(into: buffer, &decoder, &left)
                } else {
                    // Others have their turn in between.
                    await Task.yield()
                    round = takeAll(of: &left, &decoder)
                }
                requests.settle(
                    &share,
                    held: decoder.heldBytes,
                    completing: !round.answers.isEmpty,
                    now: .now
                )
                for answer in round.answers { try await send(answer) }
                if let failure = round.failure { throw failure }
            }
        } catch let end as ConnectionEnd {
            return end
        } catch let error as IOError {
            return switch error.errno {
            case .canceled: .closing
            case .timedOut where error.call == .poll: .idle(limits.maxIdle)
            default: .failed(error)
            }
        } catch let error as FrameError {
            return .frame(error)
        } catch let error as ProtocolError {
            return .request(error)
        } catch {
            preconditionFailure("A connection fails with an error of another type: \(error)")
        }
    }

    /// Waits until something has come, and there is memory for it.
    private func waitUntilReadable(_ share: inout RequestMemory.Share) async throws {
        // Something may always have come.
        if Task.isCancelled { throw ConnectionEnd.closing }
        let idle = ContinuousClock.now + limits.maxIdle
        while true {
            let look = requests.nextLook(share, now: .now) ?? idle
            do {
                try await reactor.waitUntilReadable(socket, deadline: min(idle, look))
                break
            } catch {
                guard error.errno == .timedOut, look < idle else { throw error }
                try checkIsInTime(share)
            }
        }
        while true {
            try checkIsInTime(share)
            if requests.mayReceive(&share, now: .now) { return }
            // Who waits holds no more than before, and looks again now and then: it is rare.
            do {
                try await reactor.sleep(until: .now + .milliseconds(2))
            } catch {
                throw ConnectionEnd.closing
            }
        }
    }

    private func checkIsInTime(_ share: RequestMemory.Share) throws {
        if requests.isOverdue(share, now: .now) { throw ConnectionEnd.slow(limits.queuedPatience) }
    }

    /// Takes the requests that have come, up to one that has to be carried out before the next, or as many as have answers of
    /// ``answerBytesLimit``.
    ///
    /// - Parameter left: gets what was received behind these: others need the buffer meanwhile, however long it takes.
    private func receive(
        into buffer: IOBuffer,
        _ decoder: inout FrameDecoder,
        _ left: inout [UInt8]
    ) throws -> Round {
        guard let count = try socket.receiveIfAny(into: buffer, 0..<buffer.count) else { return Round() }
        metrics.countReceived(count)
        guard count > 0 else { throw decoder.isBetweenRequests ? ConnectionEnd.finished : .truncated }
        return buffer.withMutableBytes { bytes in
            var received = bytes._mutatingExtracting(0..<count)
            return take(from: &received, &decoder, &left)
        }
    }

    /// The same with what was left before.
    private func takeAll(of left: inout [UInt8], _ decoder: inout FrameDecoder) -> Round {
        var received = left
        left = []
        return received.withMutableBytes { bytes in take(from: &bytes, &decoder, &left) }
    }

    private func take(
        from received: inout MutableRawSpan,
        _ decoder: inout FrameDecoder,
        _ left: inout [UInt8]
    ) -> Round {
        var (position, round) = (0, Round())
        do {
            while let taken = try next(from: &received, &position, &decoder) {
                round.answers.append(taken)
                switch taken.answer {
                case .ready(let response): round.answerBytes += response?.byteCount ?? 0
                case .waiting, .failed: continue
                case .working: round.answerBytes = Self.answerBytesLimit
                }
                guard round.answerBytes >= Self.answerBytesLimit else { continue }
                left.append(contentsOf: received.bytes.extracting(position..<received.byteCount))
                break
            }
        } catch {
            // What came before it is answered all the same: it may have been appended.
            round.failure = error
        }
        return round
    }

    /// Takes the next request; `nil` if it has not come in full.
    private func next(
        from received: inout MutableRawSpan,
        _ position: inout Int,
        _ decoder: inout FrameDecoder
    ) throws -> Taken? {
        switch try decoder.next(in: received.bytes, from: &position) {
        case nil:
            return nil
        case .received(let range):
            var request = received._mutatingExtracting(range)
            return try take(&request)
        case .gathered(var bytes):
            let taken = try bytes.withMutableBytes { request in try take(&request) }
            decoder.giveBack(bytes)
            return taken
        }
    }

    private func take(_ request: inout MutableRawSpan) throws(ProtocolError) -> Taken {
        let since = ContinuousClock.now
        switch apis.decide(on: request.bytes) {
        case .serve(let header, let bodyStart):
            let answer = try handler.take(header, &request, bodyStart: bodyStart, on: reactor)
            return Taken(answer: answer, api: header.api, since: since)
        case .answerUnsupportedVersion(let correlationID):
            let response = try Response(toUnknownVersionOf: correlationID)
            return Taken(answer: .ready(response), api: .apiVersions, since: since)
        case .close(let error):
            throw error
        }
    }

    // MARK: Answering

    private func send(_ taken: Taken) async throws {
        let response =
            switch taken.answer {
            case .ready(let response): response
            case .waiting(let finish), .working(let finish): try await finish()
            case .failed(let reason): throw ConnectionEnd.unanswered(reason)
            }
        if let response { try await sender.send(response, by: ContinuousClock.now + limits.maxIdle) }
        metrics.countAnswer(to: taken.api, after: ContinuousClock.now - taken.since, error: response?.error)
    }
}
