/// What the writer says, a line each, of what it was promised and of what it is about to take back.
///
/// ```
/// KIND LOG OFFSET NUMBER TAG
/// ```
struct Statement: Equatable, Sendable {
    enum Kind: String {
        /// An opening gave the log, which begins at `number` and ends at `offset`.
        case opened
        /// An append returned: `number` records from `offset` on, with the values of `tag`.
        case appended
        /// A wait for durability returned, of the record at `offset`.
        case durable
        /// A reader was given the batch that begins at `offset` and has the checksum `number`.
        case read
        /// The head is about to be cut at `offset`; it was.
        case heading, headed
        /// The tail is about to be cut, at `offset` or above; it was, at `offset`.
        case cutting, cut
        /// The log is about to be deleted; it was.
        case deleting, deleted
    }

    var kind: Kind
    var log: String
    var offset: Int64
    var number: Int64 = 0
    var tag = "-"

    var line: String { "\(kind.rawValue) \(log) \(offset) \(number) \(tag)\n" }

    init(_ kind: Kind, _ log: String, _ offset: Int64 = 0, number: Int64 = 0, tag: String = "-") {
        (self.kind, self.log, self.offset, self.number, self.tag) = (kind, log, offset, number, tag)
    }

    /// `nil` where the text is no whole line of the writer's.
    init?(parsing line: some StringProtocol) {
        let words = line.split(separator: " ")
        guard words.count == 5, let kind = Kind(rawValue: String(words[0])), let offset = Int64(words[2]),
            let number = Int64(words[3])
        else { return nil }
        self.init(kind, String(words[1]), offset, number: number, tag: String(words[4]))
    }

    /// The value of a batch's record: it tells which one it is, and is as long as that makes it.
    static func value(tag: String, index: Int) -> [UInt8] {
        let name = Array("\(tag)/\(index)/".utf8)
        let number = tag.utf8.reduce(index) { ($0 &* 31 &+ Int($1)) & 0xffff }
        // Most are short; one in sixteen covers pages of its own.
        let filler = number % 16 == 0 ? 3000 + number % 5000 : number % 300
        return name + [UInt8](repeating: UInt8(ascii: "x"), count: filler)
    }
}
