/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/mint/mint_nitro.h
 * @brief AWS Nitro attestation documents made with a test PKI, genuine or wrong in one way.
 *
 * The chain is like the real one: a root, three levels of CAs with path lengths 2, 1 and 0, and a
 * leaf that lives for three hours; all P-384 and ecdsa-with-SHA384.
 *
 *     struct mint_nitro_spec spec;
 *     mint_nitro_genuine(&spec);          genuine at MINT_NITRO_NOW
 *     spec.certs[2].ca = false;           what the test is about
 *     mint_nitro(&spec, &document, root);
 */
#ifndef MINT_NITRO_H
#define MINT_NITRO_H

#include "crypto/hash.h"
#include "tests/mint/mint_cert.h"

#define MINT_NITRO_NOW INT64_C(1800000000)

enum {
    MINT_NITRO_CERTS = 5, /* root, three CAs, leaf */
    MINT_NITRO_LEAF = MINT_NITRO_CERTS - 1,
    MINT_NITRO_PCRS = 32,
    MINT_NITRO_EDITS = 4,
    MINT_NITRO_MAX = 64 * 1024,
};

/** What is done to one key of the payload, or to a key that should not be there. */
struct mint_nitro_edit {
    const char *key;        /* NULL: no edit */
    bool drop;              /* leave it out */
    bool again;             /* write it a second time at the end */
    struct tsec_span value; /* CBOR in place of the value; .ptr NULL: as it was */
};

/** Spans and strings are the caller's and are only read. */
struct mint_nitro_spec {
    /* certificates */
    struct mint_cert_spec certs[MINT_NITRO_CERTS];
    enum tsec_pubkey_kind kinds[MINT_NITRO_CERTS];
    bool swapped_root; /* cabundle begins with a root of the same name and another key */
    bool no_root;      /* cabundle begins below the root */
    bool other_issuer; /* the leaf is signed by a key that no certificate is of */
    bool empty_cabundle;

    /* payload */
    bool tpm; /* nitrotpm_pcrs, and the module id of one */
    const char *module_id;
    int64_t timestamp_ms;
    uint8_t pcrs[MINT_NITRO_PCRS][64];
    size_t pcr_len;              /* of each; 48 */
    uint64_t has;                /* which are there: bit i for PCR i */
    int pcr_again;               /* this PCR is written twice; -1: none */
    struct tsec_span public_key; /* .ptr NULL: null */
    struct tsec_span user_data;
    struct tsec_span nonce;
    bool indefinite; /* the payload map ends at a break */
    bool indefinite_pcrs;
    bool indefinite_cabundle;
    bool reversed; /* keys in the opposite order */
    struct mint_nitro_edit edits[MINT_NITRO_EDITS];
    struct tsec_span payload_tail; /* behind the map, still signed */

    /* envelope */
    unsigned tags;                /* how often tag 18 stands in front */
    uint64_t tag;                 /* 18 */
    struct tsec_span protected;   /* the header's map */
    struct tsec_span unprotected; /* a whole map */
    enum tsec_sigalg sigalg;
    size_t signature_len;  /* cut or filled up with zeroes to this; 96 */
    bool other_signer;     /* signed by a key that no certificate is of */
    bool wide_array;       /* the outer array's head is not in its shortest form */
    struct tsec_span tail; /* behind everything */
};

/** An enclave's document with PCRs 0 to 15 (5 to 15 but 8 are zero), public_key, user_data and
 *  nonce, genuine at MINT_NITRO_NOW. */
void mint_nitro_genuine(struct mint_nitro_spec *spec);
/** The same of an instance with NitroTPM, with PCRs 0 to 23. */
void mint_nitro_genuine_tpm(struct mint_nitro_spec *spec);

/** Appends the document.  `root` receives the SHA-256 of the root's certificate; may be NULL.  Keys
 *  are made once per program, so that two documents of equal certificates have equal keys. */
void mint_nitro(const struct mint_nitro_spec *spec, struct tsec_buf *out,
                uint8_t root[TSEC_SHA256_LEN]);
/** The certificates of a document by themselves: appends the DER of the one at `index`. */
void mint_nitro_cert(const struct mint_nitro_spec *spec, size_t index, struct tsec_buf *out);

#endif
