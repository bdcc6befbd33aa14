import CommitLog
import LogServer
import Logging
import ServiceLifecycle

/// A server that keeps its orders in a log of its own, which Kafka's clients may use at the same time.
///
///     EmbeddedLog DIRECTORY ORDER...
@main
struct EmbeddedLog {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let directory = arguments.first, arguments.count > 1 else {
            print("usage: EmbeddedLog DIRECTORY ORDER...")
            return
        }
        let logger = Logger(label: "orders", factory: { StreamLogHandler.standardError(label: $0) })
        // Any free port, and no metrics; whatever `server.properties` may say can be said here.
        let settings = ["listeners": "PLAINTEXT://127.0.0.1:0", "metrics.listener": "none"]
        let node = LogNode(
            configuration: try .init(directory: .init(directory), settings: settings),
            logger: logger
        )
        let orders = OrderService(node: node, new: Array(arguments.dropFirst()))
        // The node is the first to start and the last to end. Signals and the end of the work end both in good order.
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: node),
                    .init(service: orders, successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }
}

/// The program's own work: takes orders, and goes through all there are.
struct OrderService: Service {
    let node: LogNode
    let new: [String]

    func run() async throws {
        print("Kafka's clients find the orders at \(try await node.address())")
        var last = Offset(-1)
        for order in new {
            // When this returns the order is on the disk.
            last = try await node.append([Record(value: Array(order.utf8))], toTopic: "orders").lastOffset
        }
        // Or else a signal would wait for as long as no order comes.
        for try await order in try await node.records(ofTopic: "orders").cancelOnGracefulShutdown() {
            print("order \(order.offset): \(String(decoding: order.value ?? [], as: UTF8.self))")
            // Without this it would go on, and wait for more.
            if order.offset >= last { break }
        }
    }
}
