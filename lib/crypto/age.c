/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/age.h"

#include "crypto/bech32.h"
#include "crypto/rand.h"
#include "crypto/sign.h"

static const char recipient_hrp[] = "age";
static const char identity_hrp[] = "age-secret-key-";

/* ---- keys as text ---- */

tsec_rc
tsec_age_recipient_parse(struct tsec_span text, uint8_t out[32], struct tsec_err *err)
{
    if (text.len == 0 || text.ptr[0] != 'a' || !tsec_bech32_decode(recipient_hrp, text, out)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not an age recipient");
    }
    return TSEC_OK;
}

tsec_rc
tsec_age_identity_parse(struct tsec_span text, uint8_t out[32], struct tsec_err *err)
{
    if (text.len == 0 || text.ptr[0] != 'A' || !tsec_bech32_decode(identity_hrp, text, out)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not an age identity");
    }
    return TSEC_OK;
}

/* An identity is an X25519 private key, a recipient its public key. */
static tsec_rc
public_of(const uint8_t identity[32], uint8_t out[32], struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(32);

    TSEC_TRY(tsec_key_from_private(TSEC_KEY_X25519, tsec_span(identity, 32), &key, err));
    TSEC_TRY(tsec_key_public(key, &raw, err));
    memcpy(out, raw.ptr, 32);
    return TSEC_OK;
}

tsec_rc
tsec_age_identity_recipient(const uint8_t identity[32], uint8_t out[32], struct tsec_err *err)
{
    return public_of(identity, out, err);
}

tsec_rc
tsec_age_identity_new(char identity[TSEC_AGE_IDENTITY_LEN + 1],
                      char recipient[TSEC_AGE_RECIPIENT_LEN + 1], struct tsec_err *err)
{
    uint8_t secret[32];
    uint8_t public_key[32];

    tsec_rand_bytes(secret, sizeof(secret));

    const tsec_rc rc = public_of(secret, public_key, err);

    if (!tsec_failed(rc)) {
        tsec_bech32_encode(identity_hrp, secret, identity);
        for (char *p = identity; *p != '\0'; p++) {
            *p = (char)(*p - ('a' - 'A') * (*p >= 'a'));
        }
        tsec_bech32_encode(recipient_hrp, public_key, recipient);
    }
    explicit_bzero(secret, sizeof(secret));
    return rc;
}
