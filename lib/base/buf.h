/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/buf.h
 * @brief An owned, growable run of bytes with a ceiling.
 *
 * Every buffer is treated as if it held plaintext: what it gives back (on growth and when done) is
 * zeroed first.  Appending never partly happens.  After a failed append the buffer is `failed`,
 * further appends do nothing, and tsec_buf_check() says so: a writer may append straight down and
 * test once at the end.
 */
#ifndef TSEC_BASE_BUF_H
#define TSEC_BASE_BUF_H

#include <stdarg.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/span.h"

struct tsec_buf {
    uint8_t *ptr;
    size_t len;
    size_t cap;
    size_t max; /* ceiling; an append past it fails with TSEC_E_TOO_LARGE */
    bool failed;
    bool no_memory; /* failed for want of memory, not for its ceiling */
};

/** Nothing is allocated before the first append. */
#define TSEC_BUF_INIT(ceiling)                                                                 \
    {                                                                                          \
        .ptr = NULL, .len = 0, .cap = 0, .max = (ceiling), .failed = false, .no_memory = false \
    }

void tsec_buf_init(struct tsec_buf *buf, size_t max);
/** Zeroes and frees the bytes; the buffer is as after init. */
void tsec_buf_done(struct tsec_buf *buf);
/** Zeroes the used bytes and keeps the memory for the next use. */
void tsec_buf_reset(struct tsec_buf *buf);

/** Makes room for `more` further bytes. */
void tsec_buf_reserve(struct tsec_buf *buf, size_t more);
/** Appends when there is no room yet; tsec_buf_put() is what to call. */
void tsec_buf_put_slowly(struct tsec_buf *buf, const void *bytes, size_t len);

/** `bytes` may not lie in the buffer itself. */
static inline void
tsec_buf_put(struct tsec_buf *buf, const void *bytes, size_t len)
{
    if (len == 0) {
        return;
    }
    if (buf->failed || len > buf->cap - buf->len) {
        tsec_buf_put_slowly(buf, bytes, len);
        return;
    }
    memcpy(buf->ptr + buf->len, bytes, len);
    buf->len += len;
}

static inline void
tsec_buf_put_span(struct tsec_buf *buf, struct tsec_span bytes)
{
    tsec_buf_put(buf, bytes.ptr, bytes.len);
}

static inline void
tsec_buf_put_str(struct tsec_buf *buf, const char *text)
{
    tsec_buf_put_span(buf, tsec_span_str(text));
}

static inline void
tsec_buf_put_byte(struct tsec_buf *buf, uint8_t byte)
{
    tsec_buf_put(buf, &byte, 1);
}

/** `len` zero bytes at the end, for the caller to fill; NULL when failed. */
uint8_t *tsec_buf_extend(struct tsec_buf *buf, size_t len);
void tsec_buf_printf(struct tsec_buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/** Cuts the buffer down to its first `len` bytes; the rest is zeroed. */
void tsec_buf_truncate(struct tsec_buf *buf, size_t len);
/** Decimal. */
void tsec_buf_put_u64(struct tsec_buf *buf, uint64_t value);

/** TSEC_E_TOO_LARGE or TSEC_E_NO_MEMORY when an append failed. */
TSEC_MUST_CHECK tsec_rc tsec_buf_check(const struct tsec_buf *buf, struct tsec_err *err);

static inline struct tsec_span
tsec_buf_span(const struct tsec_buf *buf)
{
    return tsec_span(buf->ptr, buf->len);
}

/** A sink that appends to the buffer. */
struct tsec_sink tsec_buf_sink(struct tsec_buf *buf);

/** TSEC_AUTO for a buffer that is a local: `TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(n);` */
#define TSEC_AUTO_BUF __attribute__((cleanup(tsec_buf_done)))

#endif
