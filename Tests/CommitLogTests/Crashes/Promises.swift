import RecordBatch
import SystemPackage

@testable import CommitLog
@testable import CrashWriter

/// What a crash may take.
enum Loss: Sendable {
    /// Nothing that was appended: the page cache outlives the process.
    case process
    /// What is not on the disk.
    case power
}

/// What was promised of one log, as its writer said it, and what has to be found of it after a crash.
///
/// All ends are exclusive.
struct Promises: Sendable {
    /// What an opening has to find, and what is known of what it may find.
    struct Finding: Sendable {
        var start: Int64
        var end: Int64
        /// The tag of each record's batch and the record's place there, by offset.
        var records: [Int64: String] = [:]
        /// The checksum of each batch, by base offset.
        var checksums: [Int64: UInt32] = [:]
    }

    let loss: Loss
    let isDurableByDefault: Bool
    /// Whether there is such a log; `nil` where a deletion or creation was cut off.
    private(set) var exists: Bool? = false
    private(set) var records: [Int64: String] = [:]
    private(set) var checksums: [Int64: UInt32] = [:]
    /// Batches that were cut off or lost, and must not come back.
    private(set) var gone: Set<String> = []
    /// The end of what has to be there.
    private(set) var promisedEnd: Int64 = 0
    /// Where an announced cut of the tail may have ended the log.
    private(set) var lowestEnd = Int64.max
    /// From here on anything may be found: something was being replaced when the crash came.
    private(set) var unknownEnd = Int64.max
    private(set) var start: Int64 = 0
    /// Where an announced cut of the head may have begun it.
    private(set) var highestStart: Int64 = 0

    init(_ topic: String, _ loss: Loss) {
        self.loss = loss
        isDurableByDefault = !topic.hasPrefix("cached")
    }

    /// Takes note of a statement.
    ///
    /// - Parameter isBinding: whether it was heard before the crash. What was heard later may have been said of something
    ///   that did not reach the disk; it promises nothing, and tells what else may be found.
    /// - Returns: what is wrong with it.
    mutating func note(_ statement: Statement, isBinding: Bool) -> String? {
        let (offset, number) = (statement.offset, statement.number)
        switch statement.kind {
        case .opened:
            return noteOpening(start: number, end: offset, isBinding)
        case .appended:
            for index in 0..<number where offset + index < unknownEnd {
                records[offset + index] = "\(statement.tag)/\(index)"
            }
            if loss == .process { promise(offset + number, isBinding) }
        case .durable:
            promise(offset + 1, isBinding)
        case .read:
            if offset < unknownEnd { checksums[offset] = UInt32(number) }
            if isDurableByDefault || loss == .process { promise(offset + 1, isBinding) }
        case .heading:
            highestStart = max(highestStart, offset)
        case .headed:
            if isBinding { start = max(start, offset) }
        case .cutting:
            lowestEnd = min(lowestEnd, offset)
        case .cut:
            if isBinding {
                promisedEnd = min(promisedEnd, offset)
                lowestEnd = .max
                forget(from: offset)
            } else {
                unknownEnd = min(unknownEnd, lowestEnd)
                forget(from: unknownEnd, asGone: false)
            }
        case .deleting:
            exists = nil
        case .deleted:
            if isBinding {
                forget(from: 0)
                var fresh = Promises(isDurableByDefault ? "durable" : "cached", loss)
                fresh.gone = gone
                self = fresh
            } else {
                unknownEnd = 0
                forget(from: 0, asGone: false)
            }
        }
        return nil
    }

    private mutating func promise(_ end: Int64, _ isBinding: Bool) {
        if isBinding { promisedEnd = max(promisedEnd, end) }
    }

    private mutating func forget(from end: Int64, asGone: Bool = true) {
        if asGone {
            for (offset, record) in records where offset >= end { gone.insert(record) }
        }
        records = records.filter { $0.key < end }
        checksums = checksums.filter { $0.key < end }
    }

    private mutating func noteOpening(start: Int64, end: Int64, _ isBinding: Bool) -> String? {
        guard isBinding else {
            // The log was as long as that in the page cache; what it got afterwards may be on the disk in part.
            unknownEnd = min(unknownEnd, end)
            if exists == false { exists = nil }
            forget(from: end, asGone: false)
            return nil
        }
        let problem = problem(start: start, end: end)
        settle(start: start, end: end)
        return problem
    }

    /// What is wrong with the bounds that an opening found.
    func problem(start: Int64, end: Int64) -> String? {
        guard exists != nil else { return nil }
        let least = min(promisedEnd, lowestEnd)
        if end < least { return "it ends at \(end), but was promised to be there up to \(least)" }
        if start < self.start { return "it begins at \(start), but was cut at \(self.start)" }
        if start > max(self.start, highestStart) {
            return "it begins at \(start), but was cut nowhere above \(max(self.start, highestStart))"
        }
        return nil
    }

    /// From now on the log is as an opening found it: all of it is on the disk.
    private mutating func settle(start: Int64, end: Int64) {
        exists = true
        forget(from: end)
        (promisedEnd, lowestEnd, unknownEnd) = (end, .max, .max)
        (self.start, highestStart) = (start, start)
    }

    /// What is wrong with a log, whose records are `found`; from now on it is promised to be like that.
    mutating func check(_ found: Finding?) -> [String] {
        guard let found else {
            let problems = exists == true ? ["it is gone"] : []
            if exists == nil { forget(from: 0, asGone: false) }
            exists = false
            (promisedEnd, lowestEnd, unknownEnd, start, highestStart) = (0, .max, .max, 0, 0)
            return problems
        }
        var problems = [problem(start: found.start, end: found.end)].compactMap(\.self)
        for offset in found.start..<found.end {
            guard let record = found.records[offset] else {
                problems.append("offset \(offset) is missing between \(found.start) and \(found.end)")
                continue
            }
            if exists != nil, offset < unknownEnd, let known = records[offset], known != record {
                problems.append("offset \(offset) holds \(record) and not \(known)")
            } else if exists != nil, offset < unknownEnd, gone.contains(record) {
                problems.append("offset \(offset) holds \(record), which was cut off or lost before")
            }
        }
        for (offset, checksum) in checksums where exists != nil && offset < unknownEnd {
            guard let now = found.checksums[offset], now != checksum else { continue }
            problems.append("the batch at \(offset) has the checksum \(now), but was read with \(checksum)")
        }
        settle(start: found.start, end: found.end)
        records = found.records
        checksums = found.checksums
        return problems
    }

    /// Whether a batch was promised to be there.
    func promises(_ header: RecordBatchHeader) -> Bool {
        header.nextOffset.rawValue <= min(promisedEnd, lowestEnd, unknownEnd)
            && checksums[header.baseOffset.rawValue] == header.crc
    }
}
