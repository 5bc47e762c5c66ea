/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jose.h"

#include "base/base64.h"

enum { SIGNATURE_MAX = 2048 };

/* Digits without padding for n bytes. */
#define DIGITS(n) (((size_t)(n)*4 + 2) / 3)

#define BAD(err, what) TSEC_FAIL((err), TSEC_E_INVALID, "JWS: " what)

/* What stands before the next dot, taken off with the dot. */
static bool
take_part(struct tsec_span *rest, struct tsec_span *part)
{
    const uint8_t *dot = rest->len == 0 ? NULL : memchr(rest->ptr, '.', rest->len);

    if (dot == NULL) {
        return false;
    }
    *part = tsec_span(rest->ptr, (size_t)(dot - rest->ptr));
    *rest = tsec_span(dot + 1, rest->len - part->len - 1);
    return true;
}

static tsec_rc
object_part(struct tsec_span part, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_TRY(tsec_base64_decode(out, TSEC_BASE64_URL, part, err));
    TSEC_TRY(tsec_json_check(tsec_buf_span(out), &TSEC_JSON_LIMITS_DEFAULT, err));
    if (tsec_json_type_of(tsec_json_trim(tsec_buf_span(out))) != TSEC_JSON_OBJECT) {
        return BAD(err, "a part is no JSON object");
    }
    return TSEC_OK;
}

tsec_rc
tsec_jws_parse(struct tsec_span token, size_t max, struct tsec_jws *out, struct tsec_err *err)
{
    const struct tsec_span whole = tsec_json_trim(token);
    struct tsec_span rest = whole;
    struct tsec_span header;
    struct tsec_span payload;

    *out = (struct tsec_jws){ .signed_part = { NULL, 0 },
                              .header = TSEC_BUF_INIT(TSEC_JWS_HEADER_MAX),
                              .payload = TSEC_BUF_INIT(max),
                              .signature = TSEC_BUF_INIT(SIGNATURE_MAX) };
    if (token.len > max) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "JWS: %zu bytes, %zu is the limit", token.len, max);
    }
    if (!take_part(&rest, &header) || !take_part(&rest, &payload) || rest.len == 0) {
        return BAD(err, "not three parts");
    }
    if (header.len > DIGITS(TSEC_JWS_HEADER_MAX) || rest.len > DIGITS(SIGNATURE_MAX)) {
        return BAD(err, "header or signature too long");
    }
    out->signed_part = tsec_span(whole.ptr, header.len + 1 + payload.len);
    TSEC_TRY(object_part(header, &out->header, err));
    TSEC_TRY(object_part(payload, &out->payload, err));
    return tsec_base64_decode(&out->signature, TSEC_BASE64_URL, rest, err);
}

void
tsec_jws_done(struct tsec_jws *jws)
{
    tsec_buf_done(&jws->header);
    tsec_buf_done(&jws->payload);
    tsec_buf_done(&jws->signature);
    jws->signed_part = tsec_span(NULL, 0);
}

void
tsec_jws_signed_part(struct tsec_span header, struct tsec_span payload, struct tsec_buf *out)
{
    tsec_base64_append(out, TSEC_BASE64_URL, header);
    tsec_buf_put_byte(out, '.');
    tsec_base64_append(out, TSEC_BASE64_URL, payload);
}

void
tsec_jws_add_signature(struct tsec_span signature, struct tsec_buf *out)
{
    tsec_buf_put_byte(out, '.');
    tsec_base64_append(out, TSEC_BASE64_URL, signature);
}
