/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/evidence_statement.h
 * @brief The statement of a key attestation (docs/formats.md): which keys a server says it holds,
 * where they were made, and what they may do.  Evidence that is bound to it makes it true.
 */
#ifndef TSEC_CLIENT_EVIDENCE_STATEMENT_H
#define TSEC_CLIENT_EVIDENCE_STATEMENT_H

#include "appraisal/report.h"
#include "base/buf.h"
#include "crypto/hash.h"

struct evidence_statement {
    struct tsec_buf bytes; /* exactly as the server wrote them */
    uint8_t binding[TSEC_SHA512_LEN];
    struct tsec_span nonce;      /* that it must answer; a NULL span is not checked */
    struct tsec_span public_key; /* that must be among its versions, SPKI DER; likewise */
};

void evidence_statement_init(struct evidence_statement *statement);
void evidence_statement_done(struct evidence_statement *statement);

/** Takes `bytes` as they were read from a file, out of base64 where they are in it, and computes
 *  the binding.  TSEC_E_INVALID: not a statement. */
TSEC_MUST_CHECK tsec_rc evidence_statement_read(struct evidence_statement *statement,
                                                struct tsec_err *err);
/** Whether it is what was asked for; says what it states, or what is wrong, in the account. */
TSEC_MUST_CHECK tsec_rc evidence_statement_check(const struct evidence_statement *statement,
                                                 struct tsec_checks *checks, struct tsec_err *err);

#endif
