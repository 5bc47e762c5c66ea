/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_crypt.h"

#include <endian.h>

#include "core/transit_material.h"
#include "crypto/hash.h"
#include "crypto/rand.h"

enum { HMAC_LEN = TSEC_SHA256_LEN, DERIVED_MAX = TSEC_AEAD_KEY_LEN + 2 * HMAC_LEN };

static const char forged[] = "cipher: message authentication failed";

/* One AEAD key for one call: the version's own, or one that was derived and is freed again.
 *
 * Convergent keys compute the nonce from what it must not repeat for.  Without associated data that
 * is Vault's: HMAC of the plaintext.  The same plaintext with two kinds of associated data must
 * have two nonces as well (GCM gives its authentication key away otherwise), and neither may be one
 * that some other plaintext has: so a key of its own, the next 32 bytes of the derivation, computes
 * those. */
struct chosen {
    const struct tsec_aead_key *key;
    struct tsec_aead_key *derived;
    uint8_t nonce_keys[2 * HMAC_LEN]; /* without, and with associated data */
};

static void
unchoose(struct chosen *chosen)
{
    tsec_aead_key_free(chosen->derived);
    explicit_bzero(chosen, sizeof(*chosen));
}

static tsec_rc
check(const struct transit_traits *traits, const struct transit_params *params, const char *what,
      struct tsec_err *err)
{
    if (!traits->encrypts) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "message %s not supported for key type %s", what,
                         traits->name);
    }
    if (params->associated.len > 0 && !traits->associates) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "'associated_data' provided for non-AEAD cipher suite %s", traits->name);
    }
    if (params->derived && !traits->derives) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "derivation not supported for key type %s",
                         traits->name);
    }
    if (!params->derived && params->context.len > 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "'context' provided for a key that is not derived");
    }
    if (!params->derived && params->convergent) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "convergent encryption requires derivation");
    }
    return TSEC_OK;
}

static tsec_rc
choose(const struct transit_material *material, enum tsec_aead alg,
       const struct transit_params *params, struct chosen *out, struct tsec_err *err)
{
    const size_t key_len = tsec_aead_key_len(alg);
    uint8_t bytes[DERIVED_MAX];

    if (!params->derived) {
        out->key = material->aead;
        return TSEC_OK;
    }

    tsec_rc rc = transit_material_derive(material, params->context, bytes,
                                         key_len + (params->convergent ? 2 * HMAC_LEN : 0), err);

    if (!tsec_failed(rc)) {
        rc = tsec_aead_key_new(alg, bytes, &out->derived, err);
    }
    if (!tsec_failed(rc)) {
        out->key = out->derived;
    }
    if (!tsec_failed(rc) && params->convergent) {
        memcpy(out->nonce_keys, bytes + key_len, sizeof(out->nonce_keys));
    }
    explicit_bzero(bytes, sizeof(bytes));
    return rc;
}

static tsec_rc
make_nonce(const struct chosen *chosen, const struct transit_params *params, struct tsec_span plain,
           uint8_t *nonce, size_t len, struct tsec_err *err)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = NULL;
    const struct tsec_span data = params->associated;
    const uint64_t size = htobe64(data.len);
    const struct tsec_span parts[] = { tsec_span(&size, sizeof(size)), data, plain };
    const size_t skipped = data.len == 0 ? 2 : 0;
    uint8_t mac[HMAC_LEN];

    if (!params->convergent) {
        tsec_rand_nonce(nonce, len);
        return TSEC_OK;
    }
    TSEC_TRY(tsec_hmac_key_new(
        tsec_span(chosen->nonce_keys + (data.len == 0 ? 0 : HMAC_LEN), HMAC_LEN), &key, err));
    tsec_hmac_parts(key, parts + skipped, TSEC_ARRAY_LEN(parts) - skipped, mac);
    memcpy(nonce, mac, len);
    explicit_bzero(mac, sizeof(mac));
    return TSEC_OK;
}

static tsec_rc
seal(const struct transit_material *material, enum tsec_aead alg,
     const struct transit_params *params, struct tsec_span plain, struct tsec_buf *out,
     struct tsec_err *err)
{
    __attribute__((cleanup(unchoose))) struct chosen chosen = { 0 };
    const size_t nonce_len = tsec_aead_nonce_len(alg);
    const size_t before = out->len;

    TSEC_TRY(choose(material, alg, params, &chosen, err));

    uint8_t *at = tsec_buf_extend(out, nonce_len + plain.len + TSEC_AEAD_TAG_LEN);

    if (at == NULL) {
        return tsec_buf_check(out, err);
    }

    tsec_rc rc = make_nonce(&chosen, params, plain, at, nonce_len, err);

    if (!tsec_failed(rc)) {
        rc = tsec_aead_seal(chosen.key, at, params->associated, plain, at + nonce_len, err);
    }
    if (tsec_failed(rc)) {
        tsec_buf_truncate(out, before);
    }
    return rc;
}

tsec_rc
transit_encrypt(const struct transit_material *material, const struct transit_params *params,
                struct tsec_span plain, struct tsec_buf *out, struct tsec_err *err)
{
    const struct transit_traits *traits = transit_traits(material->type);

    TSEC_TRY(check(traits, params, "encryption", err));
    if (traits->aead != 0) {
        return seal(material, traits->aead, params, plain, out, err);
    }
    return tsec_pair_encrypt(material->pair, TSEC_SHA256, tsec_span(NULL, 0), plain, out, err);
}

static tsec_rc
unseal(const struct transit_material *material, enum tsec_aead alg,
       const struct transit_params *params, struct tsec_span sealed, struct tsec_buf *out,
       struct tsec_err *err)
{
    __attribute__((cleanup(unchoose))) struct chosen chosen = { 0 };
    const size_t nonce_len = tsec_aead_nonce_len(alg);
    const size_t before = out->len;

    if (sealed.len < nonce_len) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "invalid ciphertext length");
    }
    TSEC_TRY(choose(material, alg, params, &chosen, err));
    if (sealed.len < nonce_len + TSEC_AEAD_TAG_LEN) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "%s", forged);
    }

    const struct tsec_span body = { sealed.ptr + nonce_len, sealed.len - nonce_len };
    const size_t len = body.len - TSEC_AEAD_TAG_LEN;
    uint8_t none = 0;
    uint8_t *at = len == 0 ? &none : tsec_buf_extend(out, len);

    if (at == NULL) {
        return tsec_buf_check(out, err);
    }

    const tsec_rc rc = tsec_aead_open(chosen.key, sealed.ptr, params->associated, body, at, err);

    if (tsec_failed(rc)) {
        tsec_buf_truncate(out, before);
    }
    return rc.code == TSEC_E_TAMPERED ? TSEC_FAIL(err, TSEC_E_TAMPERED, "%s", forged) : rc;
}

tsec_rc
transit_decrypt(const struct transit_material *material, const struct transit_params *params,
                struct tsec_span sealed, struct tsec_buf *out, struct tsec_err *err)
{
    const struct transit_traits *traits = transit_traits(material->type);

    TSEC_TRY(check(traits, params, "decryption", err));
    if (traits->aead != 0) {
        return unseal(material, traits->aead, params, sealed, out, err);
    }
    if (!tsec_pair_is_private(material->pair)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "cannot decrypt ciphertext, key version does not have a private "
                         "counterpart");
    }

    const tsec_rc rc =
        tsec_pair_decrypt(material->pair, TSEC_SHA256, tsec_span(NULL, 0), sealed, out, err);

    return rc.code == TSEC_E_TAMPERED
               ? TSEC_FAIL(err, TSEC_E_TAMPERED, "failed to RSA decrypt the ciphertext")
               : rc;
}
