// What a log engine has to know of a record batch, and nothing more.
#pragma once

#include <csys_crc32c.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wire.h"

enum {
    BATCH_LENGTH = 8,
    BATCH_CRC = 17,
    BATCH_CRC_START = 21,
    BATCH_BASE_TIMESTAMP = 27,
    BATCH_RECORD_COUNT = 57,
    BATCH_HEADER_BYTES = 61,
};

static inline size_t batch_bytes(const uint8_t *batch) { return 12 + (size_t)get_32(batch + BATCH_LENGTH); }

static inline int has_sound_crc(const uint8_t *batch, size_t bytes)
{
    return csys_crc32c(0, batch + BATCH_CRC_START, bytes - BATCH_CRC_START) ==
           (uint32_t)get_32(batch + BATCH_CRC);
}

static inline int64_t read_varint(const uint8_t **next)
{
    uint64_t bits = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*next)++;
        bits |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80 || shift == 63) return (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
    }
}
