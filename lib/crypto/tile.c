/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/merkle.h"

/* C2SP tlog-tiles: groups of three digits, all but the last with an "x" in front. */

void
tsec_tile_path(struct tsec_buf *out, uint64_t n)
{
    uint64_t scale = 1;

    while (n / scale >= 1000) {
        scale *= 1000;
    }
    for (; scale > 1; scale /= 1000) {
        tsec_buf_printf(out, "x%03u/", (unsigned)(n / scale % 1000));
    }
    tsec_buf_printf(out, "%03u", (unsigned)(n % 1000));
}

/* Takes three digits off the front. */
static bool
group(struct tsec_span *text, uint64_t *value)
{
    *value = 0;
    if (text->len < 3) {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        if (text->ptr[i] < '0' || text->ptr[i] > '9') {
            return false;
        }
        *value = *value * 10 + (uint64_t)(text->ptr[i] - '0');
    }
    *text = tsec_span(text->ptr + 3, text->len - 3);
    return true;
}

static bool
add_group(uint64_t *total, uint64_t value)
{
    return !__builtin_mul_overflow(*total, UINT64_C(1000), total)
           && !__builtin_add_overflow(*total, value, total);
}

bool
tsec_tile_path_parse(struct tsec_span text, uint64_t *n)
{
    uint64_t total = 0;
    uint64_t value = 0;

    while (text.len > 0 && text.ptr[0] == 'x') {
        text = tsec_span(text.ptr + 1, text.len - 1);
        if (!group(&text, &value) || (total == 0 && value == 0) || !add_group(&total, value)
            || text.len == 0 || text.ptr[0] != '/') {
            return false;
        }
        text = tsec_span(text.ptr + 1, text.len - 1);
    }
    if (!group(&text, &value) || text.len != 0 || !add_group(&total, value)) {
        return false;
    }
    *n = total;
    return true;
}
