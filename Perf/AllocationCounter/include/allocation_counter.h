/// Counts what the calling thread allocates.
///
/// A program that links this has its own malloc, calloc, realloc, posix_memalign and aligned_alloc, which count and pass
/// on to the C library's. Counting costs one instruction.
#pragma once

#include <stdint.h>

/// How many blocks the calling thread has asked for since it started.
uint64_t allocation_count(void);
