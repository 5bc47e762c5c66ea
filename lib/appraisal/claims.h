/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file appraisal/claims.h
 * @brief The claims of one piece of evidence: filled in, looked up, and written as JSON.
 */
#ifndef TSEC_APPRAISAL_CLAIMS_H
#define TSEC_APPRAISAL_CLAIMS_H

#include <tsec/attest.h>

#include "codec/json_out.h"

void tsec_claims_init(struct tsec_claims *claims, const char *tee, const char *format);

/* Appended in order.  One too many or too long is left out (an expression that asks for it then
 * does not hold): the limits are above what any known evidence has.
 * A text with control characters is left out as well. */
void tsec_claims_add_bytes(struct tsec_claims *claims, const char *name, struct tsec_span value);
void tsec_claims_add_text(struct tsec_claims *claims, const char *name, struct tsec_span value);
void tsec_claims_add_number(struct tsec_claims *claims, const char *name, uint64_t value);
void tsec_claims_add_bool(struct tsec_claims *claims, const char *name, bool value);

/** NULL when there is none. */
const struct tsec_claim *tsec_claims_find(const struct tsec_claims *claims, const char *name);

/** "UpToDate", ...; "unknown"; "" for NONE. */
const char *tsec_tcb_status_name(uint32_t status);
/** Case counts.  False: no such status. */
bool tsec_tcb_status_parse(struct tsec_span name, enum tsec_tcb_status *out);

/** The members of one JSON object (the caller opens and closes it): tee, format, hardware_model,
 *  measurement, signer, instance, debug, simulated, svn, issued_at, not_before, not_after,
 *  tcb_status, tcb_date, advisories (a list), revocation_checked, issuer, report_data, user_data,
 *  nonce, public_key; "measurements" (an object of pcr0.., rtmr0..) and the other entries by their
 *  names, but those named like a member.  Bytes are lower-case hex, times RFC 3339; what is empty
 * is left out. */
void tsec_claims_json(const struct tsec_claims *claims, struct tsec_json_out *out);

#endif
