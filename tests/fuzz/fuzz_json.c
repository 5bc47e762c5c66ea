/* SPDX-License-Identifier: Apache-2.0 */
/* One text, or two with a byte 0x1e between.  Each is checked, and jansson is asked too: both take
 * the same texts, but for numbers past its range, our limits, and NUL bytes.  What is taken is
 * walked next to jansson's tree; two texts are merged both ways; subkeys are made. */
#include <jansson.h>

#include "codec/json_out.h"
#include "codec/json_scan.h"
#include "tests/fuzz/fuzz.h"

static const struct tsec_json_limits limits = { .depth_max = 32, .members_max = 65536 };
static const struct tsec_json_limits wide = { .depth_max = 64, .members_max = SIZE_MAX };

enum { OUT_MAX = 1 << 23 };

static json_t *
by_jansson(struct tsec_span text, bool *overflow)
{
    json_error_t why;
    json_t *json = json_loadb(text.len == 0 ? "" : (const char *)text.ptr, text.len,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);

    *overflow = json == NULL && json_error_code(&why) == json_error_numeric_overflow;
    return json;
}

/* Depth, and in *members how many members and elements there are. */
static size_t
measure(json_t *json, size_t *members)
{
    size_t deepest = 0;
    size_t i = 0;
    const char *key = NULL;
    json_t *value = NULL;

    json_object_foreach(json, key, value)
    {
        const size_t depth = measure(value, members);

        deepest = depth > deepest ? depth : deepest;
    }
    json_array_foreach(json, i, value)
    {
        const size_t depth = measure(value, members);

        deepest = depth > deepest ? depth : deepest;
    }
    *members += json_is_object(json) ? json_object_size(json) : json_array_size(json);
    return deepest + (json_is_object(json) || json_is_array(json) ? 1 : 0);
}

static void
same_string(struct tsec_span raw, const char *text, size_t len)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(OUT_MAX);
    struct tsec_json_out out = tsec_json_out(&again);

    tsec_json_unescape(&plain, raw);
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&plain), tsec_span(text, len)));
    FUZZ_ASSERT(tsec_json_string_is(raw, tsec_span(text, len)));
    tsec_json_span(&out, tsec_buf_span(&plain));
    FUZZ_ASSERT(!tsec_failed(tsec_json_check(tsec_buf_span(&again), &limits, NULL)));
    FUZZ_ASSERT(tsec_json_strings_equal(raw, tsec_buf_span(&again)));
}

static enum tsec_json_type
type_of(const json_t *json)
{
    static const enum tsec_json_type types[] = {
        [JSON_OBJECT] = TSEC_JSON_OBJECT, [JSON_ARRAY] = TSEC_JSON_ARRAY,
        [JSON_STRING] = TSEC_JSON_STRING, [JSON_INTEGER] = TSEC_JSON_NUMBER,
        [JSON_REAL] = TSEC_JSON_NUMBER,   [JSON_TRUE] = TSEC_JSON_TRUE,
        [JSON_FALSE] = TSEC_JSON_FALSE,   [JSON_NULL] = TSEC_JSON_NULL,
    };

    return types[json_typeof(json)];
}

static void same_value(struct tsec_span text, const json_t *json);

static void
same_members(struct tsec_span text, const json_t *json)
{
    struct tsec_json_walk walk = tsec_json_walk(text);
    struct tsec_json_member m;
    size_t n = 0;

    for (; tsec_json_next(&walk, &m); n++) {
        const json_t *value = json_array_get(json, n);

        if (json_is_object(json)) {
            TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT(OUT_MAX);

            tsec_json_unescape(&name, m.name_raw);
            tsec_buf_put_byte(&name, 0);
            value = json_object_get(json, (const char *)name.ptr);
            same_string(m.name_raw, (const char *)name.ptr, name.len - 1);
        }
        FUZZ_ASSERT(value != NULL);
        same_value(m.value, value);
    }
    FUZZ_ASSERT(n == (json_is_object(json) ? json_object_size(json) : json_array_size(json)));
}

static void
same_value(struct tsec_span text, const json_t *json)
{
    int64_t n = 0;

    FUZZ_ASSERT(tsec_json_type_of(text) == type_of(json));
    FUZZ_ASSERT(tsec_span_equal(tsec_json_trim(text), text));
    if (json_is_object(json) || json_is_array(json)) {
        same_members(text, json);
    } else if (json_is_string(json)) {
        same_string(text, json_string_value(json), json_string_length(json));
    } else if (json_is_integer(json)) {
        FUZZ_ASSERT(tsec_json_to_i64(text, &n) && n == json_integer_value(json));
    } else {
        FUZZ_ASSERT(!tsec_json_to_i64(text, &n));
    }
}

/* RFC 7396 section 2, as it stands there.  Takes over nothing; returns a new reference. */
static json_t *
merge_by_the_book(json_t *target, json_t *patch)
{
    const char *key = NULL;
    json_t *value = NULL;

    if (!json_is_object(patch)) {
        return json_incref(patch);
    }

    json_t *result = json_is_object(target) ? json_copy(target) : json_object();

    json_object_foreach(patch, key, value)
    {
        if (json_is_null(value)) {
            (void)json_object_del(result, key);
        } else {
            json_t *merged = merge_by_the_book(json_object_get(result, key), value);

            FUZZ_ASSERT(json_object_set_new(result, key, merged) == 0);
        }
    }
    return result;
}

static void
merge(struct tsec_span target, json_t *target_tree, struct tsec_span patch, json_t *patch_tree)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(OUT_MAX);
    json_t *expected = merge_by_the_book(target_tree, patch_tree);
    bool overflow = false;

    tsec_json_merge(&out, target, patch);
    FUZZ_ASSERT(!tsec_failed(tsec_buf_check(&out, NULL)));
    FUZZ_ASSERT(!tsec_failed(tsec_json_check(tsec_buf_span(&out), &wide, NULL)));

    json_t *merged = by_jansson(tsec_buf_span(&out), &overflow);

    FUZZ_ASSERT(json_equal(merged, expected) == 1);
    json_decref(merged);
    json_decref(expected);
}

static void
subkeys(struct tsec_span text)
{
    for (unsigned depth = 0; depth < 4; depth++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(OUT_MAX);
        TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(OUT_MAX);

        tsec_json_subkeys(&out, text, depth);
        FUZZ_ASSERT(!tsec_failed(tsec_json_check(tsec_buf_span(&out), &limits, NULL)));
        tsec_json_subkeys(&again, tsec_buf_span(&out), depth);
        FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&out), tsec_buf_span(&again)));
    }
}

/* The tree when both take the text, NULL otherwise. */
static json_t *
check(struct tsec_span text)
{
    const bool good = !tsec_failed(tsec_json_check(text, &limits, NULL));
    bool overflow = false;
    json_t *json = by_jansson(text, &overflow);

    if (good) {
        FUZZ_ASSERT(json != NULL || overflow);
        subkeys(text);
    }
    if (json != NULL && !good) {
        size_t members = 0;
        const size_t depth = measure(json, &members);

        /* jansson 2.14 passes over a NUL byte after a number */
        FUZZ_ASSERT(depth > limits.depth_max || members > limits.members_max
                    || memchr(text.ptr, '\0', text.len) != NULL);
        json_decref(json);
        json = NULL;
    }
    if (json != NULL) {
        same_value(tsec_json_trim(text), json);
    }
    return json;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *cut = size == 0 ? NULL : memchr(data, 0x1e, size);
    const struct tsec_span a = tsec_span(data, cut == NULL ? size : (size_t)(cut - data));
    const struct tsec_span b = cut == NULL ? a : tsec_span(cut + 1, size - a.len - 1);
    json_t *tree_a = check(a);
    json_t *tree_b = check(b);

    if (tree_a != NULL && tree_b != NULL) {
        merge(a, tree_a, b, tree_b);
        merge(b, tree_b, a, tree_a);
        merge(tsec_span(NULL, 0), NULL, a, tree_a);
    }
    json_decref(tree_a);
    json_decref(tree_b);
    return 0;
}
