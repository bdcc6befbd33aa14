#include "csys_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// Two numbers that libc may be too old to know; both are the same on every architecture.
#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

_Static_assert(CSYS_READ_NOWAIT == RWF_NOWAIT, "the flag is the kernel's");
#ifdef RWF_DONTCACHE
_Static_assert(CSYS_READ_DONTCACHE == RWF_DONTCACHE, "the flag is the kernel's");
#endif
_Static_assert(sizeof(off_t) == sizeof(int64_t), "positions are 64 bits wide");

static int checked(int result) { return result < 0 ? -errno : result; }

static int64_t checked_count(ssize_t result) { return result < 0 ? -errno : (int64_t)result; }

const char *csys_errno_name(int number) {
#ifdef __GLIBC__
    return strerrorname_np(number);
#else
    (void)number;
    return NULL;
#endif
}

int csys_open(const char *path, int flags, unsigned mode) { return checked(open(path, flags, (mode_t)mode)); }

int csys_close(int fd) { return checked(close(fd)); }

static int filled(int result, const struct stat *from, csys_status *to) {
    if (result < 0) return -errno;
    *to = (csys_status){
        .device = (uint64_t)from->st_dev,
        .inode = (uint64_t)from->st_ino,
        .size = (int64_t)from->st_size,
        .allocated_bytes = (int64_t)from->st_blocks * 512,  // st_blocks counts 512 bytes whatever the block size
        .modified_s = (int64_t)from->st_mtim.tv_sec,
        .modified_ns = (int64_t)from->st_mtim.tv_nsec,
        .mode = (uint32_t)from->st_mode,
        .links = (uint32_t)from->st_nlink,
    };
    return 0;
}

int csys_fstat(int fd, csys_status *status) {
    struct stat raw;
    return filled(fstat(fd, &raw), &raw, status);
}

int csys_lstat(const char *path, csys_status *status) {
    struct stat raw;
    return filled(lstat(path, &raw), &raw, status);
}

int csys_stat(const char *path, csys_status *status) {
    struct stat raw;
    return filled(stat(path, &raw), &raw, status);
}

int csys_statvfs(const char *path, csys_space *space) {
    struct statvfs raw;
    if (statvfs(path, &raw) < 0) return -errno;
    *space = (csys_space){
        .block_bytes = (uint64_t)raw.f_frsize,
        .blocks = (uint64_t)raw.f_blocks,
        .usable_blocks = (uint64_t)raw.f_bavail,
    };
    return 0;
}

int64_t csys_pread(int fd, void *bytes, size_t count, int64_t position) {
    return checked_count(pread(fd, bytes, count, position));
}

int64_t csys_pwrite(int fd, const void *bytes, size_t count, int64_t position) {
    return checked_count(pwrite(fd, bytes, count, position));
}

int64_t csys_pread_flags(int fd, void *bytes, size_t count, int64_t position, int flags) {
    struct iovec range = {.iov_base = bytes, .iov_len = count};
    return checked_count(preadv2(fd, &range, 1, position, flags));
}

int64_t csys_pwrite_flags(int fd, const void *bytes, size_t count, int64_t position, int flags) {
    // The kernel only reads from it; iovec serves both directions and has no const.
    const struct iovec range = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = count};
    return checked_count(pwritev2(fd, &range, 1, position, flags));
}

int64_t csys_copy_file_range(int from, int64_t from_position, int to, int64_t to_position, size_t count) {
    off_t in = from_position, out = to_position;
    return checked_count(copy_file_range(from, &in, to, &out, count, 0));
}

int csys_fsync(int fd) { return checked(fsync(fd)); }

int csys_fdatasync(int fd) { return checked(fdatasync(fd)); }

int csys_ftruncate(int fd, int64_t size) { return checked(ftruncate(fd, size)); }

int csys_reserve(int fd, int64_t position, int64_t count) {
    return checked(fallocate(fd, FALLOC_FL_KEEP_SIZE, position, count));
}

int csys_start_writeback(int fd, int64_t position, int64_t count) {
    return checked(sync_file_range(fd, position, count, SYNC_FILE_RANGE_WRITE));
}

int csys_drop_cache(int fd, int64_t position, int64_t count) {
    return -posix_fadvise(fd, position, count, POSIX_FADV_DONTNEED);  // returns the error number itself
}

int csys_cachestat(int fd, uint64_t position, uint64_t count, csys_cache_status *status) {
    // `struct cachestat_range` of <linux/mman.h>, which libc headers of this age do not have; `struct cachestat`
    // is csys_cache_status field by field.
    const struct {
        uint64_t position, count;
    } range = {position, count};
    return syscall(SYS_cachestat, fd, &range, status, 0) < 0 ? -errno : 0;
}

int csys_lock_file(int fd) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    return checked(fcntl(fd, F_SETLK, &lock));
}

int csys_lock_holder(int fd) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    if (fcntl(fd, F_GETLK, &lock) < 0) return errno == EPERM ? -EACCES : -errno;  // EPERM is 1: -1 has its own meaning
    if (lock.l_type == F_UNLCK) return 0;
    return lock.l_pid > 0 ? (int)lock.l_pid : -1;
}

int csys_mkdir(const char *path, unsigned mode) { return checked(mkdir(path, (mode_t)mode)); }

int csys_unlink(const char *path) { return checked(unlink(path)); }

int csys_rmdir(const char *path) { return checked(rmdir(path)); }

int csys_rename(const char *from, const char *to) { return checked(rename(from, to)); }

int csys_rename_new(const char *from, const char *to) {
    return checked(renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE));
}

// A csys_directory is a DIR under a name of its own, so that <dirent.h> stays out of the public header.

int csys_directory_open(const char *path, csys_directory **directory) {
    DIR *stream = opendir(path);  // opens with O_CLOEXEC
    if (stream == NULL) return -errno;
    *directory = (csys_directory *)stream;
    return 0;
}

int csys_directory_next(csys_directory *directory, const char **name, uint32_t *type) {
    DIR *stream = (DIR *)directory;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL) return -errno;  // 0 at the end
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        *name = entry->d_name;
        *type = (uint32_t)DTTOIF(entry->d_type);
        if (entry->d_type == DT_UNKNOWN) {  // some file systems do not keep the type in the directory
            struct stat raw;
            if (fstatat(dirfd(stream), entry->d_name, &raw, AT_SYMLINK_NOFOLLOW) < 0) {
                if (errno == ENOENT) continue;  // removed since
                return -errno;
            }
            *type = raw.st_mode & S_IFMT;
        }
        return 1;
    }
}

int csys_directory_close(csys_directory *directory) { return checked(closedir((DIR *)directory)); }
