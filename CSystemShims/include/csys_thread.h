#pragma once

// Calls on threads that Swift does not see.

#include <stdint.h>

/// Names the calling thread, as /proc and debuggers show it; Linux keeps the first 15 bytes.
void csys_thread_set_name(const char *name);

/// Blocks signals in the calling thread, so that the process's handlers run on threads that expect it. Those that the
/// thread brings on itself (SIGSEGV, SIGILL, ...) stay open: blocked, they would end the process without a backtrace.
void csys_thread_block_signals(void);

/// Waits until csys_futex_wake is called for the same word, if the word holds `expected`; else, and after a signal, it
/// returns at once. Among threads of one process: futex(2), FUTEX_WAIT_PRIVATE.
void csys_futex_wait(const uint32_t *word, uint32_t expected);

/// Wakes one thread that waits on the word.
void csys_futex_wake(const uint32_t *word);

/// Wakes all threads that wait on the word.
void csys_futex_wake_all(const uint32_t *word);

/// How many processors the calling thread may run on, at least 1: sched_getaffinity(2).
uint32_t csys_processor_count(void);
