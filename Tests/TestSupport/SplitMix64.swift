/// A small random number generator whose sequence follows from its seed alone.
///
/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014. Any seed is a good one, zero and
/// neighbouring numbers included.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator at the start of the seed's sequence.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Random bytes, their number drawn from `count`.
    public mutating func bytes(count: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: count, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// True once in `interval` draws, on average.
    public mutating func chance(oneIn interval: Int) -> Bool {
        Int.random(in: 0..<interval, using: &self) == 0
    }
}
