/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attest/ear.h
 * @brief An appraisal as an EAT Attestation Result (draft-ietf-rats-ear): a JWT that a relying
 * party verifies by the cluster's public key.
 *
 * It says the verdict and, of what was admitted, the claims; never what would have been allowed.
 */
#ifndef TSEC_ATTEST_EAR_H
#define TSEC_ATTEST_EAR_H

#include "attest/appraiser.h"

enum { EAR_MAX = 64 * 1024, EAR_LIFETIME_S = 300, EAR_NONCE_MIN = 8, EAR_NONCE_MAX = 64 };

/** The two ways in which the claims of an EAR are named. */
enum ear_profile {
    EAR_PROFILE_IETF = 0, /* draft-ietf-rats-ear-04: "ear_status" */
    EAR_PROFILE_VERAISON, /* what releases of Veraison's libraries still read: "ear.status" */
};

/** False: not a profile's URI. */
bool ear_profile_parse(const char *uri, enum ear_profile *out);

struct ear_options {
    enum ear_profile profile;
    const char *issuer;     /* who signs: the name of the ledger */
    const char *build;      /* "tee-secrets 0.1.0" */
    const char *id;         /* of the request */
    struct tsec_span nonce; /* the caller's; left out unless it has 8 to 64 bytes */
    const uint8_t *policy;  /* digest of the configuration, 48 bytes */
    const char *kid;        /* of the key */
    /** Appends r ‖ s of ECDSA P-384 with SHA-384. */
    tsec_rc (*sign)(void *ctx, struct tsec_span message, struct tsec_buf *sig,
                    struct tsec_err *err);
    void *ctx;
};

TSEC_MUST_CHECK tsec_rc ear_token(const struct appraisal *appraisal,
                                  const struct ear_options *options, int64_t now,
                                  struct tsec_buf *out, struct tsec_err *err);

#endif
