/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/evidence.h
 * @brief Evidence of this server, as replies carry it: made by its TEE, over what it is bound to.
 *
 * Nothing here decides what it is bound to.
 */
#ifndef TSEC_API_EVIDENCE_H
#define TSEC_API_EVIDENCE_H

#include <tsec/attest.h>

#include "api/envelope.h"
#include "core/node.h"

enum {
    API_NONCE_TEXT_MAX = 512, /* of base64 */
    API_NONCE_MIN = 8,        /* bytes */
    API_EVIDENCE_MAX = 256 * 1024,
};

/** A nonce in base64; answers 400 and fails.  `text` may be NULL. */
TSEC_MUST_CHECK tsec_rc api_nonce(struct api_call *call, const char *text, struct tsec_buf *out,
                                  struct tsec_err *err);

/** Asks the TEE, which may take a while.  `format` is static. */
TSEC_MUST_CHECK tsec_rc api_evidence(struct node *node, const struct tsec_evidence_request *request,
                                     const char **format, struct tsec_buf *out,
                                     struct tsec_err *err);

/** "format", "evidence" in base64 and "binding" in hexadecimal. */
TSEC_MUST_CHECK tsec_rc api_put_evidence(struct tsec_json_out *out, const char *format,
                                         struct tsec_span evidence, struct tsec_span binding,
                                         struct tsec_err *err);
/** "ledger_vkey" and "identity_key", where the node has them. */
void api_put_log_and_identity(struct node *node, struct tsec_json_out *out);
/** At most 64 bytes. */
void api_put_hex(struct tsec_json_out *out, const char *key, struct tsec_span bytes);

#endif
