import KafkaProtocol
import LinuxIO
import TestSupport
import Testing

@testable import LogServer

@Suite("Memory for requests", .temporaryDirectory)
struct RequestMemoryTests {
    private let now = ContinuousClock.now

    @Test(
        "requests begin up to the limit, and go on up to half of it; beyond, one at a time does until it holds nothing"
    )
    func turns() {
        let memory = RequestMemory(limit: 20, patience: .seconds(3))
        var (first, second, third) = (memory.share(), memory.share(), memory.share())
        #expect(memory.mayReceive(&first, now: now) && memory.mayReceive(&second, now: now))
        memory.settle(&first, held: 4, now: now)
        memory.settle(&second, held: 5, now: now)
        #expect(memory.mayReceive(&first, now: now) && first.turnEnds == nil)
        memory.settle(&second, held: 6, now: now)
        #expect(memory.heldBytes == 10)
        #expect(memory.mayReceive(&second, now: now) && second.turnEnds == now + .seconds(3))
        #expect(!memory.mayReceive(&first, now: now))
        #expect(memory.mayReceive(&third, now: now) && third.turnEnds == nil)
        memory.settle(&second, held: 50, now: now)
        #expect(memory.mayReceive(&second, now: now) && !memory.mayReceive(&third, now: now))
        memory.settle(&second, held: 0, now: now)
        #expect(second.turnEnds == nil && memory.heldBytes == 4)
        #expect(memory.mayReceive(&first, now: now) && first.turnEnds == nil)
    }

    @Test("who holds nothing gets the turn at the limit, and gives it up when what came was complete")
    func nothingHeld() {
        let memory = RequestMemory(limit: 10, patience: .seconds(3))
        var (silent, other) = (memory.share(), memory.share())
        memory.settle(&silent, held: 10, now: now)
        #expect(memory.mayReceive(&other, now: now) && other.turnEnds != nil)
        memory.settle(&other, held: 0, now: now)
        #expect(other.turnEnds == nil)
        #expect(memory.mayReceive(&silent, now: now))
    }

    @Test("a request is overdue that takes long while memory is short, and one that takes long with the turn")
    func overdue() {
        let memory = RequestMemory(limit: 10, patience: .seconds(3))
        var (first, second) = (memory.share(), memory.share())
        let later = now + .seconds(3)
        memory.settle(&first, held: 4, now: now)
        memory.settle(&first, held: 4, now: now + .seconds(2))
        #expect(!memory.isOverdue(first, now: later), "there is enough for all")
        #expect(memory.nextLook(first, now: now) == now + .seconds(1) && memory.nextLook(second, now: now) == nil)
        memory.settle(&second, held: 6, now: now + .seconds(1))
        #expect(!memory.isOverdue(first, now: later - .nanoseconds(1)) && memory.isOverdue(first, now: later))
        #expect(!memory.isOverdue(second, now: later))
        #expect(memory.mayReceive(&second, now: later))
        memory.settle(&first, held: 0, now: later)
        memory.settle(&second, held: 1, now: later)
        #expect(!memory.isOverdue(second, now: later) && memory.isOverdue(second, now: later + .seconds(3)))
    }

    @Test("who completes one request after the other is never overdue, and does not keep the turn")
    func streaming() {
        let memory = RequestMemory(limit: 2, patience: .seconds(3))
        var (streaming, other) = (memory.share(), memory.share())
        memory.settle(&other, held: 4, now: now)
        for second in 0..<10 {
            let time = now + .seconds(second)
            #expect(memory.mayReceive(&streaming, now: time) && streaming.turnEnds != nil)
            #expect(!memory.mayReceive(&other, now: time))
            memory.settle(&streaming, held: 1, completing: true, now: time)
            #expect(streaming.turnEnds == nil && !memory.isOverdue(streaming, now: time + .seconds(2)))
        }
        #expect(memory.mayReceive(&other, now: now) && !memory.mayReceive(&streaming, now: now))
    }

    /// Answers with the length of what was asked.
    private static let echo = TestHandler { (header, body) throws(ProtocolError) in
        var response = ListGroupsResponse()
        response.throttleTimeMs = Int32(body.count)
        return .ready(try Response(response, to: header))
    }

    private func server(_ patience: Duration) throws -> TestServer {
        var limits = ConnectionLimits()
        limits.queuedMaxBytes = 100_000
        limits.queuedPatience = patience
        return try TestServer(.testable[0], Self.echo, limits: limits)
    }

    private func request(_ id: Int32) -> [UInt8] {
        frame(.listGroups, 1, id, body: [UInt8](repeating: 7, count: 1 << 20))
    }

    @Test("requests that are larger together than the limit are all answered")
    func allAnswered() async throws {
        let server = try server(.seconds(3600))
        try await withThrowingTaskGroup(of: [Int32].self) { group in
            for id in Int32(0)..<20 {
                group.addTask {
                    let client = try await server.connect()
                    try await client.send(request(id) + request(id))
                    return try await client.correlationIDs(2)
                }
            }
            for try await ids in group { #expect(ids.count == 2 && ids[0] == ids[1]) }
        }
        try await server.stop()
    }

    @Test(
        "clients that begin requests and do not end them are closed where memory is short, and the others are answered"
    )
    func hoarders() async throws {
        let server = try server(.milliseconds(1))
        var hoarders: [TestClient] = []
        for id in Int32(0)..<8 {
            let client = try await server.connect()
            try await client.send(Array(request(id).prefix(90_000)))
            hoarders.append(client)
        }
        for id in Int32(10)..<20 {
            let client = try await server.connect()
            try await client.send(frame(.listGroups, 1, id))
            #expect(try await client.correlationIDs(1) == [id])
        }
        for client in hoarders { #expect(await client.isClosed()) }
        try await server.stop()
    }
}
