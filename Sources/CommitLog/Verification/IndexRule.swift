import RecordBatch

/// How the entries of an index have to agree with the batches of its segment; both are walked side by side, from the
/// start.
protocol IndexRule<Entry>: Sendable {
    associatedtype Entry: IndexEntry

    /// What a breach of it is called.
    static var faultKind: VerificationFault.Kind { get }

    /// Whether its file may end in zeros, because Kafka sizes it ahead.
    static var mayEndInZeros: Bool { get }

    /// Takes the next entry; tells if it does not rise from the one before.
    mutating func take(_ entry: Entry) -> String?

    /// Where a batch lies, as seen from an entry.
    func place(of batch: RecordBatchHeader, at position: FilePosition, from entry: Entry) -> BatchPlace

    /// What is wrong with an entry, given its batch.
    mutating func check(_ entry: Entry, against batch: RecordBatchHeader) -> String?

    /// Takes the next batch, before the entries that belong to it are checked.
    mutating func pass(_ batch: RecordBatchHeader)

    /// What is wrong with the last entry that was checked, now that its batch and those behind it up to the next
    /// entry, or the segment's end, are known.
    mutating func conclude() -> String?

    /// Goes on behind bytes that could not be read as a batch.
    mutating func skip()
}

/// Where a batch lies, as seen from an index entry.
enum BatchPlace: Hashable, Sendable {
    /// Before the batch that the entry is for.
    case before
    /// It is the entry's batch.
    case here
    /// Behind the place where the entry's batch would have to be.
    case behind
}

/// An offset index: entries rise in offset and position, each position is one where a batch begins, and the offset is
/// the last one of that batch, or of one of those appended together with it, since Kafka may enter several as one.
struct OffsetIndexRule: IndexRule {
    static let faultKind = VerificationFault.Kind.offsetIndex
    static let mayEndInZeros = true

    let baseOffset: Offset
    private var last: OffsetIndexEntry?
    /// The offset of the last checked entry, as long as no batch has ended there.
    private var awaited: Offset?

    init(baseOffset: Offset) { self.baseOffset = baseOffset }

    mutating func take(_ entry: OffsetIndexEntry) -> String? {
        defer { last = entry }
        guard entry.relativeOffset > last?.relativeOffset ?? -1, entry.position > last?.position ?? 0 else {
            return
                """
                offset \(baseOffset) + \(entry.relativeOffset) at position \(entry.position) does not rise from the \
                entry before
                """
        }
        return nil
    }

    func place(of batch: RecordBatchHeader, at position: FilePosition, from entry: OffsetIndexEntry) -> BatchPlace {
        let wanted = FilePosition(Int64(entry.position))
        return position == wanted ? .here : position < wanted ? .before : .behind
    }

    mutating func check(_ entry: OffsetIndexEntry, against batch: RecordBatchHeader) -> String? {
        guard let offset = entry.offset(from: baseOffset), offset >= batch.lastOffset else {
            return
                """
                offset \(baseOffset) + \(entry.relativeOffset) is entered for position \(entry.position), whose batch \
                ends at \(batch.lastOffset)
                """
        }
        awaited = offset == batch.lastOffset ? nil : offset
        return nil
    }

    mutating func pass(_ batch: RecordBatchHeader) {
        if batch.lastOffset == awaited { awaited = nil }
    }

    mutating func conclude() -> String? {
        defer { awaited = nil }
        return awaited.map { "offset \($0) is entered, but no batch ends there" }
    }

    mutating func skip() { awaited = nil }
}

/// A time index: entries rise in timestamp, and each names a batch that has this as its largest timestamp, which none
/// before it has surpassed.
struct TimeIndexRule: IndexRule {
    static let faultKind = VerificationFault.Kind.timeIndex
    static let mayEndInZeros = true

    let baseOffset: Offset
    private var last: TimeIndexEntry?
    private var largest = Timestamp.none

    init(baseOffset: Offset) { self.baseOffset = baseOffset }

    mutating func take(_ entry: TimeIndexEntry) -> String? {
        defer { last = entry }
        guard entry.relativeOffset >= max(last?.relativeOffset ?? 0, 0),
            last.map({ entry.timestamp > $0.timestamp }) ?? true
        else {
            return
                """
                timestamp \(entry.timestamp) at offset \(baseOffset) + \(entry.relativeOffset) does not rise from the \
                entry before
                """
        }
        return nil
    }

    func place(of batch: RecordBatchHeader, at position: FilePosition, from entry: TimeIndexEntry) -> BatchPlace {
        entry.offset(from: baseOffset).map { batch.place(from: $0) } ?? .behind
    }

    mutating func check(_ entry: TimeIndexEntry, against batch: RecordBatchHeader) -> String? {
        guard entry.timestamp == batch.maxTimestamp, entry.timestamp >= largest else {
            return
                """
                timestamp \(entry.timestamp) is entered for the batch that ends at offset \(batch.lastOffset), whose \
                largest is \(batch.maxTimestamp), and the largest of the segment so far \(largest)
                """
        }
        return nil
    }

    mutating func pass(_ batch: RecordBatchHeader) { largest = max(largest, batch.maxTimestamp) }

    mutating func conclude() -> String? { nil }

    mutating func skip() {}
}

/// A transaction index: entries rise by last offset, at which there is a control batch of the producer.
struct TransactionIndexRule: IndexRule {
    static let faultKind = VerificationFault.Kind.transactionIndex
    static let mayEndInZeros = false

    private var last: AbortedTransaction?

    mutating func take(_ entry: AbortedTransaction) -> String? {
        defer { last = entry }
        guard let last, entry.lastOffset <= last.lastOffset else { return nil }
        return "last offset \(entry.lastOffset) does not rise from the entry before, which has \(last.lastOffset)"
    }

    func place(of batch: RecordBatchHeader, at position: FilePosition, from entry: AbortedTransaction) -> BatchPlace {
        batch.place(from: entry.lastOffset)
    }

    mutating func check(_ entry: AbortedTransaction, against batch: RecordBatchHeader) -> String? {
        guard batch.isControl, batch.producerID == entry.producerID else {
            return
                """
                the transaction of producer \(entry.producerID) is said to have been aborted at offset \
                \(entry.lastOffset), where there is no marker of that producer
                """
        }
        return nil
    }

    mutating func pass(_ batch: RecordBatchHeader) {}

    mutating func conclude() -> String? { nil }

    mutating func skip() {}
}

extension RecordBatchHeader {
    /// Where the batch lies, as seen from an entry for an offset.
    fileprivate func place(from offset: Offset) -> BatchPlace {
        lastOffset < offset ? .before : baseOffset <= offset ? .here : .behind
    }
}
