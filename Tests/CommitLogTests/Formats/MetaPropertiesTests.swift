import CommitLog
import TestSupport
import Testing

@Suite("meta.properties and the clean shutdown file")
struct MetaPropertiesTests {
    private func parse(_ text: String) throws -> MetaProperties {
        try MetaProperties(parsing: Array(text.utf8))
    }

    @Test("the syntax is that of Java's properties: comments, separators, continued lines, escapes")
    func syntax() throws {
        let properties = try parse(
            """
            # a comment, and not continued \\
            ! another
            \t
              version : 1
            cluster.id\\
               = abc\\u00e9\\tx\\=y\\
               z\r
            node.id 7
            no\\ value
            a\\:b==c\\\\

            """
        )
        #expect(properties.clusterID == "abc\u{e9}\tx=yz")
        #expect(properties.nodeID == 7)
        #expect(properties.directoryID == nil)
        #expect(properties.otherProperties == ["no value": "", "a:b": "=c\\"])
    }

    @Test("bytes above 127 are ISO 8859-1")
    func latin1() throws {
        let bytes = Array("version=1\nnode.id=0\ncluster.id=".utf8) + [0xe9, 0x0a]
        #expect(try MetaProperties(parsing: bytes).clusterID == "\u{e9}")
    }

    @Test("keys that are not known are kept, and written in a form that reads back")
    func otherKeys() throws {
        var properties = try parse(
            "version=1\nnode.id=2\ncluster.id=\\ #x\\u20ac\\ud83d\\ude00\nb\\ c\\:d=\\ lead \\!\na=\n"
        )
        properties.directoryID = DirectoryID("56dt9ZNTztKXwWRe0GtzsA")
        let text = String(decoding: properties.encoded(), as: UTF8.self)
        #expect(
            text == """
                version=1
                cluster.id=\\ \\#x\\u20AC\\uD83D\\uDE00
                node.id=2
                directory.id=56dt9ZNTztKXwWRe0GtzsA
                a=
                b\\ c\\:d=\\ lead \\!

                """
        )
        #expect(try parse(text) == properties)
    }

    @Test(
        "what is missing or malformed is named",
        arguments: [
            ("", "version is missing"), ("version=1\n", "cluster.id is missing"),
            ("version=1\ncluster.id=\nnode.id=1\n", "cluster.id is missing"),
            ("version=1\ncluster.id=x\n", "node.id is missing"), ("version=0\nbroker.id=1\n", "version 0"),
            ("version=1\ncluster.id=x\nnode.id=-1\n", "node.id"),
            ("version=1\ncluster.id=x\nnode.id=2147483648\n", "node.id"),
            ("version=1\ncluster.id=x\nnode.id=1\ndirectory.id=x\n", "directory.id"),
            ("version=1\ncluster.id=x\nnode.id=1", "no end"), ("version=1\nversion=1\n", "twice"),
            ("version=\\u12g4\n", "hexadecimal"), ("version=\\u12\n", "hexadecimal"),
        ]
    )
    func refused(text: String, reason: String) {
        let error = #expect(throws: FormatError.self) { try parse(text) }
        #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
    }

    @Test("a clean shutdown file may be empty, as Kafka before 3.7 left it")
    func emptyShutdownFile() throws {
        #expect(try CleanShutdownFile(parsing: []).brokerEpoch == nil)
        #expect(CleanShutdownFile(brokerEpoch: nil).encoded() == [])
    }

    @Test("white space and order do not matter in a clean shutdown file")
    func shutdownFile() throws {
        let text = " { \"brokerEpoch\" : -1 ,\n\"version\" : 0 }\n"
        #expect(try CleanShutdownFile(parsing: Array(text.utf8)).brokerEpoch == -1)
    }

    @Test(
        "a clean shutdown file that is not the object is refused",
        arguments: [
            "{}", "[]", "0", "{\"version\":0}", "{\"version\":1,\"brokerEpoch\":2}",
            "{\"version\":0,\"brokerEpoch\":2}x",
            "{\"version\":0,\"brokerEpoch\":02}", "{\"version\":0,\"brokerEpoch\":9223372036854775808}",
            "{\"version\":0,\"brokerEpoch\":\"2\"}", "{\"version\":0,\"brokerEpoch\":1.5}",
            "{\"version\":0,\"brokerEpoch\":-}",
            "{\"version\":0,\"version\":0,\"brokerEpoch\":1}", "{\"version\":0,\"brokerEpoch\":1,\"more\":1}",
            "{\"version\":0,\"broker\\u0045poch\":1}", "{\"version\":0,,\"brokerEpoch\":1}",
        ]
    )
    func brokenShutdownFile(text: String) {
        #expect(throws: FormatError.self) { try CleanShutdownFile(parsing: Array(text.utf8)) }
    }
}
