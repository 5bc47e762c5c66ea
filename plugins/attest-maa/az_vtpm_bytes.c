/* SPDX-License-Identifier: Apache-2.0 */
#include "az_vtpm_bytes.h"

#include <tsec/attest.h>

#include "base/base64.h"
#include "base/hex.h"
#include "codec/json_scan.h"

static tsec_rc
from_list(struct tsec_span value, struct tsec_buf *out, struct tsec_err *err)
{
    struct tsec_json_walk walk = tsec_json_walk(value);
    struct tsec_json_member item;
    int64_t number = 0;

    while (tsec_json_next(&walk, &item)) {
        if (tsec_json_type_of(item.value) != TSEC_JSON_NUMBER
            || !tsec_json_to_i64(item.value, &number) || number < 0 || number > UINT8_MAX) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "a list of bytes with what is no byte");
        }
        tsec_buf_put_byte(out, (uint8_t)number);
    }
    return TSEC_OK;
}

static bool
from_hex(struct tsec_span text, struct tsec_buf *out)
{
    uint8_t *at = NULL;
    const size_t before = out->len;

    if (text.len == 0 || text.len % 2 != 0) {
        return false;
    }
    at = tsec_buf_extend(out, text.len / 2);
    if (at == NULL || !tsec_hex_decode(text, at, text.len / 2)) {
        if (at != NULL) {
            tsec_buf_truncate(out, before);
        }
        return false;
    }
    return true;
}

static bool
has_any(struct tsec_span text, const char *chars)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\0' && strchr(chars, text.ptr[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* base64url comes with padding from some makers, and base64 without from none. */
static tsec_rc
from_base64(struct tsec_span text, struct tsec_buf *out, struct tsec_err *err)
{
    const bool whole = text.len % 4 == 0;

    if (whole && !has_any(text, "-_")) {
        return tsec_base64_decode(out, TSEC_BASE64_STD, text, err);
    }
    for (size_t i = 0; whole && i < 2 && text.ptr[text.len - 1] == '='; i++) {
        text.len--;
    }
    return tsec_base64_decode(out, TSEC_BASE64_URL, text, err);
}

static tsec_rc
from_text(struct tsec_span raw, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);

    tsec_json_unescape(&text, raw);
    TSEC_TRY(tsec_buf_check(&text, err));
    if (text.len == 0 || from_hex(tsec_buf_span(&text), out)) {
        return TSEC_OK;
    }
    return out->failed ? TSEC_OK : from_base64(tsec_buf_span(&text), out, err);
}

tsec_rc
az_vtpm_bytes(struct tsec_span value, struct tsec_buf *out, struct tsec_err *err)
{
    const enum tsec_json_type type = tsec_json_type_of(value);

    if (type != TSEC_JSON_ARRAY && type != TSEC_JSON_STRING) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "bytes that are neither text nor a list");
    }

    const tsec_rc rc =
        type == TSEC_JSON_ARRAY ? from_list(value, out, err) : from_text(value, out, err);

    if (out->failed && !out->no_memory) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "more bytes than are taken (%zu)", out->max);
    }
    return tsec_failed(rc) ? rc : tsec_buf_check(out, err);
}
