/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file nitro_text.h
 * @brief Times and bytes as the account of a verification writes them: short enough for one line.
 */
#ifndef ATTEST_NITRO_TEXT_H
#define ATTEST_NITRO_TEXT_H

#include "base/span.h"

struct nitro_text {
    char s[64];
};

/** "2025-12-25T13:15:37Z"; up to 1970 and after 2262 the number of seconds. */
struct nitro_text nitro_text_time(int64_t seconds);
/** "5cb702954321826d7939d6da (48 bytes)": enough to tell two values apart; "empty". */
struct nitro_text nitro_text_bytes(struct tsec_span bytes);

#endif
