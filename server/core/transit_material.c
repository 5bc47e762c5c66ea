/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_material.h"

#include <stdlib.h>

#include "crypto/hash.h"
#include "crypto/locked.h"

/* Measured, with the library's own parts, and rounded up: the cache's budget is about memory, not
 * about numbers of keys. */
enum { BYTES_AEAD = 2048, BYTES_CURVE = 1536, BYTES_RSA = 8192 };

static void
material_free(struct transit_material *m)
{
    if (m != NULL) {
        tsec_aead_key_free(m->aead);
        tsec_pair_free(m->pair);
        tsec_locked_free(m->locked, m->raw_len + m->hmac_len);
        free(m);
    }
}
TSEC_DEFINE_AUTO(struct transit_material, material_free)

static tsec_rc
keep(struct transit_material *m, struct tsec_span raw, struct tsec_span hmac, struct tsec_err *err)
{
    if (raw.len + hmac.len == 0) {
        return TSEC_OK;
    }
    TSEC_TRY(tsec_locked_new(raw.len + hmac.len, &m->locked, err));
    m->raw_len = raw.len;
    m->hmac_len = hmac.len;
    if (raw.len > 0) {
        memcpy(m->locked, raw.ptr, raw.len);
    }
    if (hmac.len > 0) {
        memcpy(m->locked + raw.len, hmac.ptr, hmac.len);
    }
    return TSEC_OK;
}

static tsec_rc
parse_aead(struct transit_material *m, enum tsec_aead alg, const struct transit_version *version,
           struct tsec_err *err)
{
    if (version->material.len != tsec_aead_key_len(alg)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a key of %zu bytes, not %zu", version->material.len,
                         tsec_aead_key_len(alg));
    }
    TSEC_TRY(keep(m, version->material, version->hmac_key, err));
    return tsec_aead_key_new(alg, version->material.ptr, &m->aead, err);
}

/* Vault derives from Go's form of an Ed25519 key, seed ‖ public key. */
static tsec_rc
parse_pair(struct transit_material *m, enum tsec_pair_kind kind,
           const struct transit_version *version, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(64);

    if (version->material.len == 0) {
        TSEC_TRY(tsec_pair_from_spki(kind, version->spki, &m->pair, err));
    } else {
        TSEC_TRY(tsec_pair_open(kind, version->material, &m->pair, err));
        if (kind == TSEC_PAIR_ED25519) {
            TSEC_TRY(tsec_pair_traditional(m->pair, &raw, err));
        }
    }
    return keep(m, tsec_buf_span(&raw), version->hmac_key, err);
}

static tsec_rc
parse_hmac(struct transit_material *m, const struct transit_version *version, struct tsec_err *err)
{
    if (version->material.len < TRANSIT_KEY_SIZE_MIN
        || version->material.len > TRANSIT_KEY_SIZE_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "an HMAC key of %zu bytes", version->material.len);
    }
    return keep(m, tsec_span(NULL, 0), version->material, err);
}

tsec_rc
transit_material_new(enum transit_type type, const struct transit_version *version,
                     const struct transit_material **out, struct tsec_err *err)
{
    const struct transit_traits *traits = transit_traits(type);
    TSEC_AUTO(material_free) struct transit_material *m = calloc(1, sizeof(*m));

    if (m == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a key's version");
    }
    if (traits == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "key type %d", (int)type);
    }
    atomic_init(&m->held, 1);
    m->type = type;
    m->number = version->number;
    if (traits->aead != 0) {
        TSEC_TRY(parse_aead(m, traits->aead, version, err));
    } else if (traits->pair != 0) {
        TSEC_TRY(parse_pair(m, traits->pair, version, err));
    } else {
        TSEC_TRY(parse_hmac(m, version, err));
    }
    *out = TSEC_TAKE(m);
    return TSEC_OK;
}

/* Holders see it as constant; the count is ours. */
static struct transit_material *mutable(const struct transit_material *material)
{
    return (struct transit_material *)(uintptr_t)material;
}

const struct transit_material *
transit_material_hold(const struct transit_material *material)
{
    (void)atomic_fetch_add_explicit(&mutable(material)->held, 1, memory_order_relaxed);
    return material;
}

void
transit_material_release(const struct transit_material *material)
{
    if (material != NULL
        && atomic_fetch_sub_explicit(&mutable(material)->held, 1, memory_order_acq_rel) == 1) {
        material_free(mutable(material));
    }
}

enum transit_type
transit_material_type(const struct transit_material *material)
{
    return material->type;
}

int64_t
transit_material_number(const struct transit_material *material)
{
    return material->number;
}

const struct tsec_pair *
transit_material_pair(const struct transit_material *material)
{
    return material->pair;
}

size_t
transit_material_bytes(const struct transit_material *material)
{
    size_t bytes = sizeof(*material) + material->raw_len + material->hmac_len;

    if (material->aead != NULL) {
        bytes += BYTES_AEAD;
    }
    if (material->pair != NULL) {
        bytes += tsec_pair_kind_is_rsa(tsec_pair_kind_of(material->pair)) ? BYTES_RSA : BYTES_CURVE;
    }
    return bytes;
}

tsec_rc
transit_material_derive(const struct transit_material *material, struct tsec_span context,
                        uint8_t *out, size_t len, struct tsec_err *err)
{
    const struct transit_traits *traits = transit_traits(material->type);

    if (!traits->derives) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "derivation not supported for key type %s",
                         traits->name);
    }
    if (context.len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "missing 'context' for key derivation; the key was created using a "
                         "derived key, which means additional, per-request information must be "
                         "included in order to perform operations with the key");
    }
    if (material->raw_len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "requested version of the key does not contain a private part");
    }
    return tsec_hkdf(TSEC_SHA256, transit_material_raw(material), tsec_span(NULL, 0), context, out,
                     len, err);
}
