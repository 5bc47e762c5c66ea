/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/share.h"

#include "crypto/rand.h"

enum { COORDINATE = 48 };

void
amc_share_spki(const uint8_t eph[AMC_POINT_LEN], uint8_t out[AMC_SPKI_LEN])
{
    /* RFC 5480: id-ecPublicKey with secp384r1, and the point as it is. */
    static const uint8_t head[AMC_SPKI_LEN - AMC_POINT_LEN] = {
        0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
        0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
    };

    memcpy(out, head, sizeof(head));
    memcpy(out + sizeof(head), eph, AMC_POINT_LEN);
}

tsec_rc
amc_share_own_draw(struct amc_share_own *own, const struct tsec_key *key, const uint8_t *nonce,
                   struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT(AMC_POINT_LEN);

    memset(own, 0, sizeof(*own));
    TSEC_TRY(key == NULL ? tsec_key_generate(TSEC_KEY_P384, &own->key, err)
                         : tsec_key_share(key, &own->key, err));
    TSEC_TRY(tsec_key_public(own->key, &point, err));
    if (point.len != AMC_POINT_LEN) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a point of %zu bytes", point.len);
    }
    memcpy(own->eph, point.ptr, AMC_POINT_LEN);
    amc_share_spki(own->eph, own->spki);
    if (nonce == NULL) {
        tsec_rand_nonce(own->nonce, AMC_NONCE_LEN);
    } else {
        memcpy(own->nonce, nonce, AMC_NONCE_LEN);
    }
    return TSEC_OK;
}

void
amc_share_own_done(struct amc_share_own *own)
{
    tsec_key_free(own->key);
    own->key = NULL;
}

/* A point and its negative have one x coordinate, and give one secret. */
static bool
is_own(const struct amc_share_own *own, const uint8_t *eph, const uint8_t *nonce)
{
    return tsec_span_equal(tsec_span(eph + 1, COORDINATE), tsec_span(own->eph + 1, COORDINATE))
           || tsec_span_equal(tsec_span(nonce, AMC_NONCE_LEN),
                              tsec_span(own->nonce, AMC_NONCE_LEN));
}

tsec_rc
amc_share_own_agree(struct amc_share_own *own, const uint8_t eph[AMC_POINT_LEN],
                    const uint8_t nonce[AMC_NONCE_LEN], struct tsec_buf *secret,
                    struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = TSEC_TAKE(own->key);
    TSEC_AUTO(tsec_key_free) struct tsec_key *peer = NULL;

    if (key == NULL) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "an ephemeral key is used once");
    }
    if (is_own(own, eph, nonce)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "this side's own share came back");
    }
    TSEC_TRY(tsec_key_from_public(TSEC_KEY_P384, tsec_span(eph, AMC_POINT_LEN), &peer, err));
    return tsec_key_agree(key, peer, secret, err);
}

void
amc_share_of(const struct amc_share_own *own, struct amc_share *out)
{
    memcpy(out->eph, own->eph, AMC_POINT_LEN);
    memcpy(out->nonce, own->nonce, AMC_NONCE_LEN);
}
