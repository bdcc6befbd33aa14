import Foundation
import LinuxIO
import SystemPackage
import TestSupport

/// What a crash leaves of the files of a process.
///
/// Watches the syncs of all files below a directory, and so knows of each how far it is on the disk, and of each
/// directory which names it has there. Names of the root are taken to be on the disk at once.
final class SimulatedDisk: Sendable {
    private let root: FilePath
    private let state = Lock(State())

    private struct State {
        var isDead = false
        /// By inode: how long the file was when it was last synced.
        var lengths: [UInt64: Int64] = [:]
        /// By directory and name: the inode.
        var names: [String: [String: UInt64]] = [:]
    }

    private let injector = Lock<FaultInjector?>(nil)

    /// Begins with everything that is there on the disk.
    init(_ root: FilePath) throws {
        self.root = root
        try FileManager.default.createDirectory(atPath: root.string, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: root.string) where isDirectory(name) {
            let path = root.appending(name).string
            let names = Self.inodes(in: path)
            state.withLock { $0.names[path] = names }
            for file in names.keys {
                guard let status = Self.status("\(path)/\(file)") else { continue }
                state.withLock { $0.lengths[status.inode] = status.size }
            }
        }
        let installed = FaultInjector.install(under: root) { [unowned self] call in answer(call) }
        injector.withLock { $0 = installed }
    }

    private func answer(_ call: FaultInjector.Call) -> FaultInjector.Answer {
        if state.withLock({ $0.isDead }) { return .fail(.ioError) }
        switch call.name {
        case .fdatasync, .fsync: note(call.path.string)
        case .unlink: forget(call.path.string)
        case .rename, .renameat2:
            if let destination = call.destination { move(call.path.string, to: destination.string) }
        default: break
        }
        return .proceed
    }

    /// A file takes the place of another, or a directory a name, with what is known of its names.
    private func move(_ path: String, to destination: String) {
        guard Self.status(path)?.isDirectory == true else { return forget(destination) }
        state.withLock { $0.names[destination] = $0.names.removeValue(forKey: path) }
    }

    /// A file goes, for good, and another can get its inode.
    private func forget(_ path: String) {
        guard let inode = Self.status(path)?.inode else { return }
        state.withLock { state in
            state.lengths[inode] = nil
            state.names = state.names.mapValues { $0.filter { $0.value != inode } }
        }
    }

    /// What is there as a sync begins will be on the disk.
    private func note(_ path: String) {
        guard let status = Self.status(path) else { return }
        if status.isDirectory {
            let names = Self.inodes(in: path)
            state.withLock { $0.names[path] = names }
        } else {
            state.withLock { $0.lengths[status.inode] = status.size }
        }
    }

    /// From now on every call fails: as good as dead.
    func stop() { state.withLock { $0.isDead = true } }

    /// Calls succeed again, and are no longer watched.
    func remove() { injector.withLock { $0.take() }?.remove() }

    /// What a killed process leaves: everything.
    func copyAfterKill(to destination: FilePath) throws { try Fixtures.copy(root, to: destination) }

    /// What a power loss leaves: what was synced, and of the rest any beginning, perhaps with zeros behind it.
    func copyAfterPowerLoss(to destination: FilePath, _ random: inout SplitMix64) throws {
        try Fixtures.copy(root, to: destination)
        let state = state.withLock { $0 }
        for name in try FileManager.default.contentsOfDirectory(atPath: root.string).sorted() where isDirectory(name) {
            let (source, copy) = (root.appending(name).string, destination.appending(name).string)
            for (file, inode) in Self.inodes(in: source).sorted(by: { $0.key < $1.key }) {
                try loseTail(of: "\(copy)/\(file)", from: state.lengths[inode] ?? 0, &random)
            }
            // The names go together, as a journal would have them.
            if random.chance(oneIn: 2), let names = state.names[source] {
                try restore(names, now: Self.inodes(in: source), in: copy)
            }
        }
    }

    private func loseTail(of path: String, from synced: Int64, _ random: inout SplitMix64) throws {
        guard let size = Self.status(path)?.size, size > synced else { return }
        let kept =
            [synced, size, Int64.random(in: synced...size, using: &random)].randomElement(using: &random) ?? size
        let hasZeros = random.chance(oneIn: 3)
        let file = try File.open(FilePath(path), .readWrite)
        try file.truncate(to: kept)
        if hasZeros { try file.truncate(to: size) }
        try file.close()
    }

    /// Takes back what was made, and what was renamed, since a directory was synced.
    private func restore(_ names: [String: UInt64], now: [String: UInt64], in directory: String) throws {
        let files = FileManager.default
        let old = Dictionary(uniqueKeysWithValues: names.map { ($1, $0) })
        for (name, inode) in now where names[name] == nil {
            if let previous = old[inode], now[previous] == nil {
                try files.moveItem(atPath: "\(directory)/\(name)", toPath: "\(directory)/\(previous)")
            } else {
                try files.removeItem(atPath: "\(directory)/\(name)")
            }
        }
    }

    private func isDirectory(_ name: String) -> Bool { Self.status(root.appending(name).string)?.isDirectory == true }

    // Not LinuxIO's own calls, which would be watched in turn.
    private static func status(_ path: String) -> (inode: UInt64, size: Int64, isDirectory: Bool)? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let inode = attributes[.systemFileNumber] as? UInt64, let size = attributes[.size] as? UInt64
        else { return nil }
        return (inode, Int64(size), attributes[.type] as? FileAttributeType == .typeDirectory)
    }

    private static func inodes(in directory: String) -> [String: UInt64] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.reduce(into: [:]) { $0[$1] = status("\(directory)/\($1)")?.inode }
    }
}
