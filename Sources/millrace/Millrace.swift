import ArgumentParser

@main
struct Millrace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millrace",
        abstract: "A commit log in Kafka's file format.",
        subcommands: [Append.self, Read.self, Verify.self, Inspect.self, Serve.self]
    )
}
