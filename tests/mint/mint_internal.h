/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/mint/mint_internal.h
 * @brief A key of the test PKI as the makers of certificates and evidence see it.
 */
#ifndef MINT_INTERNAL_H
#define MINT_INTERNAL_H

#include <openssl/evp.h>

#include "tests/mint/mint_cert.h"

struct mint_key {
    EVP_PKEY *pkey;
    enum tsec_pubkey_kind kind;
    bool pooled;
};

/** Ends the program, naming what could not be made, unless `ok`. */
void mint_need(bool ok, const char *what);
/** A signing context of that hash (NULL for Ed25519's keys). */
EVP_MD_CTX *mint_signer(const struct mint_key *key, const char *md, bool pss);

#endif
