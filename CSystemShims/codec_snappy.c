#include "csys_codec.h"

#include <snappy-c.h>

ptrdiff_t csys_snappy_encode(const void *input, size_t input_count, void *output, size_t output_capacity)
{
    if (input_count > INT32_MAX || output_capacity > INT32_MAX) {
        return CSYS_CODEC_MISUSE;
    }
    size_t count = output_capacity;
    // Refuses any output smaller than the worst case, whatever the input turns out to need.
    return snappy_compress(input, input_count, output, &count) == SNAPPY_OK ? (ptrdiff_t)count : CSYS_CODEC_NEEDS_MORE;
}

size_t csys_snappy_encode_bound(size_t input_count) { return snappy_max_compressed_length(input_count); }

ptrdiff_t csys_snappy_decoded_count(const void *input, size_t input_count)
{
    size_t count = 0;
    if (snappy_uncompressed_length(input, input_count, &count) != SNAPPY_OK || count > INT32_MAX) {
        return CSYS_CODEC_CORRUPT;
    }
    return (ptrdiff_t)count;
}

ptrdiff_t csys_snappy_decode(const void *input, size_t input_count, void *output, size_t output_capacity)
{
    if (input_count > INT32_MAX || output_capacity > INT32_MAX) {
        return CSYS_CODEC_MISUSE;
    }
    size_t count = output_capacity;
    switch (snappy_uncompress(input, input_count, output, &count)) {
    case SNAPPY_OK:
        return (ptrdiff_t)count;
    case SNAPPY_BUFFER_TOO_SMALL:
        return CSYS_CODEC_NEEDS_MORE;
    default:
        return CSYS_CODEC_CORRUPT;
    }
}
