import CoreMetrics
import TestSupport
import Testing

@testable import LogServer

@Suite("Metrics as text")
struct MetricsRegistryTests {
    private func text(_ registry: MetricsRegistry) -> [String] {
        String(decoding: registry.text().bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("metrics are told by name and labels, each name with its kind and meaning once")
    func order() {
        let registry = MetricsRegistry(help: ["b": "What b \\ counts."])
        Counter(label: "b", dimensions: [("x", "2")], factory: registry).increment(by: 5)
        Counter(label: "b", dimensions: [("x", "1")], factory: registry).increment()
        Meter(label: "a", factory: registry).set(2.5)
        #expect(
            text(registry) == [
                "# TYPE a gauge", "a 2.5", "# HELP b What b \\\\ counts.", "# TYPE b counter", #"b{x="1"} 1"#,
                #"b{x="2"} 5"#,
            ]
        )
    }

    @Test("who makes a metric again goes on with the first, and one that is destroyed is told no more")
    func identity() {
        let registry = MetricsRegistry()
        let first = Counter(label: "c", factory: registry)
        first.increment(by: 2)
        Counter(label: "c", factory: registry).increment(by: 3)
        FloatingPointCounter(label: "c", factory: registry).increment(by: 0.5)
        #expect(text(registry) == ["# TYPE c counter", "c 5.5"])
        first.destroy()
        #expect(text(registry).isEmpty)
    }

    @Test("a gauge goes up and down, a recorder tells the last value or the sum of all")
    func gauges() {
        let registry = MetricsRegistry()
        let meter = Meter(label: "m", factory: registry)
        meter.increment(by: 3)
        meter.decrement()
        Gauge(label: "g", factory: registry).record(7)
        let recorder = Recorder(label: "r", factory: registry)
        recorder.record(1)
        recorder.record(2.5)
        #expect(
            text(registry) == [
                "# TYPE g gauge", "g 7", "# TYPE m gauge", "m 2", "# TYPE r summary", "r_sum 3.5", "r_count 2",
            ]
        )
    }

    @Test("a histogram counts each duration under all bounds that it does not exceed")
    func histogram() throws {
        let registry = MetricsRegistry()
        let timer = Timer(label: "t", dimensions: [("api", "Fetch")], factory: registry)
        for nanoseconds in [0, 100_000, 100_001, 60_000_000_000, 60_000_000_001] {
            timer.recordNanoseconds(nanoseconds)
        }
        let lines = text(registry)
        #expect(lines[0] == "# TYPE t histogram")
        #expect(lines[1] == #"t_bucket{api="Fetch",le="0.0001"} 2"#)
        #expect(lines[2] == #"t_bucket{api="Fetch",le="0.00025"} 3"#)
        #expect(lines[17] == #"t_bucket{api="Fetch",le="30"} 3"#)
        #expect(
            lines[18...] == [
                #"t_bucket{api="Fetch",le="60"} 4"#, #"t_bucket{api="Fetch",le="+Inf"} 5"#,
                #"t_sum{api="Fetch"} 120.000200002"#, #"t_count{api="Fetch"} 5"#,
            ]
        )
    }

    @Test("nothing is lost when several threads count at once")
    func concurrency() async {
        let registry = MetricsRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = Counter(label: "c", factory: registry)
                    let meter = Meter(label: "m", factory: registry)
                    let timer = Timer(label: "t", factory: registry)
                    for _ in 0..<1000 {
                        counter.increment()
                        meter.increment()
                        timer.recordNanoseconds(1_000_000)
                    }
                }
            }
        }
        let lines = text(registry)
        #expect(lines.contains("c 8000"))
        #expect(lines.contains("m 8000"))
        #expect(lines.contains("t_count 8000"))
        #expect(lines.contains("t_sum 8"))
    }

    @Test("names and labels keep to the format, whatever they are made of")
    func escaping() {
        var text = PrometheusText()
        text.begin("9 a-b:c", .counter, help: "two\nlines \"quoted\"")
        text.sample("9 a-b:c", [("a:b", "x\"\\\ny")], 1)
        text.sample("", [], .nan)
        #expect(
            String(decoding: text.bytes, as: UTF8.self) == #"""
                # HELP _9_a_b:c two\nlines "quoted"
                # TYPE _9_a_b:c counter
                _9_a_b:c{a_b="x\"\\\ny"} 1
                _ NaN

                """#
        )
    }

    @Test(
        "numbers are told exactly",
        arguments: [
            (0, "0"), (-1, "-1"), (9_007_199_254_740_991, "9007199254740991"), (0x1p60, "1.152921504606847e+18"),
            (0.1, "0.1"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        ] as [(Double, String)]
    )
    func numbers(value: Double, text: String) {
        #expect(PrometheusText.number(value) == text)
    }
}

@Suite("Whether a node is well")
struct NodeHealthTests {
    @Test("a node of which all logs take appends is well")
    func well() {
        #expect(NodeHealth(logs: 3, failures: []).response == HTTPResponse(.ok, "ok: 3 logs take appends\n"))
    }

    @Test("logs that take none are told with their reasons, a line each")
    func unwell() {
        let health = NodeHealth(
            logs: 3,
            failures: [.init(name: "t-0", reason: "a\nb"), .init(name: "t-1", reason: "c")]
        )
        #expect(
            health.response
                == HTTPResponse(.unavailable, "2 of 3 logs take no appends\nt-0: a b\nt-1: c\n")
        )
    }

    @Test("an answer does not grow with the number of logs that fail")
    func many() {
        let failures = (0..<5000).map { NodeHealth.Failure(name: "t-\($0)", reason: "") }
        let lines = String(decoding: NodeHealth(logs: 5000, failures: failures).response.body, as: UTF8.self)
            .split(separator: "\n")
        #expect(lines.count == 102)
        #expect(lines.last == "and 4900 more")
    }
}
