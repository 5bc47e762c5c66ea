/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/transit_material.h
 * @brief What a parsed version of a key consists of; for the files that keep it and compute with
 * it.  Nothing else looks inside.
 *
 * Immutable but for the count.  Raw bytes (a symmetric key, the seed and public key of Ed25519, an
 * HMAC key) lie in the locked heap, and so do the private numbers of a pair.  Not locked, because
 * the library allocates it: the prepared AEAD key, which holds the key and its schedule once per
 * thread that uses it at a time, and what RSA and the curves compute with.  All of it is wiped when
 * the last holder lets go.
 */
#ifndef TSEC_CORE_TRANSIT_MATERIAL_H
#define TSEC_CORE_TRANSIT_MATERIAL_H

#include <stdatomic.h>

#include "core/transit_crypt.h"

struct transit_material {
    atomic_uint held;
    enum transit_type type;
    int64_t number;
    struct tsec_aead_key *aead; /* AEAD types */
    struct tsec_pair *pair;     /* asymmetric types */
    uint8_t *locked;            /* raw ‖ hmac; NULL when there is neither */
    size_t raw_len;             /* what keys are derived from; Ed25519: seed ‖ public key */
    size_t hmac_len;
};

static inline struct tsec_span
transit_material_raw(const struct transit_material *material)
{
    return tsec_span(material->locked, material->raw_len);
}

static inline struct tsec_span
transit_material_hmac(const struct transit_material *material)
{
    return tsec_span(material->locked == NULL ? NULL : material->locked + material->raw_len,
                     material->hmac_len);
}

/** One holder more; returns it. */
const struct transit_material *transit_material_hold(const struct transit_material *material);

/** `len` bytes (wiped by the caller) of the key that this context has: HKDF-SHA-256 of
 *  the raw material without a salt.  TSEC_E_INVALID: no context, or nothing to derive from. */
TSEC_MUST_CHECK tsec_rc transit_material_derive(const struct transit_material *material,
                                                struct tsec_span context, uint8_t *out, size_t len,
                                                struct tsec_err *err);

/* ---- transit_cache_get() in two steps, for what is parsed meanwhile ---- */

/** To be taken before the version is read. */
uint64_t transit_cache_epoch(struct transit_cache *cache);
/** Takes over what was parsed; keeps it, unless anything was dropped since that epoch.  Returns
 *  what the caller shall use, held: this, or what another thread put there first. */
const struct transit_material *transit_cache_put(struct transit_cache *cache, const char *id,
                                                 const struct transit_material *material,
                                                 uint64_t epoch);

#endif
