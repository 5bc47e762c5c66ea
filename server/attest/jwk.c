/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/jwk.h"

#include <stdio.h>

#include "base/base64.h"
#include "crypto/sign.h"

enum { P384_LEN = 48, POINT_LEN = 1 + 2 * P384_LEN };

/* RFC 7638 section 3.2: the required members in the order of their names, nothing else. */
static void
thumbprint(struct jwk *jwk)
{
    uint8_t digest[TSEC_SHA256_LEN];
    char text[256];
    const int len =
        snprintf(text, sizeof(text), "{\"crv\":\"P-384\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}",
                 jwk->x, jwk->y);

    tsec_sha256(tsec_span(text, (size_t)len), digest);
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(digest, sizeof(digest)), jwk->kid);
}

tsec_rc
jwk_from_spki(struct tsec_span spki, struct jwk *out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT((size_t)256);

    TSEC_TRY(tsec_key_from_spki(spki, &key, err));
    if (tsec_key_kind_of(key) != TSEC_KEY_P384) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a P-384 key");
    }
    TSEC_TRY(tsec_key_public(key, &point, err));
    if (point.len != POINT_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a P-384 point of %zu bytes", point.len);
    }
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(point.ptr + 1, P384_LEN), out->x);
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(point.ptr + 1 + P384_LEN, P384_LEN), out->y);
    thumbprint(out);
    return TSEC_OK;
}

void
jwk_json(const struct jwk *jwk, struct tsec_json_out *out)
{
    tsec_json_object(out);
    tsec_json_put_str(out, "kty", "EC");
    tsec_json_put_str(out, "crv", "P-384");
    tsec_json_put_str(out, "x", jwk->x);
    tsec_json_put_str(out, "y", jwk->y);
    tsec_json_put_str(out, "kid", jwk->kid);
    tsec_json_put_str(out, "alg", "ES384");
    tsec_json_put_str(out, "use", "sig");
    tsec_json_object_end(out);
}
