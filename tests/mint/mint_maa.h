/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/mint/mint_maa.h
 * @brief Tokens of Azure Attestation and their JWKS, genuine or wrong in one way.
 *
 *     struct mint_maa_spec spec;
 *     mint_maa_genuine(MINT_MAA_SGX, &spec);      genuine at MINT_MAA_NOW
 *     spec.alg = "none";                          what the test is about
 *     mint_maa(&spec, &token);
 */
#ifndef MINT_MAA_H
#define MINT_MAA_H

#include "tests/mint/mint_cert.h"

#define MINT_MAA_NOW    INT64_C(1800000000)
#define MINT_MAA_ISSUER "https://mint.weu.attest.azure.net"
#define MINT_MAA_KID    "dGVzdC1rZXktb2YtdGhlLXRlc3QtUEtJ/+0="

enum { MINT_MAA_EDITS = 4, MINT_MAA_TOKEN_MAX = 128 * 1024, MINT_MAA_JWKS_MAX = 64 * 1024 };

enum mint_maa_family {
    MINT_MAA_SGX,
    MINT_MAA_SNP,
    MINT_MAA_CVM, /* a virtual machine, with SEV-SNP below it */
    MINT_MAA_TDX,
};

/** What is done to one member, or a member that is not there otherwise. */
struct mint_maa_edit {
    const char *name; /* NULL: no edit */
    const char *json; /* in place of the value; NULL: leave it out */
    bool again;       /* not in place: a second time at the end */
};

/** Strings are the caller's and are only read. */
struct mint_maa_spec {
    enum mint_maa_family family;
    const char *issuer;
    int64_t iat;
    int64_t nbf;
    int64_t exp;
    bool debug;
    const char *nonce;    /* the token's own; NULL: none */
    const char *runtime;  /* x-ms-runtime as JSON; NULL: none */
    struct tsec_span ehd; /* runtime data in binary; .ptr NULL: none */
    uint8_t report_data[64];
    struct mint_maa_edit outer[MINT_MAA_EDITS];
    struct mint_maa_edit inner[MINT_MAA_EDITS]; /* of x-ms-isolation-tee */

    /* header */
    const char *alg;
    const char *kid;
    const char *jku; /* NULL: none */
    struct mint_maa_edit header[MINT_MAA_EDITS];

    /* signature */
    enum tsec_sigalg sig;
    unsigned rsa; /* which of mint_rsa(2048, ..) */
    bool unsig;   /* nothing behind the second dot */
    bool hmac;    /* HS256, with the public key's SPKI as the secret */
};

void mint_maa_genuine(enum mint_maa_family family, struct mint_maa_spec *spec);
void mint_maa(const struct mint_maa_spec *spec, struct tsec_buf *token);

struct mint_maa_jwk {
    const char *kid;
    unsigned rsa;      /* whose n and e */
    bool bare;         /* has n and e */
    bool x5c;          /* has a certificate ... */
    unsigned cert_rsa; /* ... of this key */
    int64_t not_before;
    int64_t not_after;
    struct mint_maa_edit edit;
};

/** One with a certificate and nothing else, as Azure's are. */
struct mint_maa_jwk mint_maa_jwk(void);
void mint_maa_jwks(const struct mint_maa_jwk *keys, size_t n, struct tsec_buf *out);

#endif
