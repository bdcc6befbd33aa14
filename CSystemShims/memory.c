#include "csys_memory.h"

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>

void csys_memory_forbid(const void *start, size_t count) { ASAN_POISON_MEMORY_REGION(start, count); }
void csys_memory_allow(const void *start, size_t count) { ASAN_UNPOISON_MEMORY_REGION(start, count); }

#else

void csys_memory_forbid(const void *start, size_t count) {
    (void)start;
    (void)count;
}
void csys_memory_allow(const void *start, size_t count) {
    (void)start;
    (void)count;
}

#endif
