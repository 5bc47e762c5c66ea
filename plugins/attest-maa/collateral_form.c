/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/hex.h"
#include "codec/der.h"
#include "codec/pct.h"
#include "collateral_item.h"

enum { SIGNATURE_LEN = 64 };

/* Files of C programs end in a NUL now and then. */
static struct tsec_span
trim(struct tsec_span text)
{
    while (text.len > 0 && tsec_is_space(text.ptr[0])) {
        text = tsec_span(text.ptr + 1, text.len - 1);
    }
    while (text.len > 0
           && (tsec_is_space(text.ptr[text.len - 1]) || text.ptr[text.len - 1] == '\0')) {
        text.len--;
    }
    return text;
}

bool
collateral_is_hex(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.ptr[i];

        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) {
            return false;
        }
    }
    return text.len > 0 && text.len % 2 == 0;
}

bool
collateral_is_pct_pem(struct tsec_span text)
{
    return tsec_span_starts(text, tsec_span_str("-----BEGIN%20"));
}

tsec_rc
collateral_put_pct_pem(struct collateral *set, struct tsec_span text, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(text.len);

    TSEC_TRY(tsec_pct_decode(&pem, text, false, err));
    return collateral_put_pem(set, tsec_buf_span(&pem), err);
}

/* One DER element and nothing behind it. */
static bool
is_der(struct tsec_span bytes)
{
    struct tsec_der der = { bytes };
    struct tsec_span value;

    return !tsec_failed(tsec_der_take(&der, TSEC_DER_SEQUENCE, &value, NULL)) && der.rest.len == 0;
}

static tsec_rc
put_binary(struct collateral *set, struct tsec_span bytes, struct tsec_err *err)
{
    if (is_der(bytes)) {
        return collateral_put_der(set, bytes, err);
    }
    return TSEC_FAIL(err, TSEC_E_INVALID,
                     "not collateral: no certificate, CRL, TCB info, QE identity or signature");
}

/* No digit of hex or base64 stands in front of these. */
static bool
is_plain_text(struct tsec_span text)
{
    return text.ptr[0] == '{' || text.ptr[0] == '['
           || tsec_span_starts(text, tsec_span_str("-----BEGIN "));
}

static tsec_rc
put_text(struct collateral *set, struct tsec_span text, struct tsec_err *err)
{
    if (text.len > 0 && (text.ptr[0] == '{' || text.ptr[0] == '[')) {
        return collateral_put_json(set, text, err);
    }
    if (collateral_is_pct_pem(text)) {
        return collateral_put_pct_pem(set, text, err);
    }
    if (text.len > 0 && memmem(text.ptr, text.len, "-----BEGIN ", 11) != NULL) {
        return collateral_put_pem(set, text, err);
    }
    return put_binary(set, text, err);
}

static void
put_without_space(struct tsec_buf *out, struct tsec_span text)
{
    tsec_buf_reserve(out, text.len);
    for (size_t i = 0; i < text.len; i++) {
        if (!tsec_is_space(text.ptr[i])) {
            tsec_buf_put_byte(out, text.ptr[i]);
        }
    }
}

/* What hex or base64 stands for; *encoded is false when it is neither. */
static tsec_rc
decode(struct tsec_span text, struct tsec_buf *out, bool *encoded, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf dense = TSEC_BUF_INIT(text.len);

    put_without_space(&dense, text);
    TSEC_TRY(tsec_buf_check(&dense, err));
    if (collateral_is_hex(tsec_buf_span(&dense))) {
        uint8_t *bytes = tsec_buf_extend(out, dense.len / 2);

        *encoded = bytes != NULL && tsec_hex_decode(tsec_buf_span(&dense), bytes, dense.len / 2);
        return tsec_buf_check(out, err);
    }
    *encoded =
        dense.len > 0
        && !tsec_failed(tsec_base64_decode(out, TSEC_BASE64_STD, tsec_buf_span(&dense), NULL));
    return TSEC_OK;
}

tsec_rc
collateral_put_any(struct collateral *set, struct tsec_span item, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(item.len);
    const struct tsec_span text = trim(item);
    bool encoded = false;

    /* before anything is trimmed: the last byte of binary may look like white space */
    if (item.len != SIGNATURE_LEN && is_der(item)) {
        return collateral_put_der(set, item, err);
    }
    if (text.len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not collateral: nothing there");
    }
    if (item.len != SIGNATURE_LEN && is_plain_text(text)) {
        return put_text(set, text, err);
    }
    TSEC_TRY(decode(text, &bytes, &encoded, err));
    /* a signature may begin like anything else */
    if (bytes.len == SIGNATURE_LEN || (!encoded && item.len == SIGNATURE_LEN)) {
        return collateral_put_signature(set, encoded ? tsec_buf_span(&bytes) : item, err);
    }
    return put_text(set, encoded ? tsec_buf_span(&bytes) : text, err);
}
