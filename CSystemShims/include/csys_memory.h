#pragma once

// What the address sanitizer is told of memory; nothing happens in programs that are built without it.

#include <stddef.h>

/// From now on the sanitizer stops the program when it touches the memory. It does not see what the kernel does.
void csys_memory_forbid(const void *start, size_t count);

/// The memory may be used again.
void csys_memory_allow(const void *start, size_t count);
