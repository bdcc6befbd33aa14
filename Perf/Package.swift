// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let cSettings: [CSetting] = [
    .define("_GNU_SOURCE"),
    .enableWarning("all"), .enableWarning("extra"), .enableWarning("conversion"),
    .treatAllWarnings(as: .error),
]

// A package of its own, so that nobody who links the library pays for it. It sees of the library what any user sees.
let package = Package(
    name: "millrace-perf",
    dependencies: [
        .package(name: "millrace", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        // The same work in C. It takes the library's own CRC-32C, so that a limit is no lower for want of a good one.
        .target(
            name: "Limits",
            dependencies: [.product(name: "CommitLog", package: "millrace")],
            path: "Limits",
            cSettings: cSettings,
            linkerSettings: [.linkedLibrary("zstd")]
        ),
        .target(name: "AllocationCounter", path: "AllocationCounter", cSettings: cSettings),
        .target(name: "Measuring", swiftSettings: swiftSettings),
        // What is measured with, and where.
        .target(
            name: "Loads",
            dependencies: [
                "Limits",
                .product(name: "CommitLog", package: "millrace"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "NetworkPerf",
            dependencies: [
                "Limits", "Loads", "Measuring",
                .product(name: "CommitLog", package: "millrace"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
                // The command that is measured, which is built beside it.
                .product(name: "millrace", package: "millrace"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "EnginePerf",
            dependencies: [
                "AllocationCounter", "Limits", "Loads", "Measuring",
                .product(name: "CommitLog", package: "millrace"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: swiftSettings
        ),
    ]
)
