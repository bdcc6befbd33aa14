import CommitLog
import SystemPackage
import TestSupport
import Testing

@Suite("The README")
struct ReadmeTests {
    @Test("shows the code of the example, which is compiled here")
    func example() throws {
        let readme = try Fixtures.lines(of: Repository.root.appending("README.md"))
        let start = try #require(readme.firstIndex { $0.hasPrefix("<!-- example:") })
        let end = try #require(readme.firstIndex { $0.hasPrefix("<!-- end of example") })
        let code = try Fixtures.lines(of: Repository.root.appending("Tests/CommitLogTests/ReadmeExample.swift"))
        #expect(Array(readme[(start + 1)..<end]) == ["```swift"] + code + ["```"])
    }

    @Test("its example runs, and what it has appended stays", .temporaryDirectory)
    func run() async throws {
        let path = TemporaryDirectory.current.appending("logs")
        for runs in 1...2 {
            try await keepOrders(in: path)
            let directory = try await LogDirectory.open(path)
            let log = try #require(directory.log(for: .named("orders")))
            let values = try await log.readAll().map { String(decoding: $0.value ?? [], as: UTF8.self) }
            #expect(values == Array(repeating: ["two apples", "a pear"], count: runs).flatMap(\.self))
            try await directory.close()
        }
    }
}
