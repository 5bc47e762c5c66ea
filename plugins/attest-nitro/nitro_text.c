/* SPDX-License-Identifier: Apache-2.0 */
#include "nitro_text.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/hex.h"

enum { SHOWN = 12 };

struct nitro_text
nitro_text_time(int64_t seconds)
{
    struct nitro_text text;
    char when[TSEC_RFC3339_LEN];

    if (seconds <= 0 || seconds > INT64_MAX / TSEC_NS_PER_S) {
        (void)snprintf(text.s, sizeof(text.s), "%lld s", (long long)seconds);
        return text;
    }
    tsec_rfc3339(seconds * TSEC_NS_PER_S, when);
    (void)snprintf(text.s, sizeof(text.s), "%s", when);
    return text;
}

struct nitro_text
nitro_text_bytes(struct tsec_span bytes)
{
    struct nitro_text text;
    char digits[2 * SHOWN + 1];

    if (bytes.len == 0) {
        (void)snprintf(text.s, sizeof(text.s), "empty");
        return text;
    }
    tsec_hex_encode(tsec_span(bytes.ptr, bytes.len < SHOWN ? bytes.len : SHOWN), digits);
    (void)snprintf(text.s, sizeof(text.s), "%s%s (%zu bytes)", digits,
                   bytes.len > SHOWN ? "..." : "", bytes.len);
    return text;
}
