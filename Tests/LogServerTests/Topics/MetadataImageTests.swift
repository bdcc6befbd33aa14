import RecordBatch
import Testing

@testable import LogServer

@Suite("The image of all topics")
struct MetadataImageTests {
    @Test("a topic is found by its name and its identity until it is taken away")
    func lookup() throws {
        var image = MetadataImage()
        let topic = TopicMetadata(name: "a", id: .random(), partitionCount: 1)
        image.put(topic)
        #expect(image.topics["a"] == topic && image.topic(topic.id) == topic)
        image.remove("b")
        #expect(image.topic(topic.id) == topic)
        image.remove("a")
        #expect(image == MetadataImage())
    }

    @Test("a topic made anew under its name has another identity")
    func replacement() {
        var image = MetadataImage()
        let (old, new) = (TopicID.random(), TopicID.random())
        image.put(.init(name: "a", id: old, partitionCount: 1))
        image.put(.init(name: "a", id: new, partitionCount: 2))
        #expect(image.topic(old) == nil && image.topic(new)?.partitionCount == 2)
    }

    @Test("names that differ in dots and underscores only collide, while both would be there")
    func collisions() throws {
        var image = image("a.b_c", "d")
        #expect(image.collision(with: try TopicName("a_b.c")) == "a.b_c")
        #expect(image.collision(with: try TopicName("a.b_c")) == nil)
        #expect(image.collision(with: try TopicName("a.b")) == nil)
        image.remove("a.b_c")
        #expect(image.collision(with: try TopicName("a_b.c")) == nil)
    }
}
