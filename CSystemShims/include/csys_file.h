#pragma once

// File, directory and descriptor calls of Linux, one C function each.
//
// Every function makes one system call (the directory stream is the exception) and returns its result, or
// -errno when it fails: the caller never reads `errno`, which a thread switch or another call could have
// replaced by then. Nothing is retried here: EINTR and short transfers are the caller's to continue, so that
// each of them can be seen, counted and provoked in one place. Paths are NUL-terminated.

#include <stddef.h>
#include <stdint.h>

/// The symbolic name of an errno value ("ENOSPC"), or NULL when it has none. A static string.
const char *csys_errno_name(int number);

// ---- Descriptors ----

int csys_open(const char *path, int flags, unsigned mode);
int csys_close(int fd);

/// What stat(2) tells, without the layout of `struct stat`, which differs between machines.
typedef struct csys_status {
    uint64_t device;
    uint64_t inode;
    int64_t size;             ///< bytes
    int64_t allocated_bytes;  ///< bytes of disk space held, whole blocks
    int64_t modified_s;       ///< seconds since 1970
    int64_t modified_ns;      ///< nanoseconds within that second
    uint32_t mode;            ///< type and permission bits
    uint32_t links;
} csys_status;

int csys_fstat(int fd, csys_status *status);
/// Does not follow a symbolic link in the last component.
int csys_lstat(const char *path, csys_status *status);
/// Follows symbolic links.
int csys_stat(const char *path, csys_status *status);

/// What statvfs(3) tells of a file system's room.
typedef struct csys_space {
    uint64_t block_bytes;    ///< what one block of the other two has
    uint64_t blocks;         ///< in all
    uint64_t usable_blocks;  ///< free for those who are not root
} csys_space;

int csys_statvfs(const char *path, csys_space *space);

// ---- Transfers; bytes moved, or -errno ----

int64_t csys_pread(int fd, void *bytes, size_t count, int64_t position);
int64_t csys_pwrite(int fd, const void *bytes, size_t count, int64_t position);

/// Flags of csys_pread_flags and csys_pwrite_flags; numbers of the kernel's, because libc headers older than the kernel
/// lack some.
enum {
    CSYS_READ_NOWAIT = 0x08,     ///< RWF_NOWAIT: -EAGAIN instead of waiting for a disk
    CSYS_READ_DONTCACHE = 0x80,  ///< RWF_DONTCACHE (Linux 6.14): pages read in are dropped afterwards
    /// RWF_DONTCACHE of a write: writeback starts at once, and the pages are dropped after it
    CSYS_WRITE_DONTCACHE = 0x80,
};

/// preadv2(2) of one range. -EOPNOTSUPP when the kernel or the file system does not know a flag.
int64_t csys_pread_flags(int fd, void *bytes, size_t count, int64_t position, int flags);

/// pwritev2(2) of one range. -EOPNOTSUPP when the kernel or the file system does not know a flag.
int64_t csys_pwrite_flags(int fd, const void *bytes, size_t count, int64_t position, int flags);

int64_t csys_copy_file_range(int from, int64_t from_position, int to, int64_t to_position, size_t count);

// ---- Durability, space and the page cache ----

int csys_fsync(int fd);
int csys_fdatasync(int fd);
int csys_ftruncate(int fd, int64_t size);
/// fallocate(2) with FALLOC_FL_KEEP_SIZE: blocks are reserved and the size of the file stays.
int csys_reserve(int fd, int64_t position, int64_t count);
/// sync_file_range(2) with SYNC_FILE_RANGE_WRITE: starts writing dirty pages, and promises nothing.
int csys_start_writeback(int fd, int64_t position, int64_t count);
/// posix_fadvise(2) with POSIX_FADV_DONTNEED.
int csys_drop_cache(int fd, int64_t position, int64_t count);

/// Pages of a range in the page cache, as cachestat(2) counts them (Linux 6.5).
typedef struct csys_cache_status {
    uint64_t cached;
    uint64_t dirty;
    uint64_t writeback;
    uint64_t evicted;
    uint64_t recently_evicted;
} csys_cache_status;

/// -ENOSYS on a kernel without the call. A count of 0 means "to the end of the file".
int csys_cachestat(int fd, uint64_t position, uint64_t count, csys_cache_status *status);

// ---- Locks between processes ----

/// Takes a write lock on the whole file with fcntl(F_SETLK): -EAGAIN or -EACCES when another process has one.
int csys_lock_file(int fd);
/// The process that holds a lock on the file: 0 when none does, -1 when it cannot be named (a lock of an open
/// file description, or of a process in another PID namespace), < -1: -errno.
int csys_lock_holder(int fd);

// ---- Names ----

int csys_mkdir(const char *path, unsigned mode);
int csys_unlink(const char *path);
int csys_rmdir(const char *path);
int csys_rename(const char *from, const char *to);
/// renameat2(2) with RENAME_NOREPLACE: -EEXIST when `to` exists.
int csys_rename_new(const char *from, const char *to);

/// A stream over the entries of one directory.
typedef struct csys_directory csys_directory;

int csys_directory_open(const char *path, csys_directory **directory);
/// 1 and the next entry, 0 at the end, or -errno. "." and ".." are left out. `name` is valid until the next call
/// on the stream; `type` holds the S_IFMT bits of the entry itself (a symbolic link is not followed).
int csys_directory_next(csys_directory *directory, const char **name, uint32_t *type);
int csys_directory_close(csys_directory *directory);
