/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier.h"

tsec_rc
verifier_cache_init(struct verifier_cache *cache, struct tsec_err *err)
{
    tsec_rc rc;

    *cache = (struct verifier_cache){ .snp = NULL };
    rc = snp_memo_new(&cache->snp, err);
    if (!tsec_failed(rc)) {
        rc = quote_memo_new(&cache->quote, err);
    }
    if (!tsec_failed(rc)) {
        rc = maa_memo_new(&cache->token_keys, err);
    }
    if (tsec_failed(rc)) {
        verifier_cache_done(cache);
    }
    return rc;
}

void
verifier_cache_done(struct verifier_cache *cache)
{
    tsec_memo_free(cache->snp);
    tsec_memo_free(cache->quote);
    tsec_memo_free(cache->token_keys);
    *cache = (struct verifier_cache){ .snp = NULL };
}
