/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file quote_memo.h
 * @brief What the quote verifier remembers: signatures that held, with what they were over, parsed.
 *
 * Only what held is remembered, under a digest of everything it follows from but the time; whoever
 * gets it checks its window again.  Without a memo all of it works and is checked each time.
 */
#ifndef ATTEST_MAA_QUOTE_MEMO_H
#define ATTEST_MAA_QUOTE_MEMO_H

#include "base/memo.h"
#include "base/span.h"

/** First member of each value. */
struct quote_fact {
    void (*free)(struct quote_fact *fact);
};

void quote_fact_free(struct quote_fact *fact); /* harmless for NULL */
TSEC_DEFINE_AUTO(struct quote_fact, quote_fact_free)

/** `what` keeps kinds apart.  At most 6 parts, each preceded by its length. */
void quote_memo_key(const char *what, const struct tsec_span *parts, size_t n,
                    uint8_t key[TSEC_MEMO_KEY_LEN]);

/** NULL when there is none; held until it is released. */
const struct quote_fact *quote_memo_get(struct tsec_memo *memo,
                                        const uint8_t key[TSEC_MEMO_KEY_LEN]);
/** Takes `fact` over; what it returns is held. */
const struct quote_fact *quote_memo_put(struct tsec_memo *memo,
                                        const uint8_t key[TSEC_MEMO_KEY_LEN],
                                        struct quote_fact *fact);
void quote_memo_release(struct tsec_memo *memo, const struct quote_fact *fact);

#endif
