/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sim_roots.h
 * @brief The root keys a verifier trusts: its own simulator's, and those of a PEM file.
 */
#ifndef ATTEST_SIM_ROOTS_H
#define ATTEST_SIM_ROOTS_H

#include "crypto/sign.h"
#include "sim_form.h"

enum { SIM_ROOTS_MAX = 16, SIM_PEM_MAX = 16384 };

struct sim_root {
    uint8_t id[SIM_ROOT_ID_LEN];
    struct tsec_key *key;
};

struct sim_roots {
    struct sim_root items[SIM_ROOTS_MAX];
    size_t len;
};

void sim_roots_done(struct sim_roots *roots);

/** SHA-256 of a SubjectPublicKeyInfo. */
void sim_root_id(struct tsec_span spki, uint8_t out[SIM_ROOT_ID_LEN]);
/** TSEC_E_CONFIG: not a P-384 key, or too many; one that is there already is not added again. */
TSEC_MUST_CHECK tsec_rc sim_roots_add(struct sim_roots *roots, struct tsec_span spki,
                                      struct tsec_err *err);
/** All "PUBLIC KEY" blocks of a PEM text, at least one; nothing may stand between them. */
TSEC_MUST_CHECK tsec_rc sim_roots_add_pem(struct sim_roots *roots, struct tsec_span pem,
                                          struct tsec_err *err);
/** NULL: not trusted. */
const struct tsec_key *sim_roots_find(const struct sim_roots *roots,
                                      const uint8_t id[SIM_ROOT_ID_LEN]);

/** The same key as one "PUBLIC KEY" block. */
void sim_root_pem(struct tsec_span spki, struct tsec_buf *out);

#endif
