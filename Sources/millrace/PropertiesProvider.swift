import CommitLog
import Configuration
import LinuxIO
import SystemPackage

/// Settings out of a file in the format of Kafka's `server.properties`.
struct PropertiesProvider: ConfigProvider {
    let providerName: String
    private let values: [String: String]

    /// What the file sets, ordered by name.
    var names: [String] { values.keys.sorted() }

    /// More than this is not a configuration.
    private static let mostBytes = 1 << 20

    /// Reads a file.
    /// - Throws: `CommandFailure` that says why it cannot be read, or where it is malformed.
    init(_ path: FilePath) throws(CommandFailure) {
        let properties: [JavaProperties.Property]
        do {
            var bytes = try FileSystem.readFile(path, limit: Self.mostBytes)
            // People's editors may leave out the last line's end, without which nothing of Java's would be whole.
            if !bytes.isEmpty, bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
            properties = try JavaProperties(parsing: bytes, format: "file of settings").properties
        } catch let error as IOError {
            throw CommandFailure("The settings cannot be read: \(error)")
        } catch {
            throw CommandFailure("\(path): \(error)")
        }
        providerName = path.string
        values = Dictionary(properties.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        let name = key.components.joined(separator: ".")
        return LookupResult(
            encodedKey: name,
            value: type == .string ? values[name].map { ConfigValue(.string($0), isSecret: false) } : nil
        )
    }

    func fetchValue(forKey key: AbsoluteConfigKey, type: ConfigType) async throws -> LookupResult {
        try value(forKey: key, type: type)
    }

    func watchValue<Return: ~Copyable>(
        forKey key: AbsoluteConfigKey,
        type: ConfigType,
        updatesHandler: (ConfigUpdatesAsyncSequence<Result<LookupResult, any Error>, Never>) async throws -> Return
    ) async throws -> Return {
        try await watchValueFromValue(forKey: key, type: type, updatesHandler: updatesHandler)
    }

    /// The file as it was read: it is not read again.
    func snapshot() -> any ConfigSnapshot { Snapshot(provider: self) }

    func watchSnapshot<Return: ~Copyable>(
        updatesHandler: (ConfigUpdatesAsyncSequence<any ConfigSnapshot, Never>) async throws -> Return
    ) async throws -> Return {
        try await watchSnapshotFromSnapshot(updatesHandler: updatesHandler)
    }

    private struct Snapshot: ConfigSnapshot {
        let provider: PropertiesProvider

        var providerName: String { provider.providerName }

        func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
            try provider.value(forKey: key, type: type)
        }
    }
}
