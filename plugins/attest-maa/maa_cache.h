/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_cache.h
 * @brief What was fetched, as a file: when, from where, the issuer chain that came with it, and the
 * document.
 *
 *     tee-secrets-collateral 1
 *     fetched-at: 2026-11-22T08:17:09Z
 *     source: https://...
 *     chain: 2105
 *     body: 5120
 *
 *     (chain)(body)
 *
 * Nothing in it is believed for being there: it is checked when it is used, as if it had come from
 * anybody; but for token keys, which have no other root than this folder, and so must be of the
 * issuer that is set.
 */
#ifndef ATTEST_MAA_MAA_CACHE_H
#define ATTEST_MAA_MAA_CACHE_H

#include "base/buf.h"

enum { MAA_CACHE_HEAD_MAX = 1024, MAA_CACHE_CHAIN_MAX = 64 * 1024 };

struct maa_cached {
    int64_t fetched_at;      /* seconds since 1970 */
    struct tsec_span source; /* URL */
    struct tsec_span chain;
    struct tsec_span body;
};

void maa_cache_write(const struct maa_cached *entry, struct tsec_buf *out);
/** Spans borrow from the text.  TSEC_E_INVALID: not such a file, to its last byte. */
TSEC_MUST_CHECK tsec_rc maa_cache_read(struct tsec_span text, struct maa_cached *out,
                                       struct tsec_err *err);

#endif
