import LinuxIO
import SystemPackage
import Testing

/// What a disk that forgets unsynced writes would hold, after the calls that were seen: of each file, what was written
/// and not synced, and what was lost for good because a sync failed.
///
/// The kernel counts pages as clean after a failed sync. So what was lost stays lost until it is written again, whatever
/// syncs succeed later, and though reading shows it.
final class DiskModel: Sendable {
    struct Contents {
        /// Written since the last sync.
        var dirty = ByteRanges()
        /// Written, and not on the disk after a sync that failed.
        var lost = ByteRanges()
        /// Written and synced.
        var synced = ByteRanges()
    }

    private let scope: FilePath
    private let decide: @Sendable (FaultInjector.Call) -> FaultInjector.Answer
    private let files = Lock<[String: Contents]>([:])
    private let injector = Lock<FaultInjector?>(nil)

    /// - Parameter decide: what becomes of a call; by default it is only taken note of.
    init(
        under scope: FilePath,
        decide: @escaping @Sendable (FaultInjector.Call) -> FaultInjector.Answer = { _ in .proceed }
    ) {
        self.scope = scope
        self.decide = decide
    }

    func install() {
        injector.withLock { $0 = FaultInjector.install(under: scope) { self.take($0) } }
    }

    func remove() { injector.withLock { $0.take() }?.remove() }

    /// Whether `range` of a file was written, and then synced, since the model began to look.
    func isWrittenAndSynced(_ path: FilePath, _ range: Range<Int64>) -> Bool {
        files.withLock { $0[path.string]?.synced.contains(range) ?? range.isEmpty }
    }

    /// Files of segments below the scope of which a power loss would take something that reading shows.
    var filesAtRisk: [String] {
        let kinds = [".log", ".index", ".timeindex"]
        return files.withLock { files in
            files.filter { path, contents in
                kinds.contains { path.hasSuffix($0) } && !(contents.lost.isEmpty && contents.dirty.isEmpty)
            }.keys.sorted()
        }
    }

    /// Files of segments of which something was lost and not written again.
    var filesWithLosses: [String] {
        filesAtRisk.filter { path in files.withLock { $0[path]?.lost.isEmpty == false } }
    }

    private func take(_ call: FaultInjector.Call) -> FaultInjector.Answer {
        let answer = decide(call)
        files.withLock { files in
            if case .fail(let errno) = answer {
                // Then it is made again.
                if errno == .interrupted || errno == .resourceTemporarilyUnavailable { return }
                if call.name == .fsync || call.name == .fdatasync { files[call.path.string]?.failSync() }
            } else {
                apply(call, answer, &files)
            }
        }
        return answer
    }

    private func apply(_ call: FaultInjector.Call, _ answer: FaultInjector.Answer, _ files: inout [String: Contents]) {
        let path = call.path.string
        let most = if case .short(let most) = answer { min(most, call.bytes) } else { call.bytes }
        switch call.name {
        case .pwrite, .pwritev2:
            let start = call.position ?? 0
            files[path, default: Contents()].write(start..<(start + Int64(most)))
        case .copyFileRange:
            // Into a new file, at the position that it has in the old one.
            let start = call.position ?? 0
            if let target = call.destination?.string {
                files[target, default: Contents()].write(start..<(start + Int64(most)))
            }
        case .ftruncate:
            files[path]?.cut(at: call.position ?? 0)
        case .fsync, .fdatasync:
            files[path]?.sync()
        case .unlink:
            files[path] = nil
        case .rename, .renameat2:
            guard let target = call.destination?.string else { return }
            files[target] = files.removeValue(forKey: path)
            for (name, contents) in files where name.hasPrefix(path + "/") {
                files[name] = nil
                files[target + name.dropFirst(path.count)] = contents
            }
        default: break
        }
    }
}

extension DiskModel.Contents {
    mutating func write(_ range: Range<Int64>) {
        lost.remove(range)
        synced.remove(range)
        dirty.insert(range)
    }

    mutating func cut(at size: Int64) {
        for set in [\Self.lost, \.synced, \.dirty] { self[keyPath: set].remove(size..<Int64.max) }
    }

    mutating func sync() {
        for range in dirty.ranges { synced.insert(range) }
        dirty = ByteRanges()
    }

    mutating func failSync() {
        for range in dirty.ranges { lost.insert(range) }
        dirty = ByteRanges()
    }
}

/// A set of byte positions.
struct ByteRanges: Hashable, Sendable {
    /// Sorted; they do not touch one another.
    private(set) var ranges: [Range<Int64>] = []

    var isEmpty: Bool { ranges.isEmpty }

    mutating func insert(_ range: Range<Int64>) {
        if range.isEmpty { return }
        let touching = ranges.filter { $0.lowerBound <= range.upperBound && range.lowerBound <= $0.upperBound }
        let low = min(range.lowerBound, touching.first?.lowerBound ?? range.lowerBound)
        let high = max(range.upperBound, touching.last?.upperBound ?? range.upperBound)
        ranges.removeAll { touching.contains($0) }
        ranges.append(low..<high)
        ranges.sort { $0.lowerBound < $1.lowerBound }
    }

    mutating func remove(_ range: Range<Int64>) {
        ranges = ranges.flatMap { old in
            [old.clamped(to: Int64.min..<range.lowerBound), old.clamped(to: range.upperBound..<Int64.max)]
        }.filter { !$0.isEmpty }
    }

    func contains(_ range: Range<Int64>) -> Bool {
        range.isEmpty || ranges.contains { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
    }
}
