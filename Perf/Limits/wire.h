// Integers as they go over the wire, and stand in batches.
#pragma once

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint8_t *put_16(uint8_t *at, int16_t value)
{
    uint16_t raw = htobe16((uint16_t)value);
    memcpy(at, &raw, sizeof raw);
    return at + sizeof raw;
}

static inline uint8_t *put_32(uint8_t *at, int32_t value)
{
    uint32_t raw = htobe32((uint32_t)value);
    memcpy(at, &raw, sizeof raw);
    return at + sizeof raw;
}

static inline uint8_t *put_64(uint8_t *at, int64_t value)
{
    uint64_t raw = htobe64((uint64_t)value);
    memcpy(at, &raw, sizeof raw);
    return at + sizeof raw;
}

static inline int16_t get_16(const uint8_t *at)
{
    uint16_t raw;
    memcpy(&raw, at, sizeof raw);
    return (int16_t)be16toh(raw);
}

static inline int32_t get_32(const uint8_t *at)
{
    uint32_t raw;
    memcpy(&raw, at, sizeof raw);
    return (int32_t)be32toh(raw);
}

static inline int64_t get_64(const uint8_t *at)
{
    uint64_t raw;
    memcpy(&raw, at, sizeof raw);
    return (int64_t)be64toh(raw);
}
