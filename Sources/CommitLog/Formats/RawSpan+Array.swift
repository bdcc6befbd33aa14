extension Array where Element == UInt8 {
    /// The bytes as the view that parsers take.
    package var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get { RawSpan(_elements: span) }
    }
}
