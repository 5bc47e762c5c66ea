/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_memo.h"

#include <assert.h>

#include "crypto/hash.h"
#include "verifier.h"

/* Of some 300 PCKs and the collateral of their platforms. */
enum { FACTS_MAX = 1024, PARTS_MAX = 6 };

void
quote_fact_free(struct quote_fact *fact)
{
    if (fact != NULL) {
        fact->free(fact);
    }
}

static void
free_value(void *value)
{
    quote_fact_free(value);
}

tsec_rc
quote_memo_new(struct tsec_memo **out, struct tsec_err *err)
{
    return tsec_memo_new(FACTS_MAX, free_value, out, err);
}

void
quote_memo_key(const char *what, const struct tsec_span *parts, size_t n,
               uint8_t key[TSEC_MEMO_KEY_LEN])
{
    struct tsec_span all[1 + 2 * PARTS_MAX];
    uint64_t lens[PARTS_MAX];

    assert(n <= PARTS_MAX);
    all[0] = tsec_span(what, strlen(what) + 1);
    for (size_t i = 0; i < n; i++) {
        lens[i] = parts[i].len;
        all[1 + 2 * i] = tsec_span(&lens[i], sizeof(lens[i]));
        all[2 + 2 * i] = parts[i];
    }
    tsec_hash_parts(TSEC_SHA256, all, 1 + 2 * n, key);
}

const struct quote_fact *
quote_memo_get(struct tsec_memo *memo, const uint8_t key[TSEC_MEMO_KEY_LEN])
{
    return tsec_memo_get(memo, key);
}

const struct quote_fact *
quote_memo_put(struct tsec_memo *memo, const uint8_t key[TSEC_MEMO_KEY_LEN],
               struct quote_fact *fact)
{
    return memo == NULL ? fact : tsec_memo_put(memo, key, fact);
}

void
quote_memo_release(struct tsec_memo *memo, const struct quote_fact *fact)
{
    if (memo != NULL) {
        tsec_memo_release(memo, fact);
    } else {
        quote_fact_free((struct quote_fact *)(uintptr_t)fact);
    }
}
