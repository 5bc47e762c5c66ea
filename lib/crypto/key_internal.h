/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/key_internal.h
 * @brief A key pair as the modules of this folder see it.  Nothing outside lib/crypto includes it.
 */
#ifndef TSEC_CRYPTO_KEY_INTERNAL_H
#define TSEC_CRYPTO_KEY_INTERNAL_H

#include <openssl/evp.h>

#include "crypto/sign.h"

enum { KEY_PUBLIC_MAX = 97, KEY_PRIVATE_MAX = 48 };

struct tsec_key_form {
    enum tsec_key_kind kind;
    const char *name;    /* of the algorithm */
    const char *group;   /* NULL: not an elliptic curve of FIPS 186 */
    int curve;           /* its NID, or 0 */
    size_t public_len;   /* raw */
    size_t private_len;  /* raw; also the length of a coordinate */
    const uint8_t *spki; /* what stands before the raw public key in its SubjectPublicKeyInfo */
    size_t spki_len;
};

/** NULL for a value that is no kind. */
const struct tsec_key_form *tsec_key_form(enum tsec_key_kind kind);

struct tsec_key {
    const struct tsec_key_form *form;
    EVP_PKEY *pkey;
    bool is_private;
    uint8_t public_key[KEY_PUBLIC_MAX]; /* form->public_len bytes */
};

static inline bool
tsec_key_is_ec(const struct tsec_key *key)
{
    return key->form->group != NULL;
}

#endif
