// swift-tools-version: 6.2
import PackageDescription

// A program of its own that has a node in it; outside of this repository the first dependency has a URL.
let package = Package(
    name: "EmbeddedLog",
    dependencies: [
        .package(name: "millrace", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "EmbeddedLog",
            dependencies: [
                .product(name: "CommitLog", package: "millrace"),
                .product(name: "LogServer", package: "millrace"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        )
    ]
)
