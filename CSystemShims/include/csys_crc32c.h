#pragma once

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli; RFC 3720, 12.1 and B.4): the checksum of record batches and of producer snapshots.
///
/// `crc` is the checksum of the bytes that came before (0 for none), so that a checksum can be taken in pieces. The
/// fastest implementation that this processor has is chosen once, before `main`; any thread may call.
uint32_t csys_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same by table, on any processor: the fallback, and what tests hold the others against.
uint32_t csys_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

/// What `csys_crc32c` runs on: "sse4.2", "armv8-crc" or "portable".
const char *csys_crc32c_implementation(void);
