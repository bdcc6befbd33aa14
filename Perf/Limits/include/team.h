// Threads that do the same thing at the same time.
#pragma once

#include <stddef.h>

// Runs `body` on `count` threads, each with its number, and returns the seconds from when all were ready to when all were
// done; -errno if a thread could not be started, or the first error that a body returned.
double team_run(size_t count, int (*body)(void *context, size_t member), void *context);
