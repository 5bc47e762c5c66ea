/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/pack.h
 * @brief Big-endian binary records: a writer over tsec_buf, and a reader with sticky failure.
 *
 * A reader is used straight down and asked once at the end: after the first short read every
 * further read returns zero or an empty span, and tsec_reader_end() fails.  Trailing bytes are a
 * failure too.  LP(x) = u32be length ‖ x.
 */
#ifndef TSEC_CODEC_PACK_H
#define TSEC_CODEC_PACK_H

#include "base/buf.h"

void tsec_pack_u8(struct tsec_buf *out, uint8_t v);
void tsec_pack_u16(struct tsec_buf *out, uint16_t v);
void tsec_pack_u32(struct tsec_buf *out, uint32_t v);
void tsec_pack_u64(struct tsec_buf *out, uint64_t v);
void tsec_pack_i64(struct tsec_buf *out, int64_t v);
/** LP(bytes). */
void tsec_pack_bytes(struct tsec_buf *out, struct tsec_span bytes);
void tsec_pack_str(struct tsec_buf *out, const char *text);

struct tsec_reader {
    struct tsec_span rest;
    bool failed;
};

static inline struct tsec_reader
tsec_reader(struct tsec_span bytes)
{
    return (struct tsec_reader){ bytes, false };
}

uint8_t tsec_read_u8(struct tsec_reader *in);
uint16_t tsec_read_u16(struct tsec_reader *in);
uint32_t tsec_read_u32(struct tsec_reader *in);
uint64_t tsec_read_u64(struct tsec_reader *in);
int64_t tsec_read_i64(struct tsec_reader *in);
/** Exactly `len` bytes, borrowed from the input. */
struct tsec_span tsec_read_fixed(struct tsec_reader *in, size_t len);
/** LP; fails when longer than `max`. */
struct tsec_span tsec_read_bytes(struct tsec_reader *in, size_t max);

/** TSEC_E_INVALID when anything was short or is left over. */
TSEC_MUST_CHECK tsec_rc tsec_reader_end(const struct tsec_reader *in, const char *what,
                                        struct tsec_err *err);

#endif
