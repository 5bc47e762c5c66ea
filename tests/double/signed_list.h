/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/signed_list.h
 * @brief An operator with a key, and the lists of allowed measurements that he signs.
 */
#ifndef TSEC_TESTS_SIGNED_LIST_H
#define TSEC_TESTS_SIGNED_LIST_H

#include "attest/operators.h"
#include "base/buf.h"
#include "crypto/sign.h"

/** SPKI and id of a new key. */
struct signed_list_key {
    struct tsec_key *key;
    struct tsec_buf spki;
    char id[OPERATOR_ID_LEN + 1];
};
void signed_list_key_new(struct signed_list_key *key, enum tsec_key_kind kind);
void signed_list_key_done(struct signed_list_key *key);

/** Ed25519 as it is; ECDSA with SHA-256 (P-256) or SHA-384 (P-384), as r ‖ s or, `der`, as DER. */
void signed_list_sign(const struct signed_list_key *key, struct tsec_span message, bool der,
                      struct tsec_buf *out);

/** `measurements`: JSON of the list. */
void signed_list_document(const char *ledger, long sequence, const char *measurements,
                          struct tsec_buf *out);
/** The body of POST sys/measurements; the document as given. */
void signed_list_body(const struct signed_list_key *key, struct tsec_span document,
                      struct tsec_buf *out);

#endif
