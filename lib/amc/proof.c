/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/proof.h"

#include "amc/schedule.h"
#include "base/base64.h"
#include "codec/pack.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

enum { TEXT_MAX = 128 };

/* ---- evidence ---- */

static tsec_rc
evidence_key(const uint8_t prk[AMC_HASH_LEN], enum amc_role role, const uint8_t th[AMC_HASH_LEN],
             struct tsec_aead_key **out, struct tsec_err *err)
{
    uint8_t key[AMC_KEY_LEN];

    TSEC_TRY(amc_expand(prk, role == AMC_RESPONDER ? "hs r" : "hs i", tsec_span(th, AMC_HASH_LEN),
                        key, sizeof(key), err));

    const tsec_rc rc = tsec_aead_key_new(TSEC_AES_256_GCM, key, out, err);

    explicit_bzero(key, sizeof(key));
    return rc;
}

/* The key seals once, so that its nonce may be zero. */
static const uint8_t zero_nonce[AMC_IV_LEN];

tsec_rc
amc_proof_seal(const uint8_t prk[AMC_HASH_LEN], enum amc_role role, const uint8_t th[AMC_HASH_LEN],
               struct tsec_span evidence, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = NULL;

    if (evidence.len == 0 || evidence.len > AMC_EVIDENCE_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "evidence of %zu bytes", evidence.len);
    }
    TSEC_TRY(evidence_key(prk, role, th, &key, err));

    uint8_t *room = tsec_buf_extend(out, evidence.len + AMC_TAG_LEN);

    if (room == NULL) {
        return tsec_buf_check(out, err);
    }
    return tsec_aead_seal(key, zero_nonce, tsec_span(th, AMC_HASH_LEN), evidence, room, err);
}

tsec_rc
amc_proof_open(const uint8_t prk[AMC_HASH_LEN], enum amc_role role, const uint8_t th[AMC_HASH_LEN],
               struct tsec_span sealed, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = NULL;
    const size_t before = out->len;

    if (sealed.len <= AMC_TAG_LEN || sealed.len > AMC_EVIDENCE_MAX + AMC_TAG_LEN) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "evidence of %zu bytes", sealed.len);
    }
    TSEC_TRY(evidence_key(prk, role, th, &key, err));

    uint8_t *room = tsec_buf_extend(out, sealed.len - AMC_TAG_LEN);

    if (room == NULL) {
        return tsec_buf_check(out, err);
    }

    const tsec_rc rc =
        tsec_aead_open(key, zero_nonce, tsec_span(th, AMC_HASH_LEN), sealed, room, err);

    if (tsec_failed(rc)) {
        tsec_buf_truncate(out, before);
    }
    return rc.code == TSEC_E_TAMPERED ? TSEC_FAIL(err, TSEC_E_DENIED, "evidence was altered") : rc;
}

tsec_rc
amc_proof_binding(const uint8_t prk[AMC_HASH_LEN], enum amc_role role,
                  const uint8_t th[AMC_HASH_LEN], const uint8_t eph[AMC_POINT_LEN],
                  struct tsec_span id, uint8_t out[AMC_HASH_LEN], struct tsec_err *err)
{
    uint8_t binder[AMC_HASH_LEN];

    TSEC_TRY(amc_expand(prk, role == AMC_RESPONDER ? "binder r" : "binder i",
                        tsec_span(th, AMC_HASH_LEN), binder, sizeof(binder), err));
    amc_binding(role, th, binder, eph, id, out);
    explicit_bzero(binder, sizeof(binder));
    return TSEC_OK;
}

/* ---- signatures ---- */

void
amc_proof_text(enum amc_role role, const uint8_t th[AMC_HASH_LEN], struct tsec_buf *out)
{
    tsec_pack_str(out, AMC_PROTO);
    tsec_pack_str(out, role == AMC_RESPONDER ? "sig r" : "sig i");
    tsec_buf_put(out, th, AMC_HASH_LEN);
}

tsec_rc
amc_proof_verify(enum amc_role role, const uint8_t th[AMC_HASH_LEN], struct tsec_span id,
                 struct tsec_span sig, struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);

    TSEC_TRY(tsec_key_from_spki(id, &key, err));
    if (tsec_key_kind_of(key) != TSEC_KEY_P384) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "an identity key of another kind");
    }
    amc_proof_text(role, th, &text);
    TSEC_TRY(tsec_buf_check(&text, err));
    return tsec_verify(key, TSEC_SHA384, tsec_buf_span(&text), sig, err);
}

/* ---- fin ---- */

static tsec_rc
mac(const uint8_t prk[AMC_HASH_LEN], const char *label, const uint8_t th3[AMC_HASH_LEN],
    struct tsec_span message, uint8_t out[AMC_HASH_LEN], struct tsec_err *err)
{
    uint8_t key[AMC_HASH_LEN];

    TSEC_TRY(amc_expand(prk, label, tsec_span(th3, AMC_HASH_LEN), key, sizeof(key), err));

    const tsec_rc rc = tsec_hmac(TSEC_SHA384, tsec_span(key, sizeof(key)), message, out, err);

    explicit_bzero(key, sizeof(key));
    return rc;
}

tsec_rc
amc_proof_fin_i(const uint8_t prk[AMC_HASH_LEN], const uint8_t th3[AMC_HASH_LEN],
                uint8_t out[AMC_HASH_LEN], struct tsec_err *err)
{
    return mac(prk, "fin i", th3, tsec_span(th3, AMC_HASH_LEN), out, err);
}

tsec_rc
amc_proof_fin_r(const uint8_t prk[AMC_HASH_LEN], const uint8_t th3[AMC_HASH_LEN],
                const uint8_t fin_i[AMC_HASH_LEN], struct tsec_span s, uint8_t out[AMC_HASH_LEN],
                struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf message = TSEC_BUF_INIT(AMC_SESSION_MAX + 4 * AMC_HASH_LEN);

    tsec_buf_put(&message, th3, AMC_HASH_LEN);
    tsec_pack_bytes(&message, tsec_span(fin_i, AMC_HASH_LEN));
    tsec_pack_bytes(&message, s);
    TSEC_TRY(tsec_buf_check(&message, err));
    return mac(prk, "fin r", th3, tsec_buf_span(&message), out, err);
}

/* ---- messages ---- */

tsec_rc
amc_flight_read(struct tsec_span body, struct amc_member *members, size_t n, struct tsec_err *err)
{
    static const struct tsec_json_limits limits = { .depth_max = 8, .members_max = 128 };

    return amc_members(body, AMC_FLIGHT_MAX, &limits, members, n, err);
}

void
amc_flight_put(struct tsec_buf *out, bool first, const char *key, struct tsec_span bytes)
{
    tsec_buf_put_str(out, first ? "{\"" : ",\"");
    tsec_buf_put_str(out, key);
    tsec_buf_put_str(out, "\":\"");
    tsec_base64_append(out, TSEC_BASE64_URL, bytes);
    tsec_buf_put_str(out, "\"");
}
