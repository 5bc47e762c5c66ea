/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pct.h"

#include "base/hex.h"

/* RFC 3986 section 2.3 */
static bool
is_unreserved(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || (c != '\0' && strchr("-._~", c) != NULL);
}

/* The byte at the start of `text`, plain or escaped; how many bytes it took, 0 when broken. */
static size_t
decode_one(struct tsec_span text, bool plus_is_space, uint8_t *out)
{
    *out = text.ptr[0];
    if (*out == '+' && plus_is_space) {
        *out = ' ';
    }
    if (*out != '%') {
        return 1;
    }
    if (text.len < 3 || !tsec_hex_decode(tsec_span(text.ptr + 1, 2), out, 1) || *out == 0) {
        return 0;
    }
    return 3;
}

tsec_rc
tsec_pct_decode(struct tsec_buf *out, struct tsec_span text, bool plus_is_space,
                struct tsec_err *err)
{
    const size_t before = out->len;
    size_t took;

    tsec_buf_reserve(out, text.len); /* never longer than it stands there */
    for (size_t at = 0; at < text.len; at += took) {
        uint8_t byte = 0;

        took = decode_one(tsec_span(text.ptr + at, text.len - at), plus_is_space, &byte);
        if (took == 0 || byte == 0) {
            tsec_buf_truncate(out, before);
            return TSEC_FAIL(err, TSEC_E_INVALID, "a broken or zero percent-escape at byte %zu",
                             at);
        }
        tsec_buf_put_byte(out, byte);
    }
    return tsec_buf_check(out, err);
}

void
tsec_pct_encode(struct tsec_buf *out, struct tsec_span bytes, bool keep_slash)
{
    static const char hex[] = "0123456789ABCDEF"; /* upper case: RFC 3986 section 2.1 */

    for (size_t i = 0; i < bytes.len; i++) {
        const uint8_t c = bytes.ptr[i];
        const uint8_t escape[3] = { '%', (uint8_t)hex[c >> 4], (uint8_t)hex[c & 15] };

        if (is_unreserved(c) || (keep_slash && c == '/')) {
            tsec_buf_put_byte(out, c);
        } else {
            tsec_buf_put(out, escape, sizeof(escape));
        }
    }
}
