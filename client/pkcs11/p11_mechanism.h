/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_mechanism.h
 * @brief What the token can do, as one table; and a program's wish checked against it.
 */
#ifndef TSEC_CLIENT_P11_MECHANISM_H
#define TSEC_CLIENT_P11_MECHANISM_H

#include "client/pkcs11/p11_public.h"

enum p11_padding { P11_NO_PADDING = 0, P11_PKCS1, P11_PSS, P11_OAEP };

struct p11_mechanism {
    ck_mechanism_type_t type;
    ck_key_type_t key;
    ck_flags_t flags; /* CKF_SIGN and its like */
    unsigned long min_bits;
    unsigned long max_bits;
    enum p11_padding padding;
    enum tsec_hash hash; /* of the data, taken here; 0: the data is signed as it comes */
};

/** In the order in which they are listed. */
const struct p11_mechanism *p11_mechanism_at(size_t i);
size_t p11_mechanisms(void);
/** NULL: none of that type. */
const struct p11_mechanism *p11_mechanism_find(ck_mechanism_type_t type);

/** A mechanism with its parameters, for one key. */
struct p11_scheme {
    const struct p11_mechanism *mechanism;
    enum tsec_hash hash; /* of PSS and OAEP; otherwise the mechanism's */
    int salt_len;        /* of PSS */
};

/** `use`: CKF_SIGN, CKF_VERIFY, CKF_ENCRYPT or CKF_DECRYPT. */
TSEC_MUST_CHECK ck_rv_t p11_scheme_of(const struct ck_mechanism *wish, ck_flags_t use,
                                      const struct p11_public *key, struct p11_scheme *out);
/** The longest input that is not hashed here, in bytes. */
size_t p11_scheme_input_max(const struct p11_scheme *scheme, const struct p11_public *key);

/** As the server names it ("sha2-256"); "none" for 0. */
const char *p11_hash_name(enum tsec_hash hash);
/** The hash whose digests are that long; 0: none. */
enum tsec_hash p11_hash_of_len(size_t len);

#endif
