#include "csys_codec.h"

#include <lz4frame.h>
#include <string.h>

// The opaque types of the header are the library's contexts themselves.
static LZ4F_cctx *encoder_context(csys_lz4_encoder *encoder) { return (LZ4F_cctx *)encoder; }
static LZ4F_dctx *decoder_context(csys_lz4_decoder *decoder) { return (LZ4F_dctx *)decoder; }

// The codes behind the library's errors are not in its stable interface, their names are.
static ptrdiff_t outcome_of_error(size_t error, int otherwise)
{
    return strcmp(LZ4F_getErrorName(error), "ERROR_allocation_failed") == 0 ? CSYS_CODEC_NO_MEMORY : otherwise;
}

static LZ4F_preferences_t preferences(int level)
{
    LZ4F_preferences_t chosen = LZ4F_INIT_PREFERENCES;
    chosen.frameInfo.blockSizeID = LZ4F_max64KB;
    chosen.frameInfo.blockMode = LZ4F_blockIndependent;
    chosen.compressionLevel = level;
    chosen.autoFlush = 1;  // compress from the caller's buffer, with no copy into the context
    return chosen;
}

csys_lz4_encoder *csys_lz4_encoder_create(void)
{
    LZ4F_cctx *context = NULL;
    return LZ4F_isError(LZ4F_createCompressionContext(&context, LZ4F_VERSION)) ? NULL : (csys_lz4_encoder *)context;
}

void csys_lz4_encoder_free(csys_lz4_encoder *encoder) { LZ4F_freeCompressionContext(encoder_context(encoder)); }

size_t csys_lz4_encode_bound(size_t input_count)
{
    LZ4F_preferences_t chosen = preferences(0);
    return LZ4F_HEADER_SIZE_MAX + LZ4F_compressBound(input_count, &chosen);
}

ptrdiff_t csys_lz4_encode(csys_lz4_encoder *encoder, int level, const void *input, size_t input_count, void *output,
                          size_t output_capacity)
{
    if (input_count > INT32_MAX || output_capacity > INT32_MAX) {
        return CSYS_CODEC_MISUSE;
    }
    // The library wants the room for the worst case at every step, whatever the input turns out to need.
    if (output_capacity < csys_lz4_encode_bound(input_count)) {
        return CSYS_CODEC_NEEDS_MORE;
    }
    LZ4F_preferences_t chosen = preferences(level);
    LZ4F_cctx *context = encoder_context(encoder);
    char *next = output;
    size_t room = output_capacity;
    size_t written = LZ4F_compressBegin(context, next, room, &chosen);
    if (LZ4F_isError(written)) {
        return outcome_of_error(written, CSYS_CODEC_MISUSE);
    }
    next += written;
    room -= written;
    written = LZ4F_compressUpdate(context, next, room, input, input_count, NULL);
    if (LZ4F_isError(written)) {
        return outcome_of_error(written, CSYS_CODEC_MISUSE);
    }
    next += written;
    room -= written;
    written = LZ4F_compressEnd(context, next, room, NULL);
    if (LZ4F_isError(written)) {
        return outcome_of_error(written, CSYS_CODEC_MISUSE);
    }
    return next + written - (char *)output;
}

csys_lz4_decoder *csys_lz4_decoder_create(void)
{
    LZ4F_dctx *context = NULL;
    return LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) ? NULL : (csys_lz4_decoder *)context;
}

void csys_lz4_decoder_free(csys_lz4_decoder *decoder) { LZ4F_freeDecompressionContext(decoder_context(decoder)); }

ptrdiff_t csys_lz4_decode(csys_lz4_decoder *decoder, const void *input, size_t input_count, void *output,
                          size_t output_capacity)
{
    if (input_count > INT32_MAX || output_capacity > INT32_MAX) {
        return CSYS_CODEC_MISUSE;
    }
    LZ4F_dctx *context = decoder_context(decoder);
    LZ4F_resetDecompressionContext(context);
    // The output stays where it is until the last frame ends, so that linked blocks need no copy of their history.
    LZ4F_decompressOptions_t options = {.stableDst = 1};
    const char *next_in = input;
    char *next_out = output;
    size_t left = input_count, room = output_capacity;
    // What the library still wants of the current frame; 0 between frames.
    size_t wanted = 0;
    while (left > 0) {
        size_t consumed = left, produced = room;
        wanted = LZ4F_decompress(context, next_out, &produced, next_in, &consumed, &options);
        if (LZ4F_isError(wanted)) {
            return outcome_of_error(wanted, CSYS_CODEC_CORRUPT);
        }
        if (consumed == 0 && produced == 0) {
            break;
        }
        next_in += consumed;
        left -= consumed;
        next_out += produced;
        room -= produced;
    }
    if (left == 0 && wanted == 0) {
        return next_out - (char *)output;
    }
    // Out of room, or out of input. Where it is both, a larger output shows which.
    return room == 0 ? CSYS_CODEC_NEEDS_MORE : CSYS_CODEC_CORRUPT;
}
