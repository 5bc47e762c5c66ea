/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_jwk.h"

#include "maa_json.h"

enum { MODULUS_MAX = 1024, EXPONENT_MAX = 8 };

static void
put_tag(struct tsec_buf *out, uint8_t tag, size_t len)
{
    tsec_buf_put_byte(out, tag);
    if (len >= 0x100) {
        tsec_buf_put_byte(out, 0x82);
        tsec_buf_put_byte(out, (uint8_t)(len >> 8));
    } else if (len >= 0x80) {
        tsec_buf_put_byte(out, 0x81);
    }
    tsec_buf_put_byte(out, (uint8_t)len);
}

/* How many bytes tag and length take. */
static size_t
head_len(size_t len)
{
    return len >= 0x100 ? 4 : (len >= 0x80 ? 3 : 2);
}

/* A positive INTEGER's contents: a zero goes before a high bit. */
static size_t
integer_len(const struct tsec_buf *n)
{
    return n->len + (n->ptr[0] >= 0x80 ? 1 : 0);
}

static void
put_integer(struct tsec_buf *out, const struct tsec_buf *n)
{
    put_tag(out, 0x02, integer_len(n));
    if (n->ptr[0] >= 0x80) {
        tsec_buf_put_byte(out, 0);
    }
    tsec_buf_put_span(out, tsec_buf_span(n));
}

/* SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { SEQUENCE { n, e } } } (RFC 8017 A.1.1)
 */
static void
put_rsa(struct tsec_buf *out, const struct tsec_buf *n, const struct tsec_buf *e)
{
    static const uint8_t algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                         0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
    const size_t n_len = integer_len(n);
    const size_t e_len = integer_len(e);
    const size_t inner = head_len(n_len) + n_len + head_len(e_len) + e_len;
    const size_t bits = 1 + head_len(inner) + inner;

    put_tag(out, 0x30, sizeof(algorithm) + head_len(bits) + bits);
    tsec_buf_put(out, algorithm, sizeof(algorithm));
    put_tag(out, 0x03, bits);
    tsec_buf_put_byte(out, 0);
    put_tag(out, 0x30, inner);
    put_integer(out, n);
    put_integer(out, e);
}

/* A number without leading zeros, which RFC 7518 section 6.3.1.1 demands. */
static bool
read_integer(struct tsec_span value, struct tsec_buf *out)
{
    return maa_base64(value, TSEC_BASE64_URL, out) && out->len > 0 && out->ptr[0] != 0;
}

static bool
rsa_spki(struct tsec_span n_value, struct tsec_span e_value, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf n = TSEC_BUF_INIT(MODULUS_MAX);
    TSEC_AUTO_BUF struct tsec_buf e = TSEC_BUF_INIT(EXPONENT_MAX);

    if (!read_integer(n_value, &n) || !read_integer(e_value, &e)) {
        return false;
    }
    put_rsa(out, &n, &e);
    return !out->failed;
}

/* ---- EC ---- */

struct curve {
    const char *name;
    size_t len; /* of a coordinate */
    size_t oid_len;
    uint8_t oid[10]; /* with tag and length */
};

static const struct curve curves[] = {
    { "P-256", 32, 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 } },
    { "P-384", 48, 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 } },
    { "P-521", 66, 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 } },
};

/* SEQUENCE { SEQUENCE { id-ecPublicKey, curve }, BIT STRING { 04 x y } } (RFC 5480) */
static void
put_ec(struct tsec_buf *out, const struct curve *curve, struct tsec_span xy)
{
    static const uint8_t id_ec[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
    const size_t algorithm = sizeof(id_ec) + curve->oid_len;
    const size_t bits = 2 + xy.len;

    put_tag(out, 0x30, head_len(algorithm) + algorithm + head_len(bits) + bits);
    put_tag(out, 0x30, algorithm);
    tsec_buf_put(out, id_ec, sizeof(id_ec));
    tsec_buf_put(out, curve->oid, curve->oid_len);
    put_tag(out, 0x03, bits);
    tsec_buf_put_byte(out, 0);
    tsec_buf_put_byte(out, 0x04);
    tsec_buf_put_span(out, xy);
}

static bool
ec_spki(struct tsec_span crv, struct tsec_span x, struct tsec_span y, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf xy = TSEC_BUF_INIT(2 * 66);
    const struct curve *curve = NULL;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(curves); i++) {
        if (maa_says(crv, curves[i].name)) {
            curve = &curves[i];
        }
    }
    if (curve == NULL || !maa_base64(x, TSEC_BASE64_URL, &xy) || xy.len != curve->len
        || !maa_base64(y, TSEC_BASE64_URL, &xy) || xy.len != 2 * curve->len) {
        return false;
    }
    put_ec(out, curve, tsec_buf_span(&xy));
    return !out->failed;
}

bool
maa_jwk_spki(struct tsec_span jwk, struct tsec_buf *out)
{
    enum { KTY, N, E, CRV, X, Y, COUNT };
    static const struct tsec_span names[COUNT] = {
        [KTY] = MAA_NAME("kty"), [N] = MAA_NAME("n"), [E] = MAA_NAME("e"),
        [CRV] = MAA_NAME("crv"), [X] = MAA_NAME("x"), [Y] = MAA_NAME("y"),
    };
    struct tsec_span v[COUNT];

    maa_pick(jwk, names, COUNT, v);
    if (maa_says(v[KTY], "RSA")) {
        return rsa_spki(v[N], v[E], out);
    }
    return maa_says(v[KTY], "EC") && ec_spki(v[CRV], v[X], v[Y], out);
}
