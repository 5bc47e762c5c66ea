/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/mint/mint_sgx.h
 * @brief SGX and TDX quotes, and the collateral that vouches for them, made with a PKI shaped like
 * Intel's: genuine, or wrong in one way.
 *
 *     struct mint_sgx spec;
 *     mint_sgx_genuine(&spec, true);           of TDX, genuine at MINT_SGX_NOW
 *     spec.body[TD_ATTRIBUTES] = 1;            what the test is about
 *     mint_sgx_quote(&spec, &quote);
 *
 * The keys are made once and live as long as the program.
 */
#ifndef MINT_SGX_H
#define MINT_SGX_H

#include "crypto/hash.h"
#include "tests/mint/mint_cert.h"

#define MINT_SGX_NOW INT64_C(1800000000)

enum mint_sgx_key {
    MINT_SGX_ROOT,
    MINT_SGX_CA, /* Platform CA */
    MINT_SGX_PCK,
    MINT_SGX_SIGNING, /* TCB Signing */
    MINT_SGX_CERTS,
    MINT_SGX_ATTESTATION = MINT_SGX_CERTS,
    MINT_SGX_STRANGER, /* of nobody above */
    MINT_SGX_KEYS,
};

enum { MINT_SGX_LEVELS = 4, MINT_SGX_MODULES = 3, MINT_SGX_BODY_MAX = 648 };
#define MINT_SGX_MAX ((size_t)64 * 1024)

/** One level of TCB info. */
struct mint_sgx_level {
    uint8_t sgx[16];
    uint8_t tdx[16];
    unsigned pce_svn;
    const char *status;
    const char *date;       /* "2027-01-01" */
    const char *advisories; /* JSON: "[\"INTEL-SA-00001\"]"; NULL: no such member */
};

/** One of a QE identity or a TDX module; status NULL ends a list. */
struct mint_sgx_svn {
    unsigned svn;
    const char *status;
    const char *date;
};

struct mint_sgx_module {
    const char *id; /* "TDX_01"; NULL ends the list */
    uint8_t signer; /* every byte of mrsigner */
    struct mint_sgx_svn levels[MINT_SGX_LEVELS];
};

/** The SGX extensions of the PCK certificate. */
struct mint_sgx_platform {
    uint8_t ppid[16];
    uint8_t components[16];
    unsigned pce_svn;
    uint8_t cpu_svn[16];
    uint8_t pce_id[2];
    uint8_t fmspc[6];
    bool has_instance;
    uint8_t instance[16];
    bool has_configuration;
};

/** Strings and spans are the caller's and are only read. */
struct mint_sgx {
    /* certificates, by enum mint_sgx_key */
    struct mint_cert_spec certs[MINT_SGX_CERTS];
    enum mint_sgx_key signers[MINT_SGX_CERTS]; /* whose key signs each */
    enum mint_sgx_key keys[MINT_SGX_CERTS];    /* whose key each is of */
    bool p384_ca;                              /* the CA's key is on another curve */
    struct mint_sgx_platform platform;
    struct tsec_span extension; /* in place of what the platform gives; .ptr NULL: that */
    bool no_extension;

    /* quote */
    bool tdx;
    unsigned version;
    unsigned body_type; /* of version 5: 1 SGX, 2 TDX 1.0, 3 TDX 1.5; also gives the length */
    unsigned key_type;  /* 2 */
    uint8_t vendor;     /* first byte of the QE vendor's UUID */
    uint8_t body[MINT_SGX_BODY_MAX];
    uint8_t qe_report[384]; /* but for its report data */
    bool qe_other_key;      /* its report data is for another key */
    uint8_t qe_tail;        /* last byte of its report data */
    struct tsec_span qe_auth;
    unsigned cert_type;             /* 5 */
    enum mint_sgx_key qe_signer;    /* of the QE report: MINT_SGX_PCK */
    enum mint_sgx_key quote_signer; /* MINT_SGX_ATTESTATION */
    bool zero_attestation_key;      /* the key in the quote is no point of the curve */
    bool wrapped;                   /* Open Enclave's evidence header */
    size_t padding;
    uint8_t padding_byte;

    /* TCB info */
    unsigned info_version;
    const char *info_id; /* "SGX", "TDX"; NULL: none, as in version 2 */
    const char *issue_date;
    const char *next_update;
    unsigned evaluation;
    uint8_t info_fmspc[6];
    uint8_t info_pce_id[2];
    struct mint_sgx_level levels[MINT_SGX_LEVELS];
    size_t levels_len;
    uint8_t module_signer; /* every byte of tdxModule.mrsigner */
    struct mint_sgx_module modules[MINT_SGX_MODULES];

    /* QE identity */
    const char *identity_id; /* "QE", "TD_QE" */
    const char *identity_issue_date;
    const char *identity_next_update;
    const char *identity_signer; /* hex */
    unsigned identity_prod_id;
    struct mint_sgx_svn identity_levels[MINT_SGX_LEVELS];
};

/** UpToDate in every respect: version 4, TDX 1.0 with a module of version 1, or an enclave. */
void mint_sgx_genuine(struct mint_sgx *spec, bool tdx);
/** SHA-256 of the root's SubjectPublicKeyInfo. */
void mint_sgx_anchor(uint8_t spki[TSEC_SHA256_LEN]);
struct mint_key *mint_sgx_key(enum mint_sgx_key which);

/* All append. */
void mint_sgx_quote(const struct mint_sgx *spec, struct tsec_buf *out);
void mint_sgx_cert(const struct mint_sgx *spec, enum mint_sgx_key which, struct tsec_buf *der);
/** PEM: PCK, CA, root. */
void mint_sgx_chain(const struct mint_sgx *spec, struct tsec_buf *pem);
/** PEM: signing certificate, root. */
void mint_sgx_signing_chain(const struct mint_sgx *spec, struct tsec_buf *pem);
void mint_sgx_extension(const struct mint_sgx_platform *platform, struct tsec_buf *der);
/** The JSON that is signed. */
void mint_sgx_tcb_info(const struct mint_sgx *spec, struct tsec_buf *body);
void mint_sgx_identity(const struct mint_sgx *spec, struct tsec_buf *body);
/** {"NAME":BODY,"signature":".."} */
void mint_sgx_wrap(const char *name, struct tsec_span body, enum mint_sgx_key signer,
                   struct tsec_buf *out);
/** Of MINT_SGX_ROOT or MINT_SGX_CA, around MINT_SGX_NOW; `revoked` 0: none. */
void mint_sgx_crl(enum mint_sgx_key issuer, uint64_t revoked, struct tsec_buf *der);

#endif
