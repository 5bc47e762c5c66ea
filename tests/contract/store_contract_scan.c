/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/contract/store_contract.h"

/* Collects keys as text with a space behind each. */
static tsec_rc
note_key(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct tsec_buf *seen = ctx;

    (void)value;
    tsec_buf_put_span(seen, key);
    tsec_buf_put_byte(seen, ' ');
    return TSEC_OK;
}

static bool
scan_is(struct tsec_store *store, const char *prefix, const char *after, size_t limit,
        const char *wanted)
{
    TSEC_AUTO_BUF struct tsec_buf seen = TSEC_BUF_INIT(65536);
    const tsec_rc rc = contract_subject->ops->scan(
        store, tsec_span_str(prefix), tsec_span_str(after), limit, note_key, &seen, NULL);
    const bool is = !tsec_failed(rc) && tsec_span_is(tsec_buf_span(&seen), wanted);

    if (!is) {
        (void)fprintf(stderr, "scan %s > %s: %.*s\n", prefix, after, (int)seen.len,
                      (const char *)seen.ptr);
    }
    return is;
}

static struct tsec_store *
open_with(const char *const *keys, size_t n)
{
    char uri[512];
    struct tsec_store *store;

    contract_subject->fresh(uri, sizeof(uri));
    store = contract_open(uri);
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT_EQUAL(contract_put(store, keys[i], keys[i]).code, 0);
    }
    return store;
}

void
contract_scan_is_in_byte_order(void)
{
    static const char *const keys[] = { "b", "\xff", "a", "ab", "B", "\x7f", "aa", "abc", "\x80" };
    struct tsec_store *store = open_with(keys, TSEC_ARRAY_LEN(keys));

    CU_ASSERT_TRUE(scan_is(store, "", "", 100, "B a aa ab abc b \x7f \x80 \xff "));
    contract_subject->ops->close(store);
}

void
contract_scan_bounds(void)
{
    static const char *const keys[] = { "r",
                                        "r1",
                                        "r2",
                                        "r2x",
                                        "r\xff",
                                        "r\xff\xff",
                                        ("r\xff\xff"
                                         "a"),
                                        "s",
                                        "q",
                                        "\xff\xff",
                                        "\xff" };
    static const struct {
        const char *prefix;
        const char *after;
        size_t limit;
        const char *wanted;
    } t[] = {
        { "r", "", 100,
          "r r1 r2 r2x r\xff r\xff\xff r\xff\xff"
          "a " },
        { "r", "", 0, "" },
        { "r", "", 1, "r " },
        { "r", "r", 2, "r1 r2 " },
        { "r", "r2", 2, "r2x r\xff " },
        { "r", "r19", 1, "r2 " }, /* after a key that is not there */
        { "r", "a", 1, "r " },    /* after one before the prefix */
        { "r", "s", 100, "" },    /* after one behind it */
        { "r2", "r1", 100, "r2 r2x " },
        { "r2", "r2x", 100, "" },
        { "r\xff", "", 100,
          "r\xff r\xff\xff r\xff\xff"
          "a " },
        { "r\xff\xff", "r\xff\xff", 100,
          "r\xff\xff"
          "a " },
        { "\xff", "", 100, "\xff \xff\xff " },
        { "\xff\xff", "\xff", 100, "\xff\xff " },
        { "", "r\xff\xff", 100,
          "r\xff\xff"
          "a s \xff \xff\xff " },
        { "none", "", 100, "" },
    };
    struct tsec_store *store = open_with(keys, TSEC_ARRAY_LEN(keys));
    uint8_t too_long[TSEC_STORE_KEY_MAX + 1] = { 0 };
    struct tsec_buf nothing = TSEC_BUF_INIT(0);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        CU_ASSERT_TRUE(scan_is(store, t[i].prefix, t[i].after, t[i].limit, t[i].wanted));
    }
    CU_ASSERT_TRUE(scan_is(store, "s", "", SIZE_MAX, "s "));
    CU_ASSERT_EQUAL(contract_subject->ops
                        ->scan(store, tsec_span(too_long, sizeof(too_long)), tsec_span("", 0), 1,
                               note_key, &nothing, NULL)
                        .code,
                    TSEC_E_INVALID);
    contract_subject->ops->close(store);
}

void
contract_scan_pages(void)
{
    static const char *const keys[] = { "a1", "a2", "a3", "a4", "a5", "b1" };
    struct tsec_store *store = open_with(keys, TSEC_ARRAY_LEN(keys));

    CU_ASSERT_TRUE(scan_is(store, "a", "", 2, "a1 a2 "));
    CU_ASSERT_TRUE(scan_is(store, "a", "a2", 2, "a3 a4 "));
    CU_ASSERT_TRUE(scan_is(store, "a", "a4", 2, "a5 "));
    CU_ASSERT_TRUE(scan_is(store, "a", "a5", 2, ""));
    contract_subject->ops->close(store);
}

/* ---- against a model ---- */

enum { MODEL_KEYS = 400, MODEL_KEY_MAX = 6 };

struct model_key {
    uint8_t bytes[MODEL_KEY_MAX];
    size_t len;
};

static uint64_t
draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Few byte values, so that prefixes, neighbours and 0xff runs are frequent. */
static struct model_key
random_key(uint64_t *state, size_t min)
{
    static const uint8_t alphabet[] = { 0x00, 0x01, 0x61, 0x80, 0xfe, 0xff };
    struct model_key key = { .len = min + draw(state) % (MODEL_KEY_MAX - min + 1) };

    for (size_t i = 0; i < key.len; i++) {
        key.bytes[i] = alphabet[draw(state) % sizeof(alphabet)];
    }
    return key;
}

static struct tsec_span
key_span(const struct model_key *key)
{
    return tsec_span(key->bytes, key->len);
}

static int
compare_model(const void *a, const void *b)
{
    return tsec_span_compare(key_span(a), key_span(b));
}

/* Sorted, each once. */
static size_t
fill(struct tsec_store *store, struct model_key *model, uint64_t *state)
{
    size_t n = 1;

    for (size_t i = 0; i < MODEL_KEYS; i++) {
        model[i] = random_key(state, 1);
        const struct tsec_store_op op = { TSEC_STORE_PUT, TSEC_STORE_ANY, key_span(&model[i]),
                                          key_span(&model[i]) };

        CU_ASSERT_EQUAL(contract_subject->ops->commit(store, &op, 1, NULL).code, 0);
    }
    qsort(model, MODEL_KEYS, sizeof(*model), compare_model);
    for (size_t i = 1; i < MODEL_KEYS; i++) {
        if (compare_model(&model[i], &model[n - 1]) != 0) {
            model[n++] = model[i];
        }
    }
    return n;
}

static void
expected(const struct model_key *model, size_t n, const struct model_key *prefix,
         const struct model_key *after, size_t limit, struct tsec_buf *out)
{
    for (size_t i = 0; i < n && limit > 0; i++) {
        const struct tsec_span key = key_span(&model[i]);

        if (tsec_span_starts(key, key_span(prefix)) && compare_model(&model[i], after) > 0) {
            (void)note_key(out, key, key);
            limit--;
        }
    }
}

void
contract_scan_agrees_with_a_model(void)
{
    static struct model_key model[MODEL_KEYS];
    uint64_t state = 88172645463325252u;
    struct tsec_store *store = open_with(NULL, 0);
    const size_t n = fill(store, model, &state);
    unsigned wrong = 0;

    for (size_t i = 0; i < 500; i++) {
        TSEC_AUTO_BUF struct tsec_buf seen = TSEC_BUF_INIT(65536);
        TSEC_AUTO_BUF struct tsec_buf wanted = TSEC_BUF_INIT(65536);
        struct model_key prefix = random_key(&state, 0);
        const struct model_key after = random_key(&state, 0);
        const size_t limit = draw(&state) % 20;

        prefix.len = prefix.len > 3 ? 0 : prefix.len;
        expected(model, n, &prefix, &after, limit, &wanted);
        const tsec_rc rc = contract_subject->ops->scan(store, key_span(&prefix), key_span(&after),
                                                       limit, note_key, &seen, NULL);

        if (tsec_failed(rc) || !tsec_span_equal(tsec_buf_span(&seen), tsec_buf_span(&wanted))) {
            wrong++;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    contract_subject->ops->close(store);
}

/* ---- a visitor that fails ---- */

static tsec_rc
fail_at_second(void *ctx, struct tsec_span key, struct tsec_span value)
{
    unsigned *visits = ctx;

    (void)key;
    (void)value;
    return ++*visits == 2 ? (tsec_rc){ TSEC_E_BUSY } : TSEC_OK;
}

void
contract_a_failing_visitor_ends_scan(void)
{
    static const char *const keys[] = { "a", "b", "c" };
    struct tsec_store *store = open_with(keys, TSEC_ARRAY_LEN(keys));
    unsigned visits = 0;

    CU_ASSERT_EQUAL(
        contract_subject->ops
            ->scan(store, tsec_span("", 0), tsec_span("", 0), 100, fail_at_second, &visits, NULL)
            .code,
        TSEC_E_BUSY);
    CU_ASSERT_EQUAL(visits, 2);
    CU_ASSERT_TRUE(scan_is(store, "", "", 100, "a b c "));
    CU_ASSERT_EQUAL(contract_put(store, "d", "1").code, 0);
    contract_subject->ops->close(store);
}
