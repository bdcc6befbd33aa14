#pragma once

#include <stddef.h>
#include <stdint.h>

/// The compression formats of Kafka's record batches, whole buffer to whole buffer.
///
/// Every encode and decode returns the number of bytes that it wrote to `output`, or one of the codes below. None keeps
/// a pointer to its arguments. A decode that reports CSYS_CODEC_NEEDS_MORE is to be repeated with a larger output; what
/// it wrote so far is of no use. Input and output are at most INT32_MAX bytes each, since a batch cannot be larger.
///
/// An encoder or decoder owns the library's tables and is used by one thread at a time. Creating one returns NULL
/// when there is no memory; freeing NULL does nothing.
enum {
    /// The output is too small for the whole result.
    CSYS_CODEC_NEEDS_MORE = -1,
    /// The input is not in the format, ends early, or has bytes behind its end.
    CSYS_CODEC_CORRUPT = -2,
    /// The library could not allocate.
    CSYS_CODEC_NO_MEMORY = -3,
    /// A length is over INT32_MAX, or the library refused its arguments.
    CSYS_CODEC_MISUSE = -4,
};

// Zstandard (RFC 8878). Decodes any number of frames in a row, skippable ones too; allocates no window.

typedef struct csys_zstd_encoder csys_zstd_encoder;
typedef struct csys_zstd_decoder csys_zstd_decoder;

csys_zstd_encoder *csys_zstd_encoder_create(void);
void csys_zstd_encoder_free(csys_zstd_encoder *encoder);
/// `level` as zstd has it, 1...22 or negative; 0 stands for zstd's default.
ptrdiff_t csys_zstd_encode(csys_zstd_encoder *encoder, int level, const void *input, size_t input_count, void *output,
                           size_t output_capacity);
/// Output capacity with which encoding `input_count` bytes always succeeds.
size_t csys_zstd_encode_bound(size_t input_count);

csys_zstd_decoder *csys_zstd_decoder_create(void);
void csys_zstd_decoder_free(csys_zstd_decoder *decoder);
ptrdiff_t csys_zstd_decode(csys_zstd_decoder *decoder, const void *input, size_t input_count, void *output,
                           size_t output_capacity);

// gzip (RFC 1952), by zlib. Decodes any number of members in a row.

typedef struct csys_gzip_encoder csys_gzip_encoder;
typedef struct csys_gzip_decoder csys_gzip_decoder;

csys_gzip_encoder *csys_gzip_encoder_create(void);
void csys_gzip_encoder_free(csys_gzip_encoder *encoder);
/// `level` 1...9, or -1 for zlib's default. Another level than the last one's costs a reallocation.
ptrdiff_t csys_gzip_encode(csys_gzip_encoder *encoder, int level, const void *input, size_t input_count, void *output,
                           size_t output_capacity);
/// Output capacity with which encoding `input_count` bytes always succeeds.
size_t csys_gzip_encode_bound(size_t input_count);

csys_gzip_decoder *csys_gzip_decoder_create(void);
void csys_gzip_decoder_free(csys_gzip_decoder *decoder);
ptrdiff_t csys_gzip_decode(csys_gzip_decoder *decoder, const void *input, size_t input_count, void *output,
                           size_t output_capacity);

// LZ4 frames (LZ4 Frame Format 1.6). Encodes one frame of independent blocks of at most 64 KiB without checksums of the
// content, as Kafka's clients do; decodes any number of frames in a row, skippable ones too.

typedef struct csys_lz4_encoder csys_lz4_encoder;
typedef struct csys_lz4_decoder csys_lz4_decoder;

csys_lz4_encoder *csys_lz4_encoder_create(void);
void csys_lz4_encoder_free(csys_lz4_encoder *encoder);
/// `level` 0 for the fast compressor, 3...12 for the high compressor.
ptrdiff_t csys_lz4_encode(csys_lz4_encoder *encoder, int level, const void *input, size_t input_count, void *output,
                          size_t output_capacity);
/// Output capacity with which encoding `input_count` bytes always succeeds.
size_t csys_lz4_encode_bound(size_t input_count);

csys_lz4_decoder *csys_lz4_decoder_create(void);
void csys_lz4_decoder_free(csys_lz4_decoder *decoder);
ptrdiff_t csys_lz4_decode(csys_lz4_decoder *decoder, const void *input, size_t input_count, void *output,
                          size_t output_capacity);

// One raw snappy block. The format begins with the length of its content. The library has no contexts: encoding
// allocates a table of at most 64 KiB each time.

ptrdiff_t csys_snappy_encode(const void *input, size_t input_count, void *output, size_t output_capacity);
/// Output capacity with which encoding `input_count` bytes always succeeds.
size_t csys_snappy_encode_bound(size_t input_count);
ptrdiff_t csys_snappy_decode(const void *input, size_t input_count, void *output, size_t output_capacity);
/// Length of the content as the block claims it, not yet verified; CSYS_CODEC_CORRUPT if there is none.
ptrdiff_t csys_snappy_decoded_count(const void *input, size_t input_count);
