/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sim_state.h
 * @brief The folder that stands in for a TEE's fused keys: a root key pair and a sealing key.
 *
 * Whoever can read the folder is the TEE.  Files are 0600 and made once: root.key (the P-384
 * scalar), seal.key (32 bytes), both as hex; root.pem (the public key) is for verifiers.
 */
#ifndef ATTEST_SIM_STATE_H
#define ATTEST_SIM_STATE_H

#include "base/secret.h"
#include "sim_roots.h"

enum { SIM_SEAL_KEY_LEN = 32 };

struct sim_state {
    struct tsec_key *root;
    uint8_t root_spki[SIM_SPKI_MAX];
    size_t root_spki_len;
    struct tsec_secret *seal_key;
};

/** Creates what is missing; two processes that do so at once end up with the same keys.
 *  TSEC_E_CONFIG: no such folder, or others can read its keys. */
TSEC_MUST_CHECK tsec_rc sim_state_open(const char *dir, struct sim_state *out,
                                       struct tsec_err *err);
void sim_state_done(struct sim_state *state);

/** The whole of a small public file (PEM), appended. */
TSEC_MUST_CHECK tsec_rc sim_read_file(const char *path, struct tsec_buf *out, struct tsec_err *err);

#endif
