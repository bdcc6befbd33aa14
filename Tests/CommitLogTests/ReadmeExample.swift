import CommitLog
import Logging
import SystemPackage

func keepOrders(in path: FilePath) async throws {
    let directory = try await LogDirectory.open(path, logger: Logger(label: "orders"))
    let partition = try TopicPartition(topic: "orders", partition: 0)
    let log = try directory.log(for: partition) ?? directory.createLog(partition)

    let orders = ["two apples", "a pear"].map { Record(value: Array($0.utf8)) }
    let appended = try log.append(records: orders, codec: .zstd)
    try await log.waitUntilDurable(appended.lastOffset)  // on the disk, not in a cache

    for try await order in log.records(in: log.logStartOffset..<log.highWatermark) {
        print(order.offset, String(decoding: order.value ?? [], as: UTF8.self))
    }
    try await directory.close()
}
