/// The search for the last entry whose key is not above a target, in a sorted sequence of which a page can be looked at
/// at a time.
///
/// Offsets and timestamps grow nearly in step with the bytes of a log, so the place of a key is guessed by interpolation:
/// two or three pages are read where bisection would read a dozen. Every other guess is the middle, which bounds the number
/// of pages by twice that of bisection however uneven the keys are.
struct IndexSearch: Hashable, Sendable {
    private let target: Int64
    /// The pages in which the answer may still lie.
    ///
    /// The page before `pages` begins with a key that is not above the target.
    private var pages: Range<Int>
    private var lowKey: Int64
    private var highKey: Int64
    private var bisects = false

    /// - Parameters:
    ///   - target: the key looked for.
    ///   - pageCount: the number of pages.
    ///   - keys: bounds of the keys, for the guess: that of the first entry at least, that of the last at most.
    init(target: Int64, pageCount: Int, keys: ClosedRange<Int64>) {
        self.target = target
        pages = 0..<pageCount
        lowKey = keys.lowerBound
        highKey = keys.upperBound
    }

    enum Step: Hashable, Sendable {
        /// Look at this page and call ``narrow(page:first:last:)``.
        case look(page: Int)
        /// The answer is the last entry of this page.
        case lastEntry(ofPage: Int)
        /// Every key is above the target.
        case none
    }

    enum Narrowed: Hashable, Sendable {
        /// The answer is within the page.
        case found
        /// Ask for the ``next()`` step.
        case elsewhere
    }

    mutating func next() -> Step {
        guard !pages.isEmpty else {
            return pages.lowerBound == 0 ? .none : .lastEntry(ofPage: pages.lowerBound - 1)
        }
        defer { bisects.toggle() }
        guard !bisects, highKey > lowKey, target > lowKey, pages.count > 2 else {
            return .look(page: pages.lowerBound + pages.count / 2)
        }
        // Subtracted as integers: keys that differ may be the same as `Double`, and then the fraction would be no number.
        let fraction =
            Double(Self.distance(from: lowKey, to: target)) / Double(Self.distance(from: lowKey, to: highKey))
        let guess = pages.lowerBound + Int(min(fraction, 1) * Double(pages.count - 1))
        return .look(page: min(max(guess, pages.lowerBound), pages.upperBound - 1))
    }

    /// How far `key` lies above `low`, which is not above it.
    private static func distance(from low: Int64, to key: Int64) -> UInt64 {
        UInt64(bitPattern: key &- low)
    }

    /// Takes note of the first and the last key of a page that was asked for.
    mutating func narrow(page: Int, first: Int64, last: Int64) -> Narrowed {
        if first > target {
            pages = pages.lowerBound..<page
            highKey = first
            return .elsewhere
        }
        if last <= target {
            pages = (page + 1)..<pages.upperBound
            lowKey = last
            return .elsewhere
        }
        return .found
    }
}
