import RecordBatch
import Testing

@Suite("Distinct integers")
struct IntegerTests {
    @Test("offsets are counted in records")
    func offsets() {
        #expect(Offset(5) + 3 == Offset(8))
        #expect(Offset(5).distance(to: Offset(2)) == -3)
        #expect(Offset(1) < Offset(2))
        #expect("\(Offset(42))" == "42")
    }

    @Test("the sequence number after the largest is 0, and none stays none")
    func sequenceNumbers() {
        #expect(SequenceNumber(0).advanced(by: 7) == SequenceNumber(7))
        #expect(SequenceNumber(.max).advanced(by: 0) == SequenceNumber(.max))
        #expect(SequenceNumber(.max).advanced(by: 1) == SequenceNumber(0))
        #expect(SequenceNumber(.max - 2).advanced(by: 10) == SequenceNumber(7))
        #expect(SequenceNumber(.max).advanced(by: .max) == SequenceNumber(.max - 1))
        #expect(SequenceNumber.none.advanced(by: 3) == .none)
    }

    @Test("codecs and timestamp types are found by Kafka's names")
    func names() {
        for codec in CompressionCodec.allCases {
            #expect(CompressionCodec(name: codec.name) == codec)
        }
        for type in TimestampType.allCases {
            #expect(TimestampType(name: type.name) == type)
        }
        #expect(CompressionCodec(name: "producer") == nil)
        #expect(CompressionCodec.allCases.map(\.name) == ["none", "gzip", "snappy", "lz4", "zstd"])
    }
}
