/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/cut.h
 * @brief Text formats are read from the left, up to a separator.  Nothing outside lib/crypto
 * includes it.
 */
#ifndef TSEC_CRYPTO_CUT_H
#define TSEC_CRYPTO_CUT_H

#include "base/span.h"

/** What stands before the first `separator`; both are taken off the text.  False, and nothing
 *  taken, when there is none. */
static inline bool
tsec_cut(struct tsec_span *text, char separator, struct tsec_span *before)
{
    const uint8_t *at = text->len == 0 ? NULL : memchr(text->ptr, separator, text->len);

    if (at == NULL) {
        return false;
    }
    *before = tsec_span(text->ptr, (size_t)(at - text->ptr));
    *text = tsec_span(at + 1, text->len - before->len - 1);
    return true;
}

#endif
