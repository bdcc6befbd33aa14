// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target of the library.
///
/// Beyond Swift 6 mode these are the upcoming features that the mode does not already turn on, so that no file has to
/// be changed when they become the default.
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
    .enableUpcomingFeature("InferIsolatedConformances"),  // SE-0470
    .enableUpcomingFeature("ImmutableWeakCaptures"),  // SE-0481
    .enableExperimentalFeature("Lifetimes"),  // views over borrowed bytes are ~Escapable
]

/// Library targets are checked for memory safety as well; test targets are not, because the expansion of
/// `#expect(throws:)` warns whatever one writes.
let librarySettings = swiftSettings + [.strictMemorySafety()]  // SE-0458

let libraryTargets: [Target] = [
    .target(
        name: "CSystemShims",
        path: "CSystemShims",
        cSettings: [
            .define("_GNU_SOURCE"),
            .enableWarning("all"), .enableWarning("extra"), .enableWarning("conversion"),
            .treatAllWarnings(as: .error),
        ],
        linkerSettings: [
            .linkedLibrary("uring"), .linkedLibrary("zstd"), .linkedLibrary("z"), .linkedLibrary("lz4"),
            .linkedLibrary("snappy"),
        ]
    ),
    .target(
        name: "LinuxIO",
        dependencies: ["CSystemShims", .product(name: "SystemPackage", package: "swift-system")],
        swiftSettings: librarySettings
    ),
    .target(name: "RecordBatch", dependencies: ["CSystemShims"], swiftSettings: librarySettings),
    .target(
        name: "CommitLog",
        dependencies: [
            "LinuxIO", "RecordBatch",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "SystemPackage", package: "swift-system"),
        ],
        swiftSettings: librarySettings
    ),
    .target(name: "KafkaProtocol", dependencies: ["RecordBatch"], swiftSettings: librarySettings),
    .target(
        name: "LogServer",
        dependencies: [
            "CommitLog", "KafkaProtocol", "LinuxIO", "RecordBatch",
            .product(name: "CoreMetrics", package: "swift-metrics"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "SystemPackage", package: "swift-system"),
        ],
        swiftSettings: librarySettings
    ),
    .executableTarget(
        name: "millrace",
        dependencies: [
            "CommitLog", "LinuxIO", "LogServer", "RecordBatch",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Configuration", package: "swift-configuration"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "SystemPackage", package: "swift-system"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        ],
        swiftSettings: librarySettings
    ),
    .target(
        name: "TestSupport",
        dependencies: ["LinuxIO", .product(name: "SystemPackage", package: "swift-system")],
        path: "Tests/TestSupport",
        swiftSettings: swiftSettings
    ),
]

let fuzzDependencies: [Target.Dependency] = [
    "CommitLog", "KafkaProtocol", "LinuxIO", "RecordBatch", "TestSupport",
    .product(name: "Logging", package: "swift-log"),
    .product(name: "SystemPackage", package: "swift-system"),
]

let testTargets: [Target] = [
    // Writes until a test ends it.
    .executableTarget(
        name: "CrashWriter",
        dependencies: [
            "CommitLog", "LinuxIO", "RecordBatch",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "SystemPackage", package: "swift-system"),
        ],
        path: "Tests/CrashWriter",
        swiftSettings: swiftSettings
    ),
    .testTarget(
        name: "LinuxIOTests",
        dependencies: ["LinuxIO", "TestSupport", .product(name: "SystemPackage", package: "swift-system")],
        swiftSettings: swiftSettings
    ),
    .testTarget(
        name: "RecordBatchTests",
        dependencies: ["RecordBatch", "TestSupport", .product(name: "SystemPackage", package: "swift-system")],
        swiftSettings: swiftSettings
    ),
    .testTarget(
        name: "KafkaProtocolTests",
        dependencies: [
            "KafkaProtocol", "RecordBatch", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
        ],
        swiftSettings: swiftSettings
    ),
    .testTarget(
        name: "LogServerTests",
        dependencies: [
            "CommitLog", "KafkaProtocol", "LinuxIO", "LogServer", "RecordBatch", "TestSupport",
            .product(name: "CoreMetrics", package: "swift-metrics"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "SystemPackage", package: "swift-system"),
        ],
        swiftSettings: swiftSettings
    ),
    .testTarget(
        name: "CommitLogTests",
        dependencies: [
            "CommitLog", "CrashWriter", "LinuxIO", "RecordBatch", "TestSupport",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "SystemPackage", package: "swift-system"),
        ],
        swiftSettings: swiftSettings
    ),
    .testTarget(
        name: "MillraceTests",
        dependencies: [
            "LinuxIO", "millrace", "RecordBatch", "TestSupport",
            .product(name: "SystemPackage", package: "swift-system"),
        ],
        swiftSettings: swiftSettings
    ),
    // Kafka's own clients against the command.
    .testTarget(
        name: "ClientTests",
        dependencies: [
            "LinuxIO", "millrace", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
        ],
        exclude: ["Scenarios"],
        swiftSettings: swiftSettings
    ),
    .testTarget(
        name: "FuzzTests",
        dependencies: fuzzDependencies,
        exclude: ["Fuzzer"],
        swiftSettings: swiftSettings
    ),
]

/// The same properties, called by libFuzzer, whose `main` it is.
///
/// `Scripts/fuzz` builds this and no tests.
let fuzzTargets: [Target] = [
    .executableTarget(
        name: "Fuzzer",
        dependencies: fuzzDependencies,
        path: "Tests/FuzzTests",
        exclude: ["CorpusTests.swift"],
        swiftSettings: swiftSettings + [.unsafeFlags(["-parse-as-library"])]
    )
]

/// Those of the targets that have these names, and what they need.
func needed(_ names: [String], of all: [Target]) -> [Target] {
    var (needed, rest): (Set<String>, [String]) = ([], names)
    while let name = rest.popLast() {
        guard needed.insert(name).inserted, let target = all.first(where: { $0.name == name }) else { continue }
        for case .byNameItem(let dependency, _) in target.dependencies { rest.append(dependency) }
    }
    return all.filter { needed.contains($0.name) }
}

/// `MILLRACE_TESTS`, such as "LinuxIOTests RecordBatchTests", has the package be these tests and what they need: builds with a
/// sanitizer take long, and run some of the tests.
let targets =
    if Context.environment["MILLRACE_FUZZ"] != nil {
        libraryTargets + fuzzTargets
    } else if let tests = Context.environment["MILLRACE_TESTS"] {
        needed(tests.split(separator: " ").map(String.init), of: libraryTargets + testTargets)
    } else {
        libraryTargets + testTargets
    }

let products: [Product] = [
    .library(name: "CommitLog", targets: ["CommitLog"]),
    .library(name: "LogServer", targets: ["LogServer"]),
    .executable(name: "millrace", targets: ["millrace"]),
]

let package = Package(
    name: "millrace",
    products: products.filter { product in targets.contains { $0.name == product.name } },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Without its parsers of files, and what watches them.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: targets
)
