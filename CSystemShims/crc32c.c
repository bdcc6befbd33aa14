#include "csys_crc32c.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif
#endif

// "The register" is the running remainder, its bits reflected: bit 31 is the coefficient of x^0. A checksum is its
// complement.
#define POLYNOMIAL 0x82F63B78u

// slice[k][b]: the register after byte b and then k zero bytes. Slicing by eight takes one look-up for each byte of a
// word, and the eight look-ups do not wait for each other.
static uint32_t slice[8][256];

static uint64_t load64(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static uint32_t step_portable(uint32_t reg, uint8_t byte)
{
    return (reg >> 8) ^ slice[0][(reg ^ byte) & 0xFF];
}

uint32_t csys_crc32c_portable(uint32_t crc, const void *bytes, size_t count)
{
    const uint8_t *next = bytes;
    uint32_t reg = ~crc;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word = load64(next);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        word ^= reg;
        reg = slice[7][word & 0xFF] ^ slice[6][(word >> 8) & 0xFF] ^ slice[5][(word >> 16) & 0xFF] ^
              slice[4][(word >> 24) & 0xFF] ^ slice[3][(word >> 32) & 0xFF] ^ slice[2][(word >> 40) & 0xFF] ^
              slice[1][(word >> 48) & 0xFF] ^ slice[0][word >> 56];
    }
    for (; count > 0; count--) {
        reg = step_portable(reg, *next++);
    }
    return ~reg;
}

static void make_slices(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t reg = byte;
        for (int bit = 0; bit < 8; bit++) {
            reg = (reg >> 1) ^ (reg & 1 ? POLYNOMIAL : 0);
        }
        slice[0][byte] = reg;
    }
    for (int k = 1; k < 8; k++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            slice[k][byte] = step_portable(slice[k - 1][byte], 0);
        }
    }
}

// The processor's CRC instruction takes eight bytes, has a latency of three cycles, and can start in every cycle. So
// three neighbouring lanes of the input are run side by side, and their registers joined:
//
//     register after A || B  =  (register after A, then |B| zero bytes)  xor  (register of B, from 0)
//
// "Then n zero bytes" is a linear map over GF(2); for the two lane lengths in use it is kept as a table for each byte
// of the register, so that joining costs four look-ups.
#if defined(__x86_64__)

#define HARDWARE_NAME "sse4.2"
#define HARDWARE_TARGET __attribute__((target("sse4.2")))

HARDWARE_TARGET static inline uint32_t step8(uint32_t reg, uint64_t word)
{
    return (uint32_t)_mm_crc32_u64(reg, word);
}

HARDWARE_TARGET static inline uint32_t step1(uint32_t reg, uint8_t byte)
{
    return _mm_crc32_u8(reg, byte);
}

static int hardware_is_present(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") != 0;
}

#elif defined(__aarch64__) && defined(__linux__)

#define HARDWARE_NAME "armv8-crc"
#define HARDWARE_TARGET __attribute__((target("crc")))

HARDWARE_TARGET static inline uint32_t step8(uint32_t reg, uint64_t word)
{
    return __builtin_arm_crc32cd(reg, word);
}

HARDWARE_TARGET static inline uint32_t step1(uint32_t reg, uint8_t byte)
{
    return __builtin_arm_crc32cb(reg, byte);
}

static int hardware_is_present(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }

#endif

#ifdef HARDWARE_TARGET

typedef struct {
    uint32_t of_byte[4][256];
} shift_table;

typedef struct {
    uint32_t column[32];
} shift_matrix;

// Lengths are powers of two, so that their maps come from squaring the map for one byte.
#define LONG_LANE_LOG2 11
#define SHORT_LANE_LOG2 7
#define LONG_LANE ((size_t)1 << LONG_LANE_LOG2)
#define SHORT_LANE ((size_t)1 << SHORT_LANE_LOG2)

static shift_table long_shift;
static shift_table short_shift;

static uint32_t apply(const shift_matrix *matrix, uint32_t reg)
{
    uint32_t sum = 0;
    for (int bit = 0; reg != 0; bit++, reg >>= 1) {
        sum ^= reg & 1 ? matrix->column[bit] : 0;
    }
    return sum;
}

static void make_shift(shift_table *table, int length_log2)
{
    shift_matrix matrix;
    for (int bit = 0; bit < 32; bit++) {
        matrix.column[bit] = step_portable((uint32_t)1 << bit, 0);
    }
    for (int power = 0; power < length_log2; power++) {
        shift_matrix square;
        for (int bit = 0; bit < 32; bit++) {
            square.column[bit] = apply(&matrix, matrix.column[bit]);
        }
        matrix = square;
    }
    for (int k = 0; k < 4; k++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            table->of_byte[k][byte] = apply(&matrix, byte << (8 * k));
        }
    }
}

static inline uint32_t shift(const shift_table *table, uint32_t reg)
{
    return table->of_byte[0][reg & 0xFF] ^ table->of_byte[1][(reg >> 8) & 0xFF] ^
           table->of_byte[2][(reg >> 16) & 0xFF] ^ table->of_byte[3][reg >> 24];
}

// Three lanes of `lane` bytes each. Always inlined, so that the length is a constant in the loop.
HARDWARE_TARGET __attribute__((always_inline)) static inline uint32_t step_lanes(
    uint32_t reg, const uint8_t *bytes, size_t lane, const shift_table *table)
{
    uint32_t first = reg, second = 0, third = 0;
    for (size_t at = 0; at < lane; at += 8) {
        first = step8(first, load64(bytes + at));
        second = step8(second, load64(bytes + lane + at));
        third = step8(third, load64(bytes + 2 * lane + at));
    }
    return shift(table, shift(table, first) ^ second) ^ third;
}

HARDWARE_TARGET static uint32_t crc32c_hardware(uint32_t crc, const void *bytes, size_t count)
{
    const uint8_t *next = bytes;
    uint32_t reg = ~crc;
    for (; count >= 3 * LONG_LANE; count -= 3 * LONG_LANE, next += 3 * LONG_LANE) {
        reg = step_lanes(reg, next, LONG_LANE, &long_shift);
    }
    for (; count >= 3 * SHORT_LANE; count -= 3 * SHORT_LANE, next += 3 * SHORT_LANE) {
        reg = step_lanes(reg, next, SHORT_LANE, &short_shift);
    }
    for (; count >= 8; count -= 8, next += 8) {
        reg = step8(reg, load64(next));
    }
    for (; count > 0; count--) {
        reg = step1(reg, *next++);
    }
    return ~reg;
}

#endif

static uint32_t (*implementation)(uint32_t, const void *, size_t) = csys_crc32c_portable;
static const char *implementation_name = "portable";

// Runs before every constructor without a priority, and so before any code that could ask for a checksum. What it
// writes never changes afterwards: a thread that is started later sees it without further ado.
__attribute__((constructor(101))) static void choose_implementation(void)
{
    make_slices();
#ifdef HARDWARE_TARGET
    if (hardware_is_present()) {
        make_shift(&long_shift, LONG_LANE_LOG2);
        make_shift(&short_shift, SHORT_LANE_LOG2);
        implementation = crc32c_hardware;
        implementation_name = HARDWARE_NAME;
    }
#endif
}

uint32_t csys_crc32c(uint32_t crc, const void *bytes, size_t count) { return implementation(crc, bytes, count); }

const char *csys_crc32c_implementation(void) { return implementation_name; }
