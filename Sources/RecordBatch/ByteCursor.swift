/// A place in borrowed bytes that moves forward as values are read.
///
/// Reading past the end gives nil: the caller gives up then, and knows better than the cursor what to say.
///
/// This file is where the module reads memory as integers. `RawSpan` calls that unsafe because the type of what is
/// loaded is not checked; here it is always an integer, for which any bytes are a value. Positions are checked by the
/// cursor, once, hence the unchecked loads.
@usableFromInline
package struct ByteCursor: ~Escapable {
    @usableFromInline package let bytes: RawSpan
    /// Of the next byte to read, from the start of `bytes`.
    @usableFromInline package var position: Int
    /// Where reading stops: at most `bytes.byteCount`.
    @usableFromInline let end: Int

    /// - Precondition: `0 <= position <= end <= bytes.byteCount`
    @inlinable
    @inline(__always)
    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan, from position: Int, to end: Int) {
        precondition(0 <= position && position <= end && end <= bytes.byteCount, "the cursor leaves its bytes")
        self.bytes = bytes
        self.position = position
        self.end = end
    }

    @inlinable package var remaining: Int {
        @inline(__always) get { end &- position }
    }

    /// Passes over `count` bytes; false if there are not so many, or `count` is negative.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    package mutating func skip(_ count: Int) -> Bool {
        guard 0 <= count, count <= remaining else { return false }
        position &+= count
        return true
    }

    /// The next byte, or the one `distance` behind it, without passing over it.
    @inlinable
    @inline(__always)
    func peek(after distance: Int = 0) -> UInt8? {
        guard distance < remaining else { return nil }
        return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: position &+ distance, as: UInt8.self)
    }

    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func readByte() -> UInt8? {
        guard let byte = peek() else { return nil }
        position &+= 1
        return byte
    }

    /// A big-endian integer, as all of Kafka's that are not varints.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    package mutating func readInteger<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> Value? {
        guard remaining >= MemoryLayout<Value>.size else { return nil }
        defer { position &+= MemoryLayout<Value>.size }
        return Value(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: type))
    }
}

extension RawSpan {
    /// The big-endian integer at `position`; reading past the end is a precondition failure.
    @inlinable
    @inline(__always)
    package func integer<Value: FixedWidthInteger & BitwiseCopyable>(at position: Int, as type: Value.Type) -> Value {
        // Unsafe only in that the type is not checked; any bytes are an integer. The range is.
        Value(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: position, as: type))
    }
}

extension MutableRawSpan {
    /// Writes `value` in big-endian order at `position`; writing past the end is a precondition failure.
    @inlinable
    @_lifetime(self: copy self)
    mutating func setInteger<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at position: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: position, as: Value.self)
    }
}
