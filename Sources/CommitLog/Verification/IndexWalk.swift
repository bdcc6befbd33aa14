import LinuxIO
import RecordBatch
import SystemPackage

/// Walks an index along with the batches of its segment, and tells where they disagree.
struct IndexWalk<Rule: IndexRule> {
    /// Of one file no more is told than this: a wrong index can be wrong a million times.
    private static var mostFaults: Int { 16 }

    private let path: FilePath
    private let severity: VerificationFault.Severity
    private var reader: IndexReader<Rule.Entry>?
    private var rule: Rule
    /// The entry whose batch is still to come.
    private var next: (entry: Rule.Entry, position: FilePosition)?
    /// Where the entry stands that was checked last.
    private var checked = FilePosition.start
    private var isBehindHole = false
    private var faultCount = 0

    /// Begins with the file's first entry.
    /// - Parameters:
    ///   - path: The index file.
    ///   - severity: How bad a disagreement is.
    ///   - rule: What the entries have to agree with.
    /// - Throws: `IOError` where the file cannot be opened; `isNotFound` where there is none.
    init(_ path: FilePath, _ severity: VerificationFault.Severity, _ rule: Rule) throws(IOError) {
        self.path = path
        self.severity = severity
        self.rule = rule
        reader = IndexReader(FileHandle(try File.open(path)), mayEndInZeros: Rule.mayEndInZeros)
    }

    /// Checks the entries that belong to the next batch, or that should have belonged to what lies before it.
    mutating func accept(
        _ batch: RecordBatchHeader,
        at position: FilePosition,
        _ faults: inout [VerificationFault]
    ) {
        rule.pass(batch)
        while let (entry, entryPosition) = nextEntry(&faults) {
            switch rule.place(of: batch, at: position, from: entry) {
            case .before:
                isBehindHole = false
                return
            case .here:
                report(rule.conclude(), at: checked, &faults)
                report(rule.check(entry, against: batch), at: entryPosition, &faults)
                checked = entryPosition
            case .behind:
                if !isBehindHole { report("no batch is found where the entry leads", at: entryPosition, &faults) }
            }
            next = nil
        }
        isBehindHole = false
    }

    /// Goes on behind bytes that could not be read as a batch: what the index has for them cannot be checked.
    mutating func skip() {
        rule.skip()
        isBehindHole = true
    }

    /// Checks what is left when the segment has ended.
    mutating func finish(_ faults: inout [VerificationFault]) {
        report(rule.conclude(), at: checked, &faults)
        guard !isBehindHole, let (_, position) = nextEntry(&faults) else { return }
        report("the entry leads behind the end of the log", at: position, &faults)
        reader = nil
    }

    private mutating func nextEntry(
        _ faults: inout [VerificationFault]
    ) -> (entry: Rule.Entry, position: FilePosition)? {
        if let next { return next }
        do {
            switch try reader?.next() {
            case .entry(let entry, at: let position):
                report(rule.take(entry), at: position, &faults)
                next = (entry, position)
            case .defect(let reason, at: let position):
                report(reason, at: position, &faults)
                reader = nil
            case .end, .none:
                reader = nil
            }
        } catch {
            faults.append(VerificationFault(.unreadable, path, error.description))
            reader = nil
        }
        return next
    }

    private mutating func report(_ reason: String?, at position: FilePosition, _ faults: inout [VerificationFault]) {
        guard var reason, faultCount < Self.mostFaults else { return }
        faultCount += 1
        if faultCount == Self.mostFaults {
            reason += "; no more is told of this file"
            reader = nil
        }
        faults.append(VerificationFault(severity, Rule.faultKind, path, position: position, reason))
    }
}
