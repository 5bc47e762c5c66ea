/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "crypto/cut.h"
#include "crypto/note.h"

void
tsec_checkpoint_text(const struct tsec_checkpoint *checkpoint, struct tsec_buf *out)
{
    tsec_buf_put_str(out, checkpoint->origin);
    tsec_buf_put_byte(out, '\n');
    tsec_buf_put_u64(out, checkpoint->size);
    tsec_buf_put_byte(out, '\n');
    tsec_base64_append(out, TSEC_BASE64_STD, tsec_span(checkpoint->root, TSEC_SHA256_LEN));
    tsec_buf_put_byte(out, '\n');
}

/* Decimal without leading zeroes. */
static bool
parse_size(struct tsec_span digits, uint64_t *size)
{
    uint64_t value = 0;

    if (digits.len == 0 || (digits.len > 1 && digits.ptr[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9'
            || __builtin_mul_overflow(value, UINT64_C(10), &value)
            || __builtin_add_overflow(value, (uint64_t)(digits.ptr[i] - '0'), &value)) {
            return false;
        }
    }
    *size = value;
    return true;
}

static bool
parse_root(struct tsec_span text, uint8_t root[TSEC_SHA256_LEN])
{
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(TSEC_SHA256_LEN);

    if (tsec_failed(tsec_base64_decode(&raw, TSEC_BASE64_STD, text, NULL))
        || raw.len != TSEC_SHA256_LEN) {
        return false;
    }
    memcpy(root, raw.ptr, TSEC_SHA256_LEN);
    return true;
}

/* Extension lines may follow, but no empty one. */
static bool
extensions_valid(struct tsec_span rest)
{
    struct tsec_span line;

    while (tsec_cut(&rest, '\n', &line)) {
        if (line.len == 0) {
            return false;
        }
    }
    return rest.len == 0;
}

tsec_rc
tsec_checkpoint_parse(struct tsec_span text, struct tsec_checkpoint *out, struct tsec_err *err)
{
    struct tsec_span origin;
    struct tsec_span size;
    struct tsec_span root;

    memset(out, 0, sizeof(*out));
    if (!tsec_cut(&text, '\n', &origin) || !tsec_cut(&text, '\n', &size)
        || !tsec_cut(&text, '\n', &root)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "checkpoint has too few lines");
    }
    if (origin.len == 0 || origin.len > TSEC_NOTE_NAME_MAX
        || memchr(origin.ptr, '\0', origin.len) != NULL || !tsec_utf8_valid(origin)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "checkpoint origin");
    }
    if (!parse_size(size, &out->size) || !parse_root(root, out->root) || !extensions_valid(text)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "checkpoint size, root or extension");
    }
    memcpy(out->origin, origin.ptr, origin.len);
    return TSEC_OK;
}
