/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_public.h
 * @brief A public key as PKCS #11 wants to see it, from its SubjectPublicKeyInfo.
 *
 * The only place of the module that knows curves and identifiers.
 */
#ifndef TSEC_CLIENT_P11_PUBLIC_H
#define TSEC_CLIENT_P11_PUBLIC_H

#include <p11-kit/pkcs11.h>

#include "base/buf.h"
#include "crypto/pair.h"

/** Spans are of the SPKI. */
struct p11_public {
    enum tsec_pair_kind kind;
    ck_key_type_t type;
    bool usual; /* of a kind that every program knows; see p11_public_is_usual() */
    struct tsec_span spki;
    size_t signature_len;
    struct tsec_span params;   /* curves: the OID with its head; empty for RSA */
    struct tsec_span point;    /* 0x04 ‖ x ‖ y, or 32 bytes of Ed25519 */
    struct tsec_span modulus;  /* RSA, without leading zeroes */
    struct tsec_span exponent; /* likewise */
};

/** TSEC_E_INVALID: no such key, or one of a kind or curve that the module does not know. */
TSEC_MUST_CHECK tsec_rc p11_public_parse(struct tsec_span spki, struct p11_public *out,
                                         struct tsec_err *err);
/** The SPKI from what a key's version shows: PEM, or base64 of an Ed25519 key's 32 bytes. */
TSEC_MUST_CHECK tsec_rc p11_public_read(struct tsec_span text, struct tsec_buf *spki,
                                        struct tsec_err *err);
/** The type of transit keys that the parameters of a new key ask for; NULL: none. */
const char *p11_public_type_named(struct tsec_span params);
/** Likewise by the size of a modulus in bits. */
const char *p11_public_type_sized(unsigned long bits);
/** RSA, and the curves of NIST.  Of the others some programs make nothing, and some fail when they
 *  merely see one among the objects: libp11 0.4.12 at Ed25519, ssh-agent of OpenSSH 9.2 at
 *  secp256k1. */
bool p11_public_is_usual(const char *transit_type);

#endif
