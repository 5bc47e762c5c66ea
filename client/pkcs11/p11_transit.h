/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_transit.h
 * @brief What the module has the server do with keys: sign, decrypt, make one, draw randomness.
 *
 * Always with the version that the program was shown, so that a rotation in between does not give
 * it a signature of another key.
 */
#ifndef TSEC_CLIENT_P11_TRANSIT_H
#define TSEC_CLIENT_P11_TRANSIT_H

#include "client/pkcs11/p11_mechanism.h"
#include "client/pkcs11/p11_object.h"
#include "client/pkcs11/p11_server.h"

struct p11_transit {
    struct p11_server *server;
    const char *mount;
};

/** Appends the signature as PKCS #11 has it: r ‖ s, or the bytes of RSA and Ed25519. */
TSEC_MUST_CHECK ck_rv_t p11_transit_sign(const struct p11_transit *transit,
                                         const struct p11_object *key,
                                         const struct p11_scheme *scheme, struct tsec_span input,
                                         struct tsec_buf *out);
/** CKR_ENCRYPTED_DATA_INVALID: the server refuses it, whatever the reason. */
TSEC_MUST_CHECK ck_rv_t p11_transit_decrypt(const struct p11_transit *transit,
                                            const struct p11_object *key, struct tsec_span sealed,
                                            struct tsec_buf *out);
TSEC_MUST_CHECK ck_rv_t p11_transit_random(const struct p11_transit *transit, unsigned char *out,
                                           unsigned long len);
/** CKR_TEMPLATE_INCONSISTENT: there is one of that name. */
TSEC_MUST_CHECK ck_rv_t p11_transit_create(const struct p11_transit *transit, struct tsec_span name,
                                           const char *type);

#endif
