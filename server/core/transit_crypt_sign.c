/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_crypt.h"

#include "core/transit_material.h"
#include "crypto/hash.h"

enum { SEED_LEN = 32 };

/* The pair of one call: the version's own, or one that was derived and is freed again. */
struct chosen {
    const struct tsec_pair *pair;
    struct tsec_pair *derived;
};

static void
unchoose(struct chosen *chosen)
{
    tsec_pair_free(chosen->derived);
}

static tsec_rc
derive_pair(const struct transit_material *material, struct tsec_span context,
            struct tsec_pair **out, struct tsec_err *err)
{
    uint8_t seed[SEED_LEN];
    tsec_rc rc = transit_material_derive(material, context, seed, sizeof(seed), err);

    if (!tsec_failed(rc)) {
        rc = tsec_pair_from_seed(seed, out, err);
    }
    explicit_bzero(seed, sizeof(seed));
    return rc;
}

static tsec_rc
choose(const struct transit_material *material, const struct transit_params *params,
       const char *what, struct chosen *out, struct tsec_err *err)
{
    const struct transit_traits *traits = transit_traits(material->type);

    if (!traits->signs) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "key type %s does not support %s", traits->name,
                         what);
    }
    if (params->associated.len > 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "'associated_data' provided for non-AEAD cipher suite %s", traits->name);
    }
    if (params->derived) {
        TSEC_TRY(derive_pair(material, params->context, &out->derived, err));
        out->pair = out->derived;
        return TSEC_OK;
    }
    if (params->context.len > 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "'context' provided for a key that is not derived");
    }
    out->pair = material->pair;
    return TSEC_OK;
}

tsec_rc
transit_sign(const struct transit_material *material, const struct transit_params *params,
             const struct tsec_signing *how, struct tsec_span input, struct tsec_buf *sig,
             int *recovery_id, struct tsec_buf *public_key, struct tsec_err *err)
{
    __attribute__((cleanup(unchoose))) struct chosen chosen = { 0 };

    TSEC_TRY(choose(material, params, "signing", &chosen, err));
    if (!tsec_pair_is_private(chosen.pair)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "requested version for signing does not contain a private part");
    }
    TSEC_TRY(tsec_pair_sign(chosen.pair, how, input, sig, recovery_id, err));
    if (chosen.derived != NULL && public_key != NULL) {
        return tsec_pair_point(chosen.derived, public_key, err);
    }
    return TSEC_OK;
}

tsec_rc
transit_verify(const struct transit_material *material, const struct transit_params *params,
               const struct tsec_signing *how, struct tsec_span input, struct tsec_span sig,
               struct tsec_err *err)
{
    __attribute__((cleanup(unchoose))) struct chosen chosen = { 0 };

    TSEC_TRY(choose(material, params, "verification", &chosen, err));
    return tsec_pair_verify(chosen.pair, how, input, sig, err);
}

tsec_rc
transit_derived_public(const struct transit_material *material, struct tsec_span context,
                       struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;

    if (material->type != TRANSIT_ED25519) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "key type %s has no derived public keys",
                         transit_traits(material->type)->name);
    }
    TSEC_TRY(derive_pair(material, context, &pair, err));
    return tsec_pair_point(pair, out, err);
}

tsec_rc
transit_hmac(const struct transit_material *material, enum tsec_hash hash, struct tsec_span input,
             uint8_t *out, struct tsec_err *err)
{
    if (material->hmac_len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "no HMAC key exists for that key version");
    }
    return tsec_hmac(hash, transit_material_hmac(material), input, out, err);
}
