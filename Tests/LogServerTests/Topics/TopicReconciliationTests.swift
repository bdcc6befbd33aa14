import CommitLog
import RecordBatch
import Testing

@testable import LogServer

@Suite("The register of topics and the directories of partitions")
struct TopicReconciliationTests {
    private let a = TopicID.random()
    private let b = TopicID.random()

    private func partition(_ index: Int32, _ name: String = "t") -> TopicPartition {
        TopicReconciliation.partition(name, index)
    }

    private func register(_ count: Int32, made: Int32, isDeleted: Bool = false) -> TopicRegister {
        var register = TopicRegister()
        let topic = TopicMetadata(name: "t", id: a, partitionCount: count, configs: ["flush.ms": "1"])
        register.put(.init(topic: topic, madePartitions: made, isDeleted: isDeleted))
        return register
    }

    private func reconcile(_ stored: TopicRegister?, _ found: [Int32: TopicID?]) -> TopicReconciliation {
        let found = Dictionary(uniqueKeysWithValues: found.map { (partition($0.key), $0.value) })
        return TopicReconciliation(stored: stored, found: found, makeID: { b })
    }

    private func creations(_ indexes: Int32...) -> [TopicReconciliation.Creation] {
        indexes.map { .init(partition: partition($0), topicID: a) }
    }

    @Test("what fits stays as it is")
    func fitting() {
        let decided = reconcile(register(2, made: 2), [0: a, 1: a])
        #expect(decided.register == register(2, made: 2))
        #expect(decided.creations.isEmpty && decided.deletions.isEmpty && decided.findings.isEmpty)
    }

    @Test("partitions that were being made are made")
    func creation() {
        #expect(reconcile(register(3, made: 0), [:]).creations == creations(0, 1, 2))
        #expect(reconcile(register(3, made: 0), [0: a]).creations == creations(1, 2))
        #expect(reconcile(register(3, made: 0), [0: a, 2: a]).creations == creations(1))
        #expect(reconcile(register(4, made: 2), [0: a, 1: a]).creations == creations(2, 3))
        for found in [[:], [0: a], [0: a, 1: a, 2: a]] as [[Int32: TopicID?]] {
            let decided = reconcile(register(3, made: 0), found)
            #expect(decided.register == register(3, made: 3))
            #expect(decided.findings.isEmpty && decided.deletions.isEmpty)
        }
    }

    @Test("partitions that had been made and are missing are told of, and not made anew")
    func missing() {
        let decided = reconcile(register(3, made: 3), [1: a])
        #expect(decided.creations.isEmpty)
        #expect(decided.findings == [.missing(partition(0)), .missing(partition(2))])
        #expect(decided.register == register(3, made: 3))
        let widened = reconcile(register(4, made: 2), [1: a])
        #expect(widened.creations == creations(2, 3) && widened.findings == [.missing(partition(0))])
    }

    @Test("directories of a deleted topic are deleted, and no others")
    func deletion() {
        let decided = reconcile(register(3, made: 3, isDeleted: true), [0: a, 2: a])
        #expect(decided.deletions == [partition(0), partition(2)])
        #expect(decided.register == TopicRegister() && decided.findings.isEmpty)
        #expect(reconcile(register(3, made: 3, isDeleted: true), [:]).register == TopicRegister())

        let anew = reconcile(register(3, made: 3, isDeleted: true), [0: b, 1: a])
        #expect(anew.deletions == [partition(1)])
        #expect(anew.register.entries["t"]?.topic == TopicMetadata(name: "t", id: b, partitionCount: 1))
    }

    @Test("where there is no register, topics are what directories there are")
    func adoption() {
        let decided = reconcile(nil, [0: a, 1: a])
        #expect(decided.register.image.topics == ["t": TopicMetadata(name: "t", id: a, partitionCount: 2)])
        #expect(decided.register.entries["t"]?.isSettled == true)
        #expect(decided.creations.isEmpty && decided.findings.isEmpty)

        #expect(reconcile(nil, [0: nil]).register.image.topics["t"]?.id == b)
        #expect(reconcile(nil, [0: nil, 1: a]).register.image.topics["t"]?.id == a)
        let gap = reconcile(nil, [2: a])
        #expect(gap.register.image.topics["t"]?.partitionCount == 3)
        #expect(gap.findings == [.missing(partition(0)), .missing(partition(1))])
    }

    @Test("partitions that Kafka has added since are taken up")
    func widenedElsewhere() {
        let decided = reconcile(register(2, made: 2), [0: a, 1: a, 2: a])
        #expect(decided.register == register(3, made: 3))
        #expect(decided.creations.isEmpty && decided.findings.isEmpty)
    }

    @Test("a directory of another topic with the name is told of, and is no partition")
    func foreign() {
        let decided = reconcile(register(2, made: 2), [0: a, 1: b])
        #expect(decided.findings == [.foreign(partition(1), b)])
        #expect(decided.register == register(2, made: 2) && decided.deletions.isEmpty)
    }

    @Test("a topic that was made anew elsewhere has lost its configurations")
    func replaced() {
        let decided = reconcile(register(2, made: 2), [0: b])
        #expect(decided.findings == [.replaced(name: "t", by: b)])
        #expect(decided.register.image.topics == ["t": TopicMetadata(name: "t", id: b, partitionCount: 1)])
        #expect(decided.deletions.isEmpty && decided.creations.isEmpty)
    }

    @Test("a directory without an identity is its topic's")
    func nameless() {
        let decided = reconcile(register(2, made: 2), [0: nil, 1: a])
        #expect(decided.register == register(2, made: 2) && decided.findings.isEmpty)
    }

    @Test("a directory with a number that no partition has makes no topic of as many")
    func beyondLimit() {
        let decided = reconcile(nil, [.max: a])
        #expect(decided.register == TopicRegister())
        #expect(decided.findings == [.beyondLimit(partition(.max))])
    }

    @Test("what is decided twice is the same: an opening that crashed is repeated")
    func repetition() {
        for stored in [register(3, made: 1), register(2, made: 2, isDeleted: true), nil] {
            let first = reconcile(stored, [0: a, 1: a])
            var found: [Int32: TopicID?] = [0: a, 1: a]
            for creation in first.creations { found[creation.partition.partition] = creation.topicID }
            for deletion in first.deletions { found[deletion.partition] = nil }
            let second = reconcile(first.register, found)
            #expect(second.register == first.register)
            #expect(second.creations.isEmpty && second.deletions.isEmpty)
            // Between the directories and the register.
            #expect(reconcile(stored, found).register == first.register)
        }
    }
}
