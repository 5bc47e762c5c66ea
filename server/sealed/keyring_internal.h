/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sealed/keyring_internal.h
 * @brief What the files of the keyring share; nobody else includes it.
 */
#ifndef TSEC_SEALED_KEYRING_INTERNAL_H
#define TSEC_SEALED_KEYRING_INTERNAL_H

#include <stdatomic.h>

#include "sealed/keyring.h"

enum { WRAPPED_LEN = TSEC_XAES_NONCE_LEN + 32 + TSEC_AEAD_TAG_LEN };

/* The cluster's own keys, in one locked page.  The order is the order in the sealed object. */
struct raw_keys {
    uint8_t row[32];
    uint8_t token[32];
    uint8_t pseudonym[32];
    uint8_t segment[32];
    uint8_t ledger[32];
    uint8_t signing[32];
    uint8_t identity[48];
};

struct mek {
    uint32_t version;
    int64_t created_ns;
    struct tsec_secret *key;
};

/* Shared by the copies of a keyring: the prepared key outlives the copy it was made in. */
struct dek_key {
    atomic_uint refs;
    _Atomic uint64_t uses;
    struct tsec_aead_key *aead;
};

struct dek {
    uint32_t kid;
    enum keyring_state state;
    int64_t created_ns;
    uint32_t mek;
    char mount[KEYRING_MOUNT_MAX + 1];
    uint8_t wrapped[WRAPPED_LEN];
    struct dek_key *shared;
};

struct keyring {
    char origin[160];
    uint64_t version;
    uint32_t generation;
    struct tsec_secret *raw; /* struct raw_keys */
    struct mek mek;          /* the primary; DEKs are always wrapped by it */
    struct dek *deks;
    size_t deks_len;
    struct tsec_hmac_key *row;
    struct tsec_hmac_key *token;
    struct tsec_hmac_key *pseudonym;
    struct tsec_hmac_key *segment;
    struct tsec_aead_key *ledger;
    struct tsec_key *signing;
    struct tsec_key *identity;
};

struct raw_keys *keyring_raw(const struct keyring *keyring);
/** Empty but for its origin and its locked pages. */
TSEC_MUST_CHECK tsec_rc keyring_alloc(const char *origin, struct keyring **out,
                                      struct tsec_err *err);
/** Prepares the cluster's own keys from the raw ones. */
TSEC_MUST_CHECK tsec_rc keyring_prepare(struct keyring *keyring, struct tsec_err *err);

/** Unwraps and prepares the key of a DEK that was read; TSEC_E_TAMPERED. */
TSEC_MUST_CHECK tsec_rc keyring_dek_open(const struct keyring *keyring, struct dek *dek,
                                         struct tsec_err *err);
const struct dek *keyring_dek_find(const struct keyring *keyring, uint32_t kid);
void dek_key_ref(struct dek_key *key);
void dek_key_unref(struct dek_key *key); /* NULL is harmless */

#endif
