/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwe_internal.h"

#include "crypto/keywrap.h"

static const enum tsec_pair_kind kinds[] = { TSEC_PAIR_P384, TSEC_PAIR_P256, TSEC_PAIR_RSA2048,
                                             TSEC_PAIR_RSA3072, TSEC_PAIR_RSA4096 };

tsec_rc
tsec_jwe_public(struct tsec_span spki, struct tsec_pair **out, struct tsec_err *err)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        const tsec_rc rc = tsec_pair_from_spki(kinds[i], spki, out, err);

        if (rc.code != TSEC_E_INVALID) {
            return rc;
        }
    }
    return TSEC_FAIL(err, TSEC_E_INVALID,
                     "a recipient is a public key on P-384 or P-256, or RSA of 2048, 3072 or 4096 "
                     "bits, as SubjectPublicKeyInfo in DER");
}

static void
put_u32(uint8_t out[4], size_t n)
{
    out[0] = (uint8_t)(n >> 24);
    out[1] = (uint8_t)(n >> 16);
    out[2] = (uint8_t)(n >> 8);
    out[3] = (uint8_t)n;
}

/* One round: SHA-256(1 ‖ Z ‖ AlgorithmID ‖ PartyUInfo ‖ PartyVInfo ‖ SuppPubInfo). */
void
tsec_jwe_concat_kdf(struct tsec_span z, const char *algorithm, struct tsec_span apu,
                    struct tsec_span apv, unsigned bits, uint8_t *out)
{
    const struct tsec_span alg = tsec_span_str(algorithm);
    uint8_t digest[TSEC_SHA256_LEN];
    uint8_t number[5][4];

    put_u32(number[0], 1);
    put_u32(number[1], alg.len);
    put_u32(number[2], apu.len);
    put_u32(number[3], apv.len);
    put_u32(number[4], bits);

    const struct tsec_span parts[] = {
        tsec_span(number[0], 4), z,   tsec_span(number[1], 4), alg, tsec_span(number[2], 4), apu,
        tsec_span(number[3], 4), apv, tsec_span(number[4], 4),
    };

    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), digest);
    memcpy(out, digest, bits / 8);
    explicit_bzero(digest, sizeof(digest));
}

/* The key that wraps: of the secret both ends agree on. */
static tsec_rc
wrapping_key(const struct tsec_pair *own, const struct tsec_pair *peer,
             uint8_t key[TSEC_KW_KEY_LEN], struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf z = TSEC_BUF_INIT(64);

    tsec_buf_reserve(&z, z.max);
    TSEC_TRY(tsec_pair_agree(own, peer, &z, err));
    tsec_jwe_concat_kdf(tsec_buf_span(&z), JWE_ECDH, tsec_span(NULL, 0), tsec_span(NULL, 0),
                        8 * TSEC_KW_KEY_LEN, key);
    return TSEC_OK;
}

tsec_rc
tsec_jwe_wrap_ecdh(const struct tsec_pair *to, const uint8_t cek[JWE_CEK_LEN],
                   struct tsec_pair **ephemeral, struct tsec_buf *wrapped, struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *own = NULL;
    uint8_t sealed[TSEC_KW_WRAPPED_LEN];
    uint8_t key[TSEC_KW_KEY_LEN];
    tsec_rc rc;

    TSEC_TRY(tsec_pair_generate(tsec_pair_kind_of(to), &own, err));
    TSEC_TRY(wrapping_key(own, to, key, err));
    rc = tsec_kw_wrap(key, cek, sealed, err);
    explicit_bzero(key, sizeof(key));
    TSEC_TRY(rc);
    tsec_buf_put(wrapped, sealed, sizeof(sealed));
    TSEC_TRY(tsec_buf_check(wrapped, err));
    *ephemeral = TSEC_TAKE(own);
    return TSEC_OK;
}

tsec_rc
tsec_jwe_unwrap_ecdh(const struct tsec_pair *own, const struct tsec_pair *ephemeral,
                     struct tsec_span wrapped, uint8_t cek[JWE_CEK_LEN], struct tsec_err *err)
{
    uint8_t key[TSEC_KW_KEY_LEN];
    tsec_rc rc;

    TSEC_TRY(wrapping_key(own, ephemeral, key, err));
    rc = tsec_kw_unwrap(key, wrapped, cek, err);
    explicit_bzero(key, sizeof(key));
    return rc;
}

tsec_rc
tsec_jwe_unwrap_rsa(const struct tsec_pair *own, struct tsec_span wrapped, uint8_t cek[JWE_CEK_LEN],
                    struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    TSEC_TRY(tsec_pair_decrypt(own, TSEC_SHA256, tsec_span(NULL, 0), wrapped, &plain, err));
    if (plain.len != JWE_CEK_LEN) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "does not decrypt");
    }
    memcpy(cek, plain.ptr, JWE_CEK_LEN);
    return TSEC_OK;
}
