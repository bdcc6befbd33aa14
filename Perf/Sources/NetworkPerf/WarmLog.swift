import CommitLog
import Loads
import SystemPackage

/// A log of batches of one size in a directory of its own, which a node can serve and a limit read.
struct WarmLog {
    let directory: FilePath
    let megabytes: Int
    private let load: BatchLoad

    /// How many bytes each request asks for.
    static let answerBytes = 1 << 20
    static let batchBytes = 64 << 10

    /// Makes it.
    init(_ name: String, in workplace: Workplace, megabytes: Int) async throws {
        directory = try workplace.freshDirectory(name)
        self.megabytes = megabytes
        let load = try BatchLoad(batches: Self.answerBytes / Self.batchBytes, of: Self.batchBytes, recordBytes: 100)
        let logs = try await workplace.open(directory, .pageCache)
        let log = try logs.createLog(try TopicPartition(topic: Frames.topic, partition: 0))
        for _ in 0..<megabytes { _ = try log.append(load.bytes) }
        try await logs.close()
        self.load = load
    }

    var recordsPerBatch: Int { load.recordsPerBatch }

    /// The file of its first segment.
    var file: FilePath { directory.appending("\(Frames.topic)-0").appending("00000000000000000000.log") }

    /// A request for each MiB, in order.
    var requests: WireRequests {
        let frames = (0..<megabytes).map {
            Frames.fetch(Frames.topic, from: Int64($0 * load.recordCount), most: Int32(Self.answerBytes))
        }
        let (bytes, errorAt) = Frames.fetchAnswer(Frames.topic)
        return WireRequests(frames, answer: (bytes + Self.answerBytes, errorAt))
    }

    /// Starts what answers the same requests in C, by so many loops; by a thread for each connection if that is 0.
    func limit(loops: Int) throws -> ServerProcess {
        try .limit([
            "limit-fetch", "--file", file.string, "--batch-bytes", "\(Self.batchBytes)", "--records",
            "\(recordsPerBatch)", "--loops", "\(loops)",
        ])
    }
}
