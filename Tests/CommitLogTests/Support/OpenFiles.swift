import Foundation
import SystemPackage

/// What this process has open below a path: the targets of its descriptors.
func openFiles(below path: FilePath) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { link in
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(link)")
        return target?.hasPrefix(path.string + "/") == true ? target : nil
    }
}
