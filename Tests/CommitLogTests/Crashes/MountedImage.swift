import Foundation
import Glibc
import LinuxIO
import SystemPackage
import TestSupport
import Testing

/// A file system in memory or in a file that lies there, mounted where nobody but this process and its children sees it.
///
/// The mounts live in the mount namespace of a process that ends when our end of its input is closed, by whatever end of
/// ours: then they go, and the loop device with them. Their files are reached through `/proc`.
final class MountedImage: Sendable {
    /// A kind of file system.
    enum Kind: String, Sendable, CustomTestStringConvertible {
        case ext4, xfs, tmpfs

        var testDescription: String { rawValue }

        /// The size of the smallest that can be made.
        fileprivate var leastMegabytes: Int { self == .xfs ? 320 : 2 }
    }

    /// The mounted file system's root.
    let path: FilePath
    private let kind: Kind
    private let megabytes: Int
    private let holder: ChildProcess
    /// Where the image lies, and where it is mounted.
    private let store: FilePath
    private let mountPoint: FilePath
    private var image: FilePath { store.appending("image") }

    /// Makes a file system and mounts it.
    ///
    /// Waits for other processes.
    ///
    /// - Parameter megabytes: its size in MiB, if it can be that small.
    init(_ kind: Kind, megabytes: Int, in directory: FilePath) throws {
        self.kind = kind
        self.megabytes = max(megabytes, kind.leastMegabytes)
        store = directory.appending("store")
        mountPoint = directory.appending("mnt")
        for path in [store, mountPoint] { try FileSystem.createDirectory(path, withIntermediate: true) }
        holder = try ChildProcess("unshare", ["--mount", "--propagation", "private", "sh", "-c", "echo; exec cat"])
        path = FilePath("/proc/\(holder.pid)/root\(mountPoint)")
        guard !holder.read().isEmpty else { throw TestSupportError("unshare(1) cannot make a mount namespace") }
        if kind != .tmpfs {
            try run("mount", "-t", "tmpfs", "-o", "size=\(self.megabytes + 1)m", "millrace-test", store.string)
            try run("truncate", "-s", "\(self.megabytes)M", image.string)
            switch kind {
            // Without blocks that only root may use, so that a full one is full.
            case .ext4: try run("mkfs.ext4", "-q", "-F", "-m", "0", image.string)
            default: try run("mkfs.\(kind)", "-q", image.string)
            }
        }
        try mount()
    }

    deinit {
        holder.endInput()
        holder.wait()
    }

    /// Loses what is not on the disk: from now on nothing is written any more, as after FS_IOC_SHUTDOWN.
    ///
    /// - Parameter flushesLog: whether the file system's journal, but no data, is written out before.
    func cutPower(flushesLog: Bool) throws {
        let descriptor = open(path.string, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        defer { close(descriptor) }
        // FS_IOC_SHUTDOWN, with FS_SHUTDOWN_FLAGS_LOGFLUSH or FS_SHUTDOWN_FLAGS_NOLOGFLUSH.
        var flags: UInt32 = flushesLog ? 1 : 2
        guard ioctl(descriptor, 0x8004_587d, &flags) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Takes the file system down and mounts what is on its disk.
    func remount() throws {
        // What the kernel still does for a ring of a process that has ended keeps files open for a moment.
        for attempt in 1... {
            do {
                try run("umount", mountPoint.string)
                break
            } catch {
                if attempt == 200 { throw error }
            }
        }
        try mount()
    }

    private func mount() throws {
        switch kind {
        case .tmpfs: try run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "millrace-test", mountPoint.string)
        case .ext4, .xfs: try run("mount", "-t", kind.rawValue, "-o", "loop", image.string, mountPoint.string)
        }
    }

    private func run(_ program: String, _ arguments: String...) throws {
        try ChildProcess.run("nsenter", ["--target", "\(holder.pid)", "--mount", program] + arguments)
    }

    // MARK: Whether it can be had

    /// Whether a file system of this kind can be made and mounted here, which takes root and loop devices.
    static func isPossible(_ kind: Kind) -> Bool { isRequired || (possible[kind] ?? false) }

    /// Whether the suites that need mounts are to fail, and not to be left out, where there are none.
    private static let isRequired = ProcessInfo.processInfo.environment["MILLRACE_MOUNTS"] == "required"

    private static let possible: [Kind: Bool] = {
        guard geteuid() == 0 else { return [:] }
        let directory = Repository.scratch.appending("mounts-\(getpid())")
        defer { try? FileSystem.removeTree(directory) }
        return Dictionary(
            uniqueKeysWithValues: [Kind.ext4, .xfs, .tmpfs].map { kind in
                (kind, (try? MountedImage(kind, megabytes: 2, in: directory)) != nil)
            }
        )
    }()
}

extension Trait where Self == ConditionTrait {
    /// Leaves a test out where a file system of this kind cannot be mounted.
    static func mounting(_ kind: MountedImage.Kind) -> Self {
        .enabled(
            if: MountedImage.isPossible(kind),
            "mounting \(kind) takes root, loop devices and mkfs; MILLRACE_MOUNTS=required makes this a failure"
        )
    }
}
