/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/age_stanza.h"

#include "base/base64.h"
#include "crypto/chacha.h"
#include "crypto/rand.h"
#include "crypto/sign.h"

enum { BASE64_32_LEN = 43 };

static const char info[] = "age-encryption.org/v1/X25519";

/* HKDF of the shared secret, with salt = share ‖ recipient. */
static tsec_rc
wrap_key(const struct tsec_key *own, const uint8_t peer[32], const uint8_t salt[64],
         uint8_t out[TSEC_CHACHA_KEY_LEN], struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *peer_key = NULL;
    TSEC_AUTO_BUF struct tsec_buf secret = TSEC_BUF_INIT(32);

    TSEC_TRY(tsec_key_from_public(TSEC_KEY_X25519, tsec_span(peer, 32), &peer_key, err));
    TSEC_TRY(tsec_key_agree(own, peer_key, &secret, err));
    return tsec_hkdf(TSEC_SHA256, tsec_buf_span(&secret), tsec_span(salt, 64), tsec_span_str(info),
                     out, TSEC_CHACHA_KEY_LEN, err);
}

static tsec_rc
public_into(const struct tsec_key *key, uint8_t out[32], struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(32);

    TSEC_TRY(tsec_key_public(key, &raw, err));
    memcpy(out, raw.ptr, 32);
    return TSEC_OK;
}

/* The wrapping key is used once, so its nonce is zero. */
static const uint8_t zero_nonce[TSEC_CHACHA_NONCE_LEN];

tsec_rc
tsec_age_wrap(const uint8_t recipient[32], const uint8_t file_key[TSEC_AGE_FILE_KEY_LEN],
              struct tsec_age_stanza *out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *ephemeral = NULL;
    uint8_t key[TSEC_CHACHA_KEY_LEN];
    uint8_t salt[64];

    TSEC_TRY(tsec_key_generate(TSEC_KEY_X25519, &ephemeral, err));
    TSEC_TRY(public_into(ephemeral, out->share, err));
    memcpy(salt, out->share, 32);
    memcpy(salt + 32, recipient, 32);
    TSEC_TRY(wrap_key(ephemeral, recipient, salt, key, err));

    const tsec_rc rc = tsec_chacha_seal(key, zero_nonce, tsec_span(file_key, TSEC_AGE_FILE_KEY_LEN),
                                        out->body, err);

    explicit_bzero(key, sizeof(key));
    return rc;
}

tsec_rc
tsec_age_unwrap(const uint8_t identity[32], const struct tsec_age_stanza *stanza,
                uint8_t file_key[TSEC_AGE_FILE_KEY_LEN], struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *own = NULL;
    uint8_t key[TSEC_CHACHA_KEY_LEN];
    uint8_t salt[64];

    TSEC_TRY(tsec_key_from_private(TSEC_KEY_X25519, tsec_span(identity, 32), &own, err));
    memcpy(salt, stanza->share, 32);
    TSEC_TRY(public_into(own, salt + 32, err));
    TSEC_TRY(wrap_key(own, stanza->share, salt, key, err));

    const tsec_rc rc = tsec_chacha_open(
        key, zero_nonce, tsec_span(stanza->body, sizeof(stanza->body)), file_key, NULL);

    explicit_bzero(key, sizeof(key));
    return tsec_failed(rc) ? TSEC_FAIL(err, TSEC_E_DENIED, "age stanza of another identity") : rc;
}

void
tsec_age_put_32(struct tsec_buf *out, const uint8_t bytes[32])
{
    char text[TSEC_BASE64_LEN(32) + 1];

    tsec_base64_encode(TSEC_BASE64_STD, tsec_span(bytes, 32), text);
    tsec_buf_put(out, text, BASE64_32_LEN);
}

bool
tsec_age_read_32(struct tsec_span text, uint8_t out[32])
{
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(32);
    char padded[BASE64_32_LEN + 1];

    if (text.len != BASE64_32_LEN) {
        return false;
    }
    memcpy(padded, text.ptr, BASE64_32_LEN);
    padded[BASE64_32_LEN] = '=';
    if (tsec_failed(
            tsec_base64_decode(&raw, TSEC_BASE64_STD, tsec_span(padded, sizeof(padded)), NULL))
        || raw.len != 32) {
        return false;
    }
    memcpy(out, raw.ptr, 32);
    return true;
}
