#include "csys_thread.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void csys_thread_set_name(const char *name) {
    char first[16] = {0};  // a longer name is refused as a whole
    strncpy(first, name, sizeof first - 1);
    (void)pthread_setname_np(pthread_self(), first);
}

void csys_thread_block_signals(void) {
    static const int own[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS, SIGPROF};
    sigset_t others;
    sigfillset(&others);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) sigdelset(&others, own[i]);
    (void)pthread_sigmask(SIG_BLOCK, &others, NULL);
}

void csys_futex_wait(const uint32_t *word, uint32_t expected) {
    (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

void csys_futex_wake(const uint32_t *word) {
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void csys_futex_wake_all(const uint32_t *word) {
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

uint32_t csys_processor_count(void) {
    cpu_set_t set;
    // Fails where the machine has more processors than a set holds: 1024.
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1024;
    return count > 0 ? (uint32_t)count : 1;
}
