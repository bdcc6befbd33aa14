package import LinuxIO

extension LogDirectory {
    /// How large the directory's file system is, and how much of it is free.
    ///
    /// Asked for on the thread that keeps house, since a file system may take its time.
    /// - Throws: What statvfs(3) does.
    package func space() async throws(LogError) -> FileSystemSpace {
        let path = path
        return try await services.housekeeper.run { () throws(LogError) in
            do throws(IOError) {
                return try FileSystem.space(path)
            } catch {
                throw LogError(error)
            }
        }
    }
}
