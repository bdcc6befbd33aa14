package import CoreMetrics
import LinuxIO

/// Where a node's metrics are kept, to be told in ``PrometheusText``.
///
/// One for a node: two nodes in a process have two, whatever else the process does with its metrics. Making a metric takes
/// a lock; changing one does not. Thread-safe.
package final class MetricsRegistry: MetricsFactory {
    private enum Cell {
        case counter(CounterCell)
        case gauge(GaugeCell)
        case histogram(HistogramCell)
        case summary(SummaryCell)

        var kind: PrometheusText.Kind {
            switch self {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram: .histogram
            case .summary: .summary
            }
        }
    }

    private struct Key: Hashable, Comparable {
        let name: String
        let labels: [Label]

        struct Label: Hashable {
            let name: String
            let value: String
        }

        init(_ name: String, _ labels: [(String, String)]) {
            self.name = name
            self.labels = labels.map { Label(name: $0.0, value: $0.1) }
        }

        static func < (first: Key, second: Key) -> Bool {
            if first.name != second.name { return first.name < second.name }
            return first.labels.lexicographicallyPrecedes(second.labels) { $0.value < $1.value }
        }
    }

    private let cells = Lock<[Key: Cell]>([:])
    private let help: [String: String]

    /// - Parameter help: What metrics mean, by their names.
    package init(help: [String: String] = [:]) { self.help = help }

    /// All metrics as they are, ordered by name and labels.
    package func text() -> PrometheusText {
        let cells = cells.withLock { $0 }
        var text = PrometheusText()
        var previous: String?
        for (key, cell) in cells.sorted(by: { $0.key < $1.key }) {
            if key.name != previous { text.begin(key.name, cell.kind, help: help[key.name]) }
            previous = key.name
            Self.tell(cell, key, &text)
        }
        return text
    }

    private static func tell(_ cell: Cell, _ key: Key, _ text: inout PrometheusText) {
        let labels: PrometheusText.Labels = key.labels.map { ($0.name, $0.value) }
        switch cell {
        case .counter(let cell): text.sample(key.name, labels, cell.value)
        case .gauge(let cell): text.sample(key.name, labels, cell.value)
        case .summary(let cell):
            let value = cell.value
            text.sample("\(key.name)_sum", labels, value.sum)
            text.sample("\(key.name)_count", labels, Double(value.count))
        case .histogram(let cell):
            let value = cell.value
            for (bound, count) in zip(HistogramCell.bounds, value.cumulative) {
                text.sample("\(key.name)_bucket", labels + [("le", PrometheusText.number(bound))], Double(count))
            }
            text.sample("\(key.name)_bucket", labels + [("le", "+Inf")], Double(value.count))
            text.sample("\(key.name)_sum", labels, value.seconds)
            text.sample("\(key.name)_count", labels, Double(value.count))
        }
    }

    // MARK: Making

    /// The cell of a name and its labels, made if there is none; a name has metrics of one kind only.
    private func cell<Made>(
        _ label: String,
        _ dimensions: [(String, String)],
        _ found: (Cell) -> Made?,
        _ make: () -> (Made, Cell)
    ) -> Made {
        cells.withLock { cells in
            let key = Key(label, dimensions)
            if let cell = cells[key] {
                guard let made = found(cell) else { preconditionFailure("Cannot make two kinds of metrics \(label)") }
                return made
            }
            let (made, cell) = make()
            let isAlone = !cells.contains { $0.key.name == label && $0.value.kind != cell.kind }
            precondition(isAlone, "Cannot make two kinds of metrics \(label)")
            cells[key] = cell
            return made
        }
    }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterCell {
        cell(label, dimensions, { if case .counter(let cell) = $0 { cell } else { nil } }) {
            let cell = CounterCell()
            return (cell, .counter(cell))
        }
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeCell {
        cell(label, dimensions, { if case .gauge(let cell) = $0 { cell } else { nil } }) {
            let cell = GaugeCell()
            return (cell, .gauge(cell))
        }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) }
        return cell(label, dimensions, { if case .summary(let cell) = $0 { cell } else { nil } }) {
            let cell = SummaryCell()
            return (cell, .summary(cell))
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        cell(label, dimensions, { if case .histogram(let cell) = $0 { cell } else { nil } }) {
            let cell = HistogramCell()
            return (cell, .histogram(cell))
        }
    }

    // MARK: Destroying

    private func destroy(_ handler: AnyObject) {
        cells.withLock { cells in
            cells = cells.filter { _, cell in
                switch cell {
                case .counter(let cell): cell !== handler
                case .gauge(let cell): cell !== handler
                case .histogram(let cell): cell !== handler
                case .summary(let cell): cell !== handler
                }
            }
        }
    }

    package func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }
}
