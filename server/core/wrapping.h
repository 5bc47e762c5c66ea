/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/wrapping.h
 * @brief Response wrapping: a reply kept for whoever brings a token that works once.
 *
 * Row "sys/wrap/<tag>" beside the token's own rows; both go together.  A wrapping token is used up
 * even when what it wrapped is asked for by somebody who should not have: that is how a theft
 * shows.
 */
#ifndef TSEC_CORE_WRAPPING_H
#define TSEC_CORE_WRAPPING_H

#include "core/token.h"

struct wrapping {
    struct tsec_span body; /* the reply */
    const char *creation_path;
    const char *wrapped_accessor; /* of the token inside, or "" */
    int64_t created_ns;
    int64_t ttl_s;
    int64_t status;
    bool is_envelope; /* the body is one of our envelopes from after its request id on */
};

/** Fills *made with the wrapping token. */
TSEC_MUST_CHECK tsec_rc wrapping_make(struct txn *txn, const struct core_keys *keys,
                                      const struct wrapping *wrapping, struct token_made *made,
                                      struct tsec_err *err);
/** TSEC_E_NOT_FOUND: no wrapping token, used, or ended. */
TSEC_MUST_CHECK tsec_rc wrapping_find(struct txn *txn, const struct core_keys *keys,
                                      struct tsec_span token, const struct token **holder,
                                      const struct wrapping **out, struct tsec_err *err);
/** Takes it away: the token and the row. */
TSEC_MUST_CHECK tsec_rc wrapping_drop(struct txn *txn, const struct token *holder,
                                      struct tsec_err *err);

#endif
