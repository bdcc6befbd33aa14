import Foundation
public import SystemPackage

/// The checkout that the tests were compiled from, and the scratch space that tests may write to.
///
/// Everything is found relative to this source file, so tests run in any clone and from any working directory.
public enum Repository {
    /// The directory that holds `Package.swift`.
    public static let root: FilePath = {
        // Tests/TestSupport/Repository.swift: three names up.
        var path = FilePath(#filePath)
        for _ in 0..<3 { path.removeLastComponent() }
        return path
    }()

    /// Where tests put files: inside `.build`, because it lies on the disk that holds the checkout.
    ///
    /// The system's temporary directory is often a tmpfs, which has neither `fallocate(KEEP_SIZE)` accounting nor a
    /// disk to flush to. The environment variable `MILLRACE_TEST_DIRECTORY` names another place.
    public static let scratch: FilePath = {
        if let path = ProcessInfo.processInfo.environment["MILLRACE_TEST_DIRECTORY"], !path.isEmpty {
            return FilePath(path)
        }
        return root.appending(".build/test-scratch")
    }()

    /// The directory that the running test bundle was built into (`.build/debug` or the like), where the package's
    /// executables lie too.
    public static let products: FilePath = {
        // The test process is either the bundle itself or a runner that was given the bundle's path.
        let candidates = CommandLine.arguments.flatMap { $0.split(separator: "=").map(String.init) }
        let bundle = candidates.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return FilePath(bundle).removingLastComponent()
    }()
}
