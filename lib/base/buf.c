/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

enum { CAP_FIRST = 256 };

void
tsec_buf_init(struct tsec_buf *buf, size_t max)
{
    *buf = (struct tsec_buf)TSEC_BUF_INIT(max);
}

void
tsec_buf_done(struct tsec_buf *buf)
{
    if (buf->ptr != NULL) {
        explicit_bzero(buf->ptr, buf->cap + 1);
        free(buf->ptr);
    }
    tsec_buf_init(buf, buf->max);
}

void
tsec_buf_truncate(struct tsec_buf *buf, size_t len)
{
    if (len < buf->len) {
        explicit_bzero(buf->ptr + len, buf->len - len);
        buf->len = len;
    }
}

void
tsec_buf_reset(struct tsec_buf *buf)
{
    tsec_buf_truncate(buf, 0);
    buf->failed = false;
    buf->no_memory = false;
}

/* realloc() would leave the old bytes behind, so: new, copy, zero, free.  One byte more than `cap`
 * is there for the NUL that vsnprintf() insists on. */
static void
grow(struct tsec_buf *buf, size_t need)
{
    size_t cap = buf->cap > buf->max / 2 ? buf->max : buf->cap * 2;

    cap = cap < CAP_FIRST ? CAP_FIRST : cap;
    cap = cap < need ? need : cap;
    cap = cap > buf->max ? buf->max : cap;

    uint8_t *ptr = cap == SIZE_MAX ? NULL : malloc(cap + 1);

    if (ptr == NULL) {
        buf->failed = true;
        buf->no_memory = true;
        return;
    }
    if (buf->ptr != NULL) {
        memcpy(ptr, buf->ptr, buf->len);
        explicit_bzero(buf->ptr, buf->cap + 1);
        free(buf->ptr);
    }
    buf->ptr = ptr;
    buf->cap = cap;
}

void
tsec_buf_reserve(struct tsec_buf *buf, size_t more)
{
    if (buf->failed || more <= buf->cap - buf->len) {
        return;
    }
    if (buf->len > buf->max || more > buf->max - buf->len) {
        buf->failed = true;
        return;
    }
    grow(buf, buf->len + more);
}

void
tsec_buf_put_slowly(struct tsec_buf *buf, const void *bytes, size_t len)
{
    tsec_buf_reserve(buf, len);
    if (!buf->failed) {
        memcpy(buf->ptr + buf->len, bytes, len);
        buf->len += len;
    }
}

uint8_t *
tsec_buf_extend(struct tsec_buf *buf, size_t len)
{
    /* at least one byte, so that what is returned is never NULL on success */
    tsec_buf_reserve(buf, len == 0 && buf->ptr == NULL ? 1 : len);
    if (buf->failed) {
        return NULL;
    }

    uint8_t *at = buf->ptr + buf->len;

    memset(at, 0, len);
    buf->len += len;
    return at;
}

void
tsec_buf_printf(struct tsec_buf *buf, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) {
        buf->failed = true;
    }
    tsec_buf_reserve(buf, n < 0 ? 0 : (size_t)n);
    if (buf->failed || n == 0) {
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf((char *)buf->ptr + buf->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    buf->len += (size_t)n;
}

void
tsec_buf_put_u64(struct tsec_buf *buf, uint64_t value)
{
    char digits[20]; /* 2^64 - 1 has 20 */
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    tsec_buf_put(buf, digits + at, sizeof(digits) - at);
}

tsec_rc
tsec_buf_check(const struct tsec_buf *buf, struct tsec_err *err)
{
    if (!buf->failed) {
        return TSEC_OK;
    }
    if (buf->no_memory) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "buffer of %zu bytes cannot grow", buf->cap);
    }
    return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "past the ceiling of %zu bytes", buf->max);
}

static tsec_rc
sink_write(void *ctx, struct tsec_span chunk)
{
    struct tsec_buf *buf = ctx;

    tsec_buf_put_span(buf, chunk);
    return tsec_buf_check(buf, NULL);
}

struct tsec_sink
tsec_buf_sink(struct tsec_buf *buf)
{
    return (struct tsec_sink){ buf, sink_write };
}
