/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sealed/keyring.h
 * @brief Every key below the root key: MEK versions, a DEK per mount, and the cluster's own keys.
 *
 * A keyring is immutable once published: a change makes a copy with a higher version, which is
 * committed to the store (as row "k" ‖ u64 version, expected absent) together with a ledger leaf
 * and then takes the place of the old one.  The object is sealed under the root key:
 *
 *     blob = "TSK1" ‖ u32 generation ‖ u64 version ‖ nonce[24] ‖ XAES-256-GCM(RK, aad, plain)
 *     aad  = "TSK1" ‖ u32 generation ‖ u64 version ‖ LP(origin)
 *
 * Raw keys lie in locked pages; DEKs are wrapped by their MEK inside the object and prepared once.
 * Reading functions may be called from any thread.
 */
#ifndef TSEC_SEALED_KEYRING_H
#define TSEC_SEALED_KEYRING_H

#include "base/buf.h"
#include "base/secret.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

enum {
    KEYRING_MOUNT_MAX = 23,
    KEYRING_DEKS_MAX = 8192,
};

enum keyring_state { KEYRING_PRIMARY = 1, KEYRING_DECRYPT_ONLY = 2 };

struct keyring;

/** All keys fresh, one MEK, a DEK for "sys"; version 1, generation 1. */
TSEC_MUST_CHECK tsec_rc keyring_new(const char *origin, int64_t now_ns, struct keyring **out,
                                    struct tsec_err *err);
/** A copy with version + 1, to be changed before it is published. */
TSEC_MUST_CHECK tsec_rc keyring_copy(const struct keyring *from, struct keyring **out,
                                     struct tsec_err *err);
/** A copy with a version of the caller's choice. */
TSEC_MUST_CHECK tsec_rc keyring_copy_as(const struct keyring *from, uint64_t version,
                                        struct keyring **out, struct tsec_err *err);
void keyring_free(struct keyring *keyring);
TSEC_DEFINE_AUTO(struct keyring, keyring_free)

TSEC_MUST_CHECK tsec_rc keyring_seal(const struct keyring *keyring, const uint8_t root[32],
                                     struct tsec_buf *blob, struct tsec_err *err);
/** TSEC_E_TAMPERED: not under this root key, or altered. */
TSEC_MUST_CHECK tsec_rc keyring_open(struct tsec_span blob, const uint8_t root[32],
                                     const char *origin, struct keyring **out,
                                     struct tsec_err *err);

uint64_t keyring_version(const struct keyring *keyring);
uint32_t keyring_generation(const struct keyring *keyring);
const char *keyring_origin(const struct keyring *keyring);

/* Changes, on a copy that nobody else sees yet; after a failure it is only good for freeing. */

/** A primary DEK for a mount that has none.  TSEC_E_CONFLICT when it has one. */
TSEC_MUST_CHECK tsec_rc keyring_dek_create(struct keyring *keyring, const char *mount,
                                           int64_t now_ns, struct tsec_err *err);
/** A new primary; the old one only decrypts from now on. */
TSEC_MUST_CHECK tsec_rc keyring_dek_rotate(struct keyring *keyring, const char *mount,
                                           int64_t now_ns, struct tsec_err *err);
/** All DEKs of the mount; what is sealed under them is lost. */
void keyring_dek_destroy(struct keyring *keyring, const char *mount);
/** One decrypt-only DEK that nothing is sealed under any more. */
void keyring_dek_retire(struct keyring *keyring, uint32_t kid);
/** A new MEK; every DEK is wrapped anew. */
TSEC_MUST_CHECK tsec_rc keyring_mek_rotate(struct keyring *keyring, int64_t now_ns,
                                           struct tsec_err *err);
/** Keys that both have go on counting their uses where `from` is. */
void keyring_dek_carry(struct keyring *keyring, const struct keyring *from);

/* Use. */

struct keyring_dek {
    uint32_t kid;
    enum keyring_state state;
    int64_t created_ns;
    char mount[KEYRING_MOUNT_MAX + 1];
    const struct tsec_aead_key *key;
    uint64_t uses; /* seals since this process opened it */
};

/** False: no such key.  `mount` may be a span into a longer key. */
bool keyring_dek_primary(const struct keyring *keyring, struct tsec_span mount,
                         struct keyring_dek *out);
bool keyring_dek_by_kid(const struct keyring *keyring, uint32_t kid, struct keyring_dek *out);
size_t keyring_dek_count(const struct keyring *keyring);
void keyring_dek_at(const struct keyring *keyring, size_t i, struct keyring_dek *out);
/** Counts one seal under the key. */
void keyring_dek_used(const struct keyring *keyring, uint32_t kid);
uint32_t keyring_mek_version(const struct keyring *keyring);
int64_t keyring_mek_created(const struct keyring *keyring);

const struct tsec_hmac_key *keyring_row_key(const struct keyring *keyring);
const struct tsec_hmac_key *keyring_token_key(const struct keyring *keyring);
const struct tsec_hmac_key *keyring_pseudonym_key(const struct keyring *keyring);
const struct tsec_hmac_key *keyring_segment_key(const struct keyring *keyring);
const struct tsec_aead_key *keyring_ledger_key(const struct keyring *keyring);
const struct tsec_key *keyring_signing_key(const struct keyring *keyring);  /* Ed25519 */
const struct tsec_key *keyring_identity_key(const struct keyring *keyring); /* P-384 */

#endif
