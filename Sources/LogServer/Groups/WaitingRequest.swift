/// A request that is answered later: a number by which its owner finds it again, and which means nothing here.
package struct WaitingRequest: RawRepresentable, Hashable, Sendable {
    /// Unlike that of any other request that waits.
    package var rawValue: UInt64

    /// Gives a raw value its meaning.
    package init(rawValue: UInt64) { self.rawValue = rawValue }
}
