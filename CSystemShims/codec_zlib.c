#include "csys_codec.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// zlib's "window bits": the largest window, and 16 more to ask for the gzip wrapper rather than zlib's own.
#define GZIP_WINDOW_BITS (15 + 16)
#define MEMORY_LEVEL 8

struct csys_gzip_encoder {
    z_stream stream;
    int level;
    int is_open;
};

struct csys_gzip_decoder {
    z_stream stream;
};

csys_gzip_encoder *csys_gzip_encoder_create(void)
{
    // The stream is opened with the first level that is asked for.
    return calloc(1, sizeof(csys_gzip_encoder));
}

void csys_gzip_encoder_free(csys_gzip_encoder *encoder)
{
    if (encoder == NULL) {
        return;
    }
    if (encoder->is_open) {
        deflateEnd(&encoder->stream);
    }
    free(encoder);
}

size_t csys_gzip_encode_bound(size_t input_count)
{
    // compressBound is for the same window and memory level in zlib's own wrapper: 6 bytes, where gzip's takes 18.
    return compressBound(input_count) + 12;
}

static int open_stream(csys_gzip_encoder *encoder, int level)
{
    if (encoder->is_open && encoder->level == level) {
        return deflateReset(&encoder->stream);
    }
    if (encoder->is_open) {
        deflateEnd(&encoder->stream);
        encoder->is_open = 0;
    }
    memset(&encoder->stream, 0, sizeof encoder->stream);
    int status =
        deflateInit2(&encoder->stream, level, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
    encoder->is_open = status == Z_OK;
    encoder->level = level;
    return status;
}

ptrdiff_t csys_gzip_encode(csys_gzip_encoder *encoder, int level, const void *input, size_t input_count, void *output,
                           size_t output_capacity)
{
    if (input_count > INT32_MAX || output_capacity > INT32_MAX) {
        return CSYS_CODEC_MISUSE;
    }
    int status = open_stream(encoder, level);
    if (status != Z_OK) {
        return status == Z_MEM_ERROR ? CSYS_CODEC_NO_MEMORY : CSYS_CODEC_MISUSE;
    }
    z_stream *stream = &encoder->stream;
    stream->next_in = (Bytef *)(uintptr_t)input;  // zlib does not write to it
    stream->avail_in = (uInt)input_count;
    stream->next_out = output;
    stream->avail_out = (uInt)output_capacity;
    status = deflate(stream, Z_FINISH);
    if (status == Z_STREAM_END) {
        return (ptrdiff_t)(output_capacity - stream->avail_out);
    }
    return status == Z_OK || status == Z_BUF_ERROR ? CSYS_CODEC_NEEDS_MORE : CSYS_CODEC_MISUSE;
}

csys_gzip_decoder *csys_gzip_decoder_create(void)
{
    csys_gzip_decoder *decoder = calloc(1, sizeof(csys_gzip_decoder));
    if (decoder != NULL && inflateInit2(&decoder->stream, GZIP_WINDOW_BITS) != Z_OK) {
        free(decoder);
        decoder = NULL;
    }
    return decoder;
}

void csys_gzip_decoder_free(csys_gzip_decoder *decoder)
{
    if (decoder != NULL) {
        inflateEnd(&decoder->stream);
        free(decoder);
    }
}

ptrdiff_t csys_gzip_decode(csys_gzip_decoder *decoder, const void *input, size_t input_count, void *output,
                           size_t output_capacity)
{
    if (input_count > INT32_MAX || output_capacity > INT32_MAX) {
        return CSYS_CODEC_MISUSE;
    }
    z_stream *stream = &decoder->stream;
    stream->next_in = (Bytef *)(uintptr_t)input;  // zlib does not write to it
    stream->avail_in = (uInt)input_count;
    stream->next_out = output;
    stream->avail_out = (uInt)output_capacity;
    // One member a turn. A member takes at least its 18 bytes of wrapper, so that the turns are bounded by the input.
    do {
        if (inflateReset(stream) != Z_OK) {
            return CSYS_CODEC_MISUSE;
        }
        switch (inflate(stream, Z_FINISH)) {
        case Z_STREAM_END:
            break;
        case Z_OK:
        case Z_BUF_ERROR:
            // Out of room, or out of input. Where it is both, a larger output shows which.
            return stream->avail_out == 0 ? CSYS_CODEC_NEEDS_MORE : CSYS_CODEC_CORRUPT;
        case Z_MEM_ERROR:
            return CSYS_CODEC_NO_MEMORY;
        default:
            return CSYS_CODEC_CORRUPT;
        }
    } while (stream->avail_in > 0);
    return (ptrdiff_t)(output_capacity - stream->avail_out);
}
