/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_json.h"

#include <string.h>

#include "base/hex.h"

static bool
escaped(struct tsec_span raw)
{
    return memchr(raw.ptr, '\\', raw.len) != NULL;
}

static struct tsec_span
inside(struct tsec_span raw)
{
    return raw.len < 2 ? tsec_span(NULL, 0) : tsec_span(raw.ptr + 1, raw.len - 2);
}

/* The length tells most names apart, so it is asked first. */
static bool
named(struct tsec_span raw, struct tsec_span name)
{
    if (raw.len == name.len + 2) {
        return raw.ptr[name.len] == name.ptr[name.len - 1] && tsec_span_equal(inside(raw), name);
    }
    return raw.len > name.len + 2 && escaped(raw) && tsec_json_string_is(raw, name);
}

void
maa_pick(struct tsec_span object, const struct tsec_span *names, size_t n, struct tsec_span *values)
{
    struct tsec_json_walk walk = tsec_json_walk(object);
    struct tsec_json_member m;

    for (size_t i = 0; i < n; i++) {
        values[i] = tsec_span(NULL, 0);
    }
    if (tsec_json_type_of(object) != TSEC_JSON_OBJECT) {
        return;
    }
    while (tsec_json_next(&walk, &m)) {
        for (size_t i = 0; i < n; i++) {
            if (named(m.name_raw, names[i])) {
                values[i] = m.value;
                break;
            }
        }
    }
}

bool
maa_bool(struct tsec_span value, bool *out)
{
    const enum tsec_json_type type = tsec_json_type_of(value);

    *out = type == TSEC_JSON_TRUE;
    return type == TSEC_JSON_TRUE || type == TSEC_JSON_FALSE;
}

bool
maa_number(struct tsec_span value, uint64_t max, uint64_t *out)
{
    int64_t n = 0;

    *out = 0;
    if (tsec_json_type_of(value) != TSEC_JSON_NUMBER || value.ptr[0] == '-'
        || !tsec_json_to_i64(value, &n) || (uint64_t)n > max) {
        return false;
    }
    *out = (uint64_t)n;
    return true;
}

bool
maa_string(struct tsec_span value, struct tsec_buf *copy, struct tsec_span *out)
{
    if (tsec_json_type_of(value) != TSEC_JSON_STRING) {
        return false;
    }
    *out = inside(value);
    if (escaped(value)) {
        tsec_buf_reset(copy);
        tsec_json_unescape(copy, value);
        *out = tsec_buf_span(copy);
    }
    return !copy->failed;
}

bool
maa_hex(struct tsec_span value, uint8_t *out, size_t len)
{
    TSEC_AUTO_BUF struct tsec_buf copy = TSEC_BUF_INIT(MAA_STRING_MAX);
    struct tsec_span text;

    memset(out, 0, len);
    return maa_string(value, &copy, &text) && text.len == 2 * len
           && tsec_hex_decode(text, out, len);
}

bool
maa_base64(struct tsec_span value, enum tsec_base64_kind kind, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf copy = TSEC_BUF_INIT(MAA_STRING_MAX);
    struct tsec_span text;

    return maa_string(value, &copy, &text)
           && !tsec_failed(tsec_base64_decode(out, kind, text, NULL));
}

bool
maa_says(struct tsec_span value, const char *text)
{
    return tsec_json_type_of(value) == TSEC_JSON_STRING
           && tsec_json_string_is(value, tsec_span_str(text));
}
