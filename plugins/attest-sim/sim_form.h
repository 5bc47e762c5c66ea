/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sim_form.h
 * @brief Simulated evidence as bytes: JSON in exactly one form (docs/attest-sim.md).
 *
 * Checks form only, never a signature.  Text that does not come out byte for byte when what was
 * read from it is written again is refused: no white space, no other order, no second spelling.
 */
#ifndef ATTEST_SIM_FORM_H
#define ATTEST_SIM_FORM_H

#include <tsec/plugin.h>

#include "base/buf.h"

#define SIM_FORMAT "sim-v1"

enum {
    SIM_MEASUREMENT_LEN = 48,
    SIM_BINDING_LEN = 64,
    SIM_NONCE_MAX = 512,
    SIM_KEY_MAX = 1024,
    SIM_ROOT_ID_LEN = 32,
    SIM_SPKI_MAX = 160, /* a P-384 SubjectPublicKeyInfo has 120 bytes */
    SIM_SIG_LEN = 96,
    SIM_EVIDENCE_MAX = 8192,
};

struct sim_evidence {
    uint8_t measurement[SIM_MEASUREMENT_LEN];
    int64_t svn;
    bool debug;
    int64_t issued_at;
    uint8_t binding[SIM_BINDING_LEN];
    uint8_t nonce[SIM_NONCE_MAX];
    size_t nonce_len;
    uint8_t public_key[SIM_KEY_MAX];
    size_t public_key_len;

    uint8_t root[SIM_ROOT_ID_LEN]; /* SHA-256 of the root's SubjectPublicKeyInfo */
    uint8_t leaf[SIM_SPKI_MAX];
    size_t leaf_len;
    int64_t not_after;
    uint8_t endorsement[SIM_SIG_LEN]; /* the root's, over measurement, time and leaf */
    uint8_t signature[SIM_SIG_LEN];   /* the leaf's, over the claims */
};

/** What the root signs. */
void sim_endorsed_bytes(const struct sim_evidence *evidence, struct tsec_buf *out);
/** What the leaf signs: a label, and the claims as they stand in the evidence. */
void sim_signed_bytes(const struct sim_evidence *evidence, struct tsec_buf *out);

void sim_encode(const struct sim_evidence *evidence, struct tsec_buf *out);
/** TSEC_E_INVALID: not of this form. */
TSEC_MUST_CHECK tsec_rc sim_parse(struct tsec_span text, struct sim_evidence *out,
                                  struct tsec_err *err);

#endif
