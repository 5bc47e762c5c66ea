/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/evidence.h
 * @brief Er and Ei: one side's evidence with what its verifier needs, as JSON; and what that
 * evidence must show to be of this channel.
 *
 * It does not verify: a verifier is asked with the expectation made here.
 */
#ifndef TSEC_AMC_EVIDENCE_H
#define TSEC_AMC_EVIDENCE_H

#include "amc/amc.h"

enum { AMC_COLLATERAL_MAX = 32 };

enum amc_mode {
    AMC_FRESH = 1, /* made for this handshake, bound to its transcript */
    AMC_IDENTITY,  /* of the identity key, made at made_at_s; that key signs the transcript */
    AMC_RESUMED,   /* none: the key of an earlier channel stands for it */
    AMC_NONE,      /* none at all: the initiator is an operator, known by its token */
};
const char *amc_mode_name(enum amc_mode mode); /* "fresh", "identity", "resumed", "none" */

/** {"format":…,"evidence":b64u,"mode":…,"made_at":…,"collateral":[b64u…],"role":…,"bind":…} */
struct amc_evidence {
    char format[AMC_FORMAT_LEN + 1]; /* "none" with the modes that have none */
    enum amc_mode mode;
    enum amc_layout layout; /* that of the format; "bind", where it is there, must say the same */
    int64_t made_at_s;
    struct tsec_span evidence;
    struct tsec_span collateral[AMC_COLLATERAL_MAX];
    size_t collateral_len;
    /** Ei only: the role of auth/attest that the initiator asks for; "": none. */
    char role[AMC_NAME_MAX + 1];
};

/** Spans point into `bytes`, which receives what was base64 (at most as much as the text has) and
 *  may not grow while they are used.  Evidence is there in the modes that have some and in no
 * other; `identity` has the time at which it was made.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc amc_evidence_parse(struct tsec_span text, struct tsec_buf *bytes,
                                           struct amc_evidence *out, struct tsec_err *err);
void amc_evidence_write(const struct amc_evidence *evidence, struct tsec_buf *out);

/** What a verifier is asked for: the spans of struct tsec_expectation (a NULL one is not checked).
 *  They point into `binding`, `nonce` and `spki` or into `own`, so that a copy of this is of no
 * use.
 */
struct amc_expect {
    struct tsec_span binding;
    struct tsec_span nonce;
    struct tsec_span public_key;
    uint8_t own[64]; /* the field as a whole, zeros included, where it is report_data */
};
/** `nonce`: the verifying side's; `spki`: the ephemeral key of the side that attests.  maa32: the
 *  "amc" of the token's runtime data is the binding, and their "nonce" the nonce. */
void amc_expect(const char *format, enum amc_layout layout, const uint8_t binding[AMC_HASH_LEN],
                struct tsec_span nonce, struct tsec_span spki, struct amc_expect *out);
/** The other way: what to ask a plugin for (struct tsec_evidence_request has 64 bytes).  With maa32
 *  these are the binding itself: whoever gets the token makes the runtime data of it and of the
 *  request's nonce, and SHA-256 of those is the report data. */
void amc_request_binding(enum amc_layout layout, const uint8_t binding[AMC_HASH_LEN],
                         uint8_t out[64]);
/** Those runtime data: {"amc":b64u(binding),"nonce":b64u(nonce)}, appended. */
void amc_runtime_data(const uint8_t binding[AMC_HASH_LEN], struct tsec_span nonce,
                      struct tsec_buf *out);

#endif
