/// What a property promises, and the code did not keep.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// - Throws: `Violation` with what does not hold.
func expect(_ holds: Bool, _ promise: @autoclosure () -> String) throws(Violation) {
    guard holds else { throw Violation(promise()) }
}

/// What was parsed is the same after it was written and parsed again.
///
/// - Throws: What `parse` throws of `bytes`, which is no violation.
func expectComesBack<Value: Equatable, Failure: Error>(
    _ bytes: [UInt8],
    parse: ([UInt8]) throws(Failure) -> Value,
    encode: (Value) -> [UInt8]
) throws {
    let value = try parse(bytes)
    let written = encode(value)
    let again: Value
    do throws(Failure) {
        again = try parse(written)
    } catch {
        throw Violation("\(value) is written as \(written), which does not parse: \(error)")
    }
    try expect(again == value, "\(value) comes back as \(again)")
    try expect(encode(again) == written, "\(value) is not always written the same")
}
