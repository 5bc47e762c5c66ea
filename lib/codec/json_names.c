/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_names.h"

#include <stdlib.h>

#include "codec/json_scan.h"
#include "codec/json_text.h"

enum { FEW = 8, FILTERED = 128, FILTER_WORDS = 64 };

void
tsec_json_names_init(struct tsec_json_names *names)
{
    names->items = names->first;
    names->len = 0;
    names->cap = TSEC_ARRAY_LEN(names->first);
}

void
tsec_json_names_done(struct tsec_json_names *names)
{
    if (names->items != names->first) {
        free(names->items);
    }
    names->items = NULL;
}

static tsec_rc
grow(struct tsec_json_names *names, struct tsec_err *err)
{
    const size_t cap = names->cap * 2;
    const bool own = names->items != names->first;
    struct tsec_json_name *items =
        reallocarray(own ? names->items : NULL, cap, sizeof(names->items[0]));

    if (items == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "%zu member names", cap);
    }
    if (!own) {
        memcpy(items, names->first, names->len * sizeof(items[0]));
    }
    names->items = items;
    names->cap = cap;
    return TSEC_OK;
}

/* Names differ in their length, at the beginning or at the end, mostly.  Who makes names that do
 * not gains a comparison of each with each, in an object of FILTERED members at most. */
static uint32_t
hash_of(struct tsec_span raw)
{
    uint64_t first = 0;
    uint64_t last = 0;

    if (raw.len >= sizeof(first)) {
        memcpy(&first, raw.ptr, sizeof(first));
        memcpy(&last, raw.ptr + raw.len - sizeof(last), sizeof(last));
    } else {
        memcpy(&first, raw.ptr, raw.len);
    }
    first = (first ^ raw.len) * UINT64_C(0x9e3779b97f4a7c15);
    last = (last ^ first >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return (uint32_t)(last >> 32);
}

tsec_rc
tsec_json_names_push(struct tsec_json_names *names, struct tsec_json_name name,
                     struct tsec_err *err)
{
    if (names->len == names->cap) {
        TSEC_TRY(grow(names, err));
    }
    name.hash = name.escaped ? 0 : hash_of(name.raw);
    names->items[names->len++] = name;
    return TSEC_OK;
}

static struct tsec_span
inside_of(struct tsec_span raw)
{
    return raw.len < 2 ? tsec_span(NULL, 0) : tsec_span(raw.ptr + 1, raw.len - 2);
}

int
tsec_json_strings_compare(struct tsec_span raw_a, struct tsec_span raw_b)
{
    struct tsec_span a = inside_of(raw_a);
    struct tsec_span b = inside_of(raw_b);
    struct tsec_json_char char_a;
    struct tsec_json_char char_b;

    while (a.len > 0 && b.len > 0) {
        if (!tsec_json_char_take(&a, &char_a) || !tsec_json_char_take(&b, &char_b)) {
            return tsec_span_compare(raw_a, raw_b); /* not checked text */
        }

        const int order = tsec_span_compare(tsec_span(char_a.bytes, char_a.len),
                                            tsec_span(char_b.bytes, char_b.len));

        if (order != 0) {
            return order;
        }
    }
    return (a.len > 0) - (b.len > 0);
}

/* UTF-8 is ordered by bytes as it is by characters, so both branches give one order. */
static int
compare(const void *left, const void *right)
{
    const struct tsec_json_name *a = left;
    const struct tsec_json_name *b = right;

    if (a->escaped || b->escaped) {
        return tsec_json_strings_compare(a->raw, b->raw);
    }
    return tsec_span_compare(inside_of(a->raw), inside_of(b->raw));
}

/* Whether the i-th is like one before it. */
static bool
seen_before(const struct tsec_json_name *items, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        const bool plain = !items[i].escaped && !items[j].escaped;

        if ((!plain || items[i].hash == items[j].hash) && compare(&items[i], &items[j]) == 0) {
            return true;
        }
    }
    return false;
}

static bool
few_equal(const struct tsec_json_name *items, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (seen_before(items, i)) {
            return true;
        }
    }
    return false;
}

/* None of them escaped.  Only where a bit of the hash has been seen can the name have been. */
static bool
filtered_equal(const struct tsec_json_name *items, size_t n)
{
    uint64_t filter[FILTER_WORDS] = { 0 };

    for (size_t i = 0; i < n; i++) {
        uint64_t *word = &filter[items[i].hash / 64 % FILTER_WORDS];
        const uint64_t bit = UINT64_C(1) << items[i].hash % 64;

        if ((*word & bit) != 0 && seen_before(items, i)) {
            return true;
        }
        *word |= bit;
    }
    return false;
}

static bool
sorted_equal(struct tsec_json_name *items, size_t n)
{
    qsort(items, n, sizeof(items[0]), compare);
    for (size_t i = 1; i < n; i++) {
        if (compare(&items[i - 1], &items[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool
any_escaped(const struct tsec_json_name *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (items[i].escaped) {
            return true;
        }
    }
    return false;
}

bool
tsec_json_names_pop(struct tsec_json_names *names, size_t base)
{
    struct tsec_json_name *items = names->items + base;
    const size_t n = names->len - base;

    names->len = base;
    if (n <= FEW) {
        return few_equal(items, n);
    }
    return n <= FILTERED && !any_escaped(items, n) ? filtered_equal(items, n)
                                                   : sorted_equal(items, n);
}
