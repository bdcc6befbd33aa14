#include "csys_codec.h"

#include <zstd.h>
#include <zstd_errors.h>

// The opaque types of the header are the library's contexts themselves.
static ZSTD_CCtx *encoder_context(csys_zstd_encoder *encoder) { return (ZSTD_CCtx *)encoder; }
static ZSTD_DCtx *decoder_context(csys_zstd_decoder *decoder) { return (ZSTD_DCtx *)decoder; }

static ptrdiff_t outcome(size_t result, int corrupt_or_misuse)
{
    if (!ZSTD_isError(result)) {
        return (ptrdiff_t)result;
    }
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_dstSize_tooSmall:
        return CSYS_CODEC_NEEDS_MORE;
    case ZSTD_error_memory_allocation:
        return CSYS_CODEC_NO_MEMORY;
    default:
        return corrupt_or_misuse;
    }
}

csys_zstd_encoder *csys_zstd_encoder_create(void) { return (csys_zstd_encoder *)ZSTD_createCCtx(); }

void csys_zstd_encoder_free(csys_zstd_encoder *encoder) { ZSTD_freeCCtx(encoder_context(encoder)); }

size_t csys_zstd_encode_bound(size_t input_count) { return ZSTD_compressBound(input_count); }

ptrdiff_t csys_zstd_encode(csys_zstd_encoder *encoder, int level, const void *input, size_t input_count, void *output,
                           size_t output_capacity)
{
    if (input_count > INT32_MAX || output_capacity > INT32_MAX) {
        return CSYS_CODEC_MISUSE;
    }
    size_t set = ZSTD_CCtx_setParameter(encoder_context(encoder), ZSTD_c_compressionLevel, level);
    if (ZSTD_isError(set)) {
        return outcome(set, CSYS_CODEC_MISUSE);
    }
    // Begins anew whatever became of the frame before: compress2 resets the session, and keeps the parameters.
    return outcome(ZSTD_compress2(encoder_context(encoder), output, output_capacity, input, input_count),
                   CSYS_CODEC_MISUSE);
}

csys_zstd_decoder *csys_zstd_decoder_create(void) { return (csys_zstd_decoder *)ZSTD_createDCtx(); }

void csys_zstd_decoder_free(csys_zstd_decoder *decoder) { ZSTD_freeDCtx(decoder_context(decoder)); }

ptrdiff_t csys_zstd_decode(csys_zstd_decoder *decoder, const void *input, size_t input_count, void *output,
                           size_t output_capacity)
{
    if (input_count > INT32_MAX || output_capacity > INT32_MAX) {
        return CSYS_CODEC_MISUSE;
    }
    return outcome(ZSTD_decompressDCtx(decoder_context(decoder), output, output_capacity, input, input_count),
                   CSYS_CODEC_CORRUPT);
}
