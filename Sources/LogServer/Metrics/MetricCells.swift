import CoreMetrics
import Synchronization

/// A number that only grows.
final class CounterCell: CounterHandler, FloatingPointCounterHandler {
    private let whole = Atomic<Int64>(0)
    private let part = AtomicDouble(0)

    var value: Double { Double(whole.load(ordering: .relaxed)) + part.value }

    func increment(by amount: Int64) { whole.wrappingAdd(amount, ordering: .relaxed) }
    func increment(by amount: Double) { part.add(amount) }

    func reset() {
        whole.store(0, ordering: .relaxed)
        part.set(0)
    }
}

/// A number that is as it is.
final class GaugeCell: MeterHandler, RecorderHandler {
    private let number = AtomicDouble(0)

    var value: Double { number.value }

    func set(_ value: Int64) { number.set(Double(value)) }
    func set(_ value: Double) { number.set(value) }
    func increment(by amount: Double) { number.add(amount) }
    func decrement(by amount: Double) { number.add(-amount) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
}

/// How many numbers there were, and their sum.
final class SummaryCell: RecorderHandler {
    private let count = Atomic<UInt64>(0)
    private let total = AtomicDouble(0)

    var value: (count: UInt64, sum: Double) { (count.load(ordering: .relaxed), total.value) }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        count.wrappingAdd(1, ordering: .relaxed)
        total.add(value)
    }
}

/// How many durations there were of which length.
///
/// Costs two atomic additions and a search among 18 bounds for each.
final class HistogramCell: TimerHandler {
    /// The upper bounds, in seconds; what is longer than all has a place of its own.
    static let bounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    private static let nanoseconds = bounds.map { Int64(($0 * 1e9).rounded()) }

    private final class Count: Sendable {
        let value = Atomic<UInt64>(0)
    }

    private let counts = (0...bounds.count).map { _ in Count() }
    private let sum = Atomic<Int64>(0)

    /// How many are at most as long as each bound, and how many there are.
    var value: (cumulative: [UInt64], count: UInt64, seconds: Double) {
        var (cumulative, count) = ([UInt64](), UInt64(0))
        for cell in counts {
            count += cell.value.load(ordering: .relaxed)
            cumulative.append(count)
        }
        cumulative.removeLast()
        return (cumulative, count, Double(sum.load(ordering: .relaxed)) / 1e9)
    }

    func recordNanoseconds(_ duration: Int64) {
        let index = Self.nanoseconds.firstIndex { duration <= $0 } ?? Self.nanoseconds.count
        counts[index].value.wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(duration, ordering: .relaxed)
    }
}

/// A floating-point number that several threads change.
private final class AtomicDouble: Sendable {
    private let bits: Atomic<UInt64>

    init(_ value: Double) { bits = Atomic(value.bitPattern) }

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, found) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = found
        }
    }
}
