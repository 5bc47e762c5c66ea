/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pem.h"

#include "base/base64.h"

enum { LABEL_MAX = 64, BYTES_A_LINE = 48 };

#define BAD(err, what) TSEC_FAIL((err), TSEC_E_INVALID, "PEM: " what)

static struct tsec_span
from(struct tsec_span text, size_t n)
{
    return text.len == 0 ? text : tsec_span(text.ptr + n, text.len - n);
}

static bool
take(struct tsec_span *text, const char *prefix)
{
    const struct tsec_span p = tsec_span_str(prefix);

    if (!tsec_span_starts(*text, p)) {
        return false;
    }
    *text = from(*text, p.len);
    return true;
}

/* What follows the next line feed; false when there is none. */
static bool
next_line(struct tsec_span *text)
{
    const uint8_t *end = text->len == 0 ? NULL : memchr(text->ptr, '\n', text->len);

    if (end == NULL) {
        return false;
    }
    *text = from(*text, (size_t)(end - text->ptr) + 1);
    return true;
}

/* Past the next "-----BEGIN " that begins a line. */
static bool
find_begin(struct tsec_span *text)
{
    do {
        if (take(text, "-----BEGIN ")) {
            return true;
        }
    } while (next_line(text));
    return false;
}

/* After "-----BEGIN ": the label, and "-----" at the end of the line. */
static tsec_rc
take_label(struct tsec_span *text, struct tsec_span *label, struct tsec_err *err)
{
    size_t n = 0;

    while (n < text->len && n < LABEL_MAX
           && !tsec_span_starts(from(*text, n), tsec_span_str("-----"))) {
        if (text->ptr[n] < 0x20 || text->ptr[n] > 0x7e) {
            return BAD(err, "bad character in a label");
        }
        n++;
    }
    *label = tsec_span(text->ptr, n);
    *text = from(*text, n);
    if (!take(text, "-----")) {
        return BAD(err, "label without end");
    }
    while (text->len > 0 && tsec_is_space(text->ptr[0])) {
        if (text->ptr[0] == '\n') {
            return TSEC_OK;
        }
        *text = from(*text, 1);
    }
    return BAD(err, "something after a label");
}

/* The base64 up to the next hyphen, which is a digit of none, without its white space. */
static void
take_digits(struct tsec_span *text, struct tsec_buf *digits)
{
    const uint8_t *dash = memchr(text->ptr, '-', text->len);
    const size_t n = dash == NULL ? text->len : (size_t)(dash - text->ptr);
    size_t at = 0;

    tsec_buf_reserve(digits, n);
    while (at < n) {
        size_t run = at;

        while (run < n && !tsec_is_space(text->ptr[run])) {
            run++;
        }
        tsec_buf_put(digits, text->ptr + at, run - at);
        for (at = run; at < n && tsec_is_space(text->ptr[at]); at++) {
        }
    }
    *text = from(*text, n);
}

/* The line after the base64.  Text that goes on behind it would be a block that is not seen, but
 * for the next block itself: some quotes join their certificates without a line break. */
static tsec_rc
take_end(struct tsec_span *text, struct tsec_span label, struct tsec_err *err)
{
    if (!take(text, "-----END ") || !tsec_span_starts(*text, label)) {
        return BAD(err, "block without its end");
    }
    *text = from(*text, label.len);
    if (!take(text, "-----")) {
        return BAD(err, "block without its end");
    }
    if (text->len > 0 && text->ptr[0] != '\0' && !tsec_is_space(text->ptr[0])
        && !tsec_span_starts(*text, tsec_span_str("-----BEGIN "))) {
        return BAD(err, "something after a block's end");
    }
    return TSEC_OK;
}

tsec_rc
tsec_pem_next(struct tsec_span *text, struct tsec_span *label, struct tsec_buf *der, bool *found,
              struct tsec_err *err)
{
    struct tsec_span rest = *text;
    struct tsec_span name;
    TSEC_AUTO_BUF struct tsec_buf digits = TSEC_BUF_INIT(text->len);

    *found = false;
    tsec_buf_reset(der);
    if (!find_begin(&rest)) {
        return TSEC_OK;
    }
    TSEC_TRY(take_label(&rest, &name, err));
    take_digits(&rest, &digits);
    TSEC_TRY(take_end(&rest, name, err));
    TSEC_TRY(tsec_buf_check(&digits, err));
    if (digits.len == 0) {
        return BAD(err, "an empty block");
    }
    TSEC_TRY(tsec_base64_decode(der, TSEC_BASE64_STD, tsec_buf_span(&digits), err));
    *label = name;
    *text = rest;
    *found = true;
    return TSEC_OK;
}

static void
put_line(struct tsec_buf *out, const char *prefix, const char *label)
{
    tsec_buf_put_str(out, prefix);
    tsec_buf_put_str(out, label);
    tsec_buf_put_str(out, "-----\n");
}

void
tsec_pem_append(struct tsec_buf *out, const char *label, struct tsec_span der)
{
    put_line(out, "-----BEGIN ", label);
    for (size_t at = 0; at < der.len; at += BYTES_A_LINE) {
        const size_t left = der.len - at;

        tsec_base64_append(out, TSEC_BASE64_STD,
                           tsec_span(der.ptr + at, left < BYTES_A_LINE ? left : BYTES_A_LINE));
        tsec_buf_put_byte(out, '\n');
    }
    put_line(out, "-----END ", label);
}
