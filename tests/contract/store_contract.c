/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/store_contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/double/fake_host.h"

const struct store_subject *contract_subject;
static struct fake_host host;

void
store_contract_use(const struct store_subject *subject)
{
    contract_subject = subject;
    fake_host_init(&host, NULL);
}

struct tsec_store *
contract_open(const char *uri)
{
    struct tsec_store *store = NULL;
    struct tsec_err err = { 0 };
    const tsec_rc rc = contract_subject->ops->open(&host.host, uri, &store, &err);

    if (tsec_failed(rc)) {
        (void)fprintf(stderr, "%s\n", err.detail);
    }
    CU_ASSERT_EQUAL_FATAL(rc.code, 0);
    return store;
}

static struct tsec_store *
open_fresh(void)
{
    char uri[512];

    contract_subject->fresh(uri, sizeof(uri));
    return contract_open(uri);
}

static void
close_store(struct tsec_store *store)
{
    contract_subject->ops->close(store);
}

static struct tsec_store_op
op_put(struct tsec_span key, struct tsec_span value)
{
    return (struct tsec_store_op){ TSEC_STORE_PUT, TSEC_STORE_ANY, key, value };
}

static struct tsec_store_op
op_delete(const char *key)
{
    return (
        struct tsec_store_op){ TSEC_STORE_DELETE, TSEC_STORE_ANY, tsec_span_str(key), { NULL, 0 } };
}

static int32_t
commit(struct tsec_store *store, const struct tsec_store_op *ops, size_t n)
{
    return contract_subject->ops->commit(store, ops, n, NULL).code;
}

tsec_rc
contract_put(struct tsec_store *store, const char *key, const char *value)
{
    const struct tsec_store_op op = op_put(tsec_span_str(key), tsec_span_str(value));

    return contract_subject->ops->commit(store, &op, 1, NULL);
}

static bool
get_is(struct tsec_store *store, struct tsec_span key, struct tsec_span value)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&buf);
    const tsec_rc rc = contract_subject->ops->get(store, key, &sink, NULL);

    return !tsec_failed(rc) && tsec_span_equal(tsec_buf_span(&buf), value);
}

static tsec_rc
count_write(void *ctx, struct tsec_span chunk)
{
    (void)chunk;
    ++*(unsigned *)ctx;
    return TSEC_OK;
}

bool
contract_holds(struct tsec_store *store, const char *key, const char *value)
{
    unsigned writes = 0;
    const struct tsec_sink sink = { &writes, count_write };

    if (value != NULL) {
        return get_is(store, tsec_span_str(key), tsec_span_str(value));
    }
    return contract_subject->ops->get(store, tsec_span_str(key), &sink, NULL).code
               == TSEC_E_NOT_FOUND
           && writes == 0;
}

/* ---- one record ---- */

/* Every byte value, every key length, values at both ends of their range. */
void
contract_bytes_come_back(void)
{
    static const size_t lens[] = { 0, 1, 255, 4096, 65537, TSEC_STORE_VALUE_MAX };
    struct tsec_store *store = open_fresh();
    uint8_t *value = malloc(TSEC_STORE_VALUE_MAX);
    uint8_t key[TSEC_STORE_KEY_MAX];

    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    for (size_t i = 0; i < TSEC_STORE_VALUE_MAX; i++) {
        value[i] = (uint8_t)(i * 7 + i / 256);
    }
    for (size_t i = 0; i < 256; i++) {
        memset(key, (int)i, sizeof(key));
        const struct tsec_span k = tsec_span(key, 1 + i % TSEC_STORE_KEY_MAX);
        const struct tsec_span v = tsec_span(value, i < 6 ? lens[i] : i);
        const struct tsec_store_op op = op_put(k, v);

        CU_ASSERT_EQUAL(commit(store, &op, 1), 0);
        CU_ASSERT_TRUE(get_is(store, k, v));
    }
    free(value);
    close_store(store);
}

void
contract_limits_are_refused(void)
{
    struct tsec_store *store = open_fresh();
    uint8_t *big = calloc(1, TSEC_STORE_VALUE_MAX + 1);
    const struct tsec_span fine = tsec_span_str("k");
    const struct tsec_span long_key = tsec_span(big, TSEC_STORE_KEY_MAX + 1);
    const struct tsec_store_op bad[][2] = {
        { op_put(fine, fine), op_put(long_key, fine) },
        { op_put(fine, fine), op_put(tsec_span("", 0), fine) },
        { op_put(fine, fine),
          op_put(tsec_span_str("l"), tsec_span(big, TSEC_STORE_VALUE_MAX + 1)) },
    };
    unsigned calls = 0;
    const struct tsec_sink sink = { &calls, count_write };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(commit(store, bad[i], 2), TSEC_E_INVALID);
        CU_ASSERT_TRUE(contract_holds(store, "k", NULL));
    }
    CU_ASSERT_EQUAL(contract_subject->ops->get(store, long_key, &sink, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(contract_subject->ops->get(store, tsec_span("", 0), &sink, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(calls, 0);
    free(big);
    close_store(store);
}

void
contract_absent_is_not_found(void)
{
    struct tsec_store *store = open_fresh();

    CU_ASSERT_TRUE(contract_holds(store, "a", NULL));
    CU_ASSERT_EQUAL(contract_put(store, "ab", "1").code, 0);
    CU_ASSERT_TRUE(contract_holds(store, "a", NULL));
    CU_ASSERT_TRUE(contract_holds(store, "abc", NULL));
    close_store(store);
}

static tsec_rc
refuse_write(void *ctx, struct tsec_span chunk)
{
    (void)ctx;
    (void)chunk;
    return (tsec_rc){ TSEC_E_TOO_LARGE };
}

void
contract_a_failing_sink_ends_get(void)
{
    struct tsec_store *store = open_fresh();
    const struct tsec_sink sink = { NULL, refuse_write };

    CU_ASSERT_EQUAL(contract_put(store, "a", "1").code, 0);
    CU_ASSERT_EQUAL(contract_subject->ops->get(store, tsec_span_str("a"), &sink, NULL).code,
                    TSEC_E_TOO_LARGE);
    CU_ASSERT_TRUE(contract_holds(store, "a", "1"));
    close_store(store);
}

void
contract_put_replaces_and_delete_removes(void)
{
    struct tsec_store *store = open_fresh();
    const struct tsec_store_op gone = op_delete("a");

    CU_ASSERT_EQUAL(contract_put(store, "a", "first").code, 0);
    CU_ASSERT_EQUAL(contract_put(store, "a", "2").code, 0);
    CU_ASSERT_TRUE(contract_holds(store, "a", "2"));
    CU_ASSERT_EQUAL(contract_put(store, "a", "2").code, 0); /* the same again */
    CU_ASSERT_TRUE(contract_holds(store, "a", "2"));
    CU_ASSERT_EQUAL(commit(store, &gone, 1), 0);
    CU_ASSERT_TRUE(contract_holds(store, "a", NULL));
    CU_ASSERT_EQUAL(commit(store, &gone, 1), 0); /* what is not there */
    CU_ASSERT_EQUAL(contract_put(store, "a", "").code, 0);
    CU_ASSERT_TRUE(contract_holds(store, "a", ""));
    close_store(store);
}

/* ---- one commit ---- */

void
contract_commit_is_all_or_nothing(void)
{
    struct tsec_store *store = open_fresh();
    struct tsec_store_op ops[] = {
        op_put(tsec_span_str("a"), tsec_span_str("new")),
        op_delete("b"),
        op_put(tsec_span_str("c"), tsec_span_str("new")),
        op_put(tsec_span_str("d"), tsec_span_str("new")),
    };

    CU_ASSERT_EQUAL(contract_put(store, "a", "old").code, 0);
    CU_ASSERT_EQUAL(contract_put(store, "b", "old").code, 0);
    CU_ASSERT_EQUAL(contract_put(store, "d", "old").code, 0);
    ops[3].expect = TSEC_STORE_ABSENT;
    CU_ASSERT_EQUAL(commit(store, ops, 4), TSEC_E_CONFLICT);
    CU_ASSERT_TRUE(contract_holds(store, "a", "old"));
    CU_ASSERT_TRUE(contract_holds(store, "b", "old"));
    CU_ASSERT_TRUE(contract_holds(store, "c", NULL));
    CU_ASSERT_TRUE(contract_holds(store, "d", "old"));
    ops[3].expect = TSEC_STORE_ANY;
    CU_ASSERT_EQUAL(commit(store, ops, 4), 0);
    CU_ASSERT_TRUE(contract_holds(store, "a", "new"));
    CU_ASSERT_TRUE(contract_holds(store, "b", NULL));
    CU_ASSERT_TRUE(contract_holds(store, "c", "new"));
    CU_ASSERT_TRUE(contract_holds(store, "d", "new"));
    CU_ASSERT_EQUAL(commit(store, NULL, 0), 0);
    close_store(store);
}

void
contract_absent_is_expected(void)
{
    struct tsec_store *store = open_fresh();
    struct tsec_store_op put = op_put(tsec_span_str("a"), tsec_span_str("1"));
    struct tsec_store_op gone = op_delete("a");

    put.expect = TSEC_STORE_ABSENT;
    gone.expect = TSEC_STORE_ABSENT;
    CU_ASSERT_EQUAL(commit(store, &gone, 1), 0);
    CU_ASSERT_EQUAL(commit(store, &put, 1), 0);
    CU_ASSERT_EQUAL(commit(store, &put, 1), TSEC_E_CONFLICT); /* even the same value */
    CU_ASSERT_EQUAL(commit(store, &gone, 1), TSEC_E_CONFLICT);
    CU_ASSERT_TRUE(contract_holds(store, "a", "1"));
    gone.expect = TSEC_STORE_ANY;
    CU_ASSERT_EQUAL(commit(store, &gone, 1), 0);
    CU_ASSERT_EQUAL(commit(store, &put, 1), 0);
    close_store(store);
}

void
contract_present_is_expected(void)
{
    struct tsec_store *store = open_fresh();
    struct tsec_store_op ops[] = {
        op_put(tsec_span_str("a"), tsec_span_str("1")),
        op_put(tsec_span_str("b"), tsec_span_str("1")),
        op_delete("c"),
    };

    ops[0].expect = TSEC_STORE_PRESENT;
    ops[2].expect = TSEC_STORE_PRESENT;
    CU_ASSERT_EQUAL(commit(store, ops, 1), TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(commit(store, ops + 2, 1), TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(contract_put(store, "a", "0").code, 0);
    CU_ASSERT_EQUAL(commit(store, ops, 3), TSEC_E_CONFLICT); /* "c" is not there */
    CU_ASSERT_TRUE(contract_holds(store, "a", "0"));
    CU_ASSERT_TRUE(contract_holds(store, "b", NULL));
    CU_ASSERT_EQUAL(contract_put(store, "c", "").code, 0);
    CU_ASSERT_EQUAL(commit(store, ops, 3), 0);
    CU_ASSERT_TRUE(contract_holds(store, "a", "1"));
    CU_ASSERT_TRUE(contract_holds(store, "b", "1"));
    CU_ASSERT_TRUE(contract_holds(store, "c", NULL));
    CU_ASSERT_EQUAL(commit(store, ops, 3), TSEC_E_CONFLICT); /* a second time */
    close_store(store);
}

/* ---- many keys at once ---- */

static tsec_rc
gather(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct tsec_buf *seen = ctx;

    tsec_buf_put_span(seen, key);
    tsec_buf_put_str(seen, "=");
    tsec_buf_put_span(seen, value);
    tsec_buf_put_str(seen, " ");
    return seen->len > 40 ? (tsec_rc){ TSEC_E_DENIED } : TSEC_OK;
}

void
contract_many_keys_at_once(void)
{
    TSEC_AUTO_BUF struct tsec_buf seen = TSEC_BUF_INIT(256);
    struct tsec_store *store = open_fresh();
    struct tsec_span keys[TSEC_STORE_KEYS_MAX + 1];

    if (!TSEC_HAS(contract_subject->ops, get_many)) {
        close_store(store);
        return;
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys); i++) {
        keys[i] = tsec_span_str("absent");
    }
    CU_ASSERT_EQUAL(contract_put(store, "one", "1").code, 0);
    CU_ASSERT_EQUAL(contract_put(store, "two", "").code, 0);
    keys[3] = tsec_span_str("one");
    CU_ASSERT_EQUAL(
        contract_subject->ops->get_many(store, keys, TSEC_STORE_KEYS_MAX, gather, &seen, NULL).code,
        0);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&seen), tsec_span_str("one=1 ")));
    tsec_buf_reset(&seen);
    keys[0] = tsec_span_str("two");
    CU_ASSERT_EQUAL(contract_subject->ops->get_many(store, keys, 4, gather, &seen, NULL).code, 0);
    CU_ASSERT_EQUAL(seen.len, strlen("one=1 two= "));
    CU_ASSERT_EQUAL(contract_subject->ops->get_many(store, keys, 0, gather, &seen, NULL).code, 0);
    CU_ASSERT_EQUAL(
        contract_subject->ops->get_many(store, keys, TSEC_ARRAY_LEN(keys), gather, &seen, NULL)
            .code,
        TSEC_E_INVALID);
    keys[2] = tsec_span_str("");
    CU_ASSERT_EQUAL(contract_subject->ops->get_many(store, keys, 4, gather, &seen, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(seen.len, strlen("one=1 two= "));
    for (size_t i = 0; i < 16; i++) {
        keys[i] = tsec_span_str("one");
    }
    CU_ASSERT_EQUAL(contract_subject->ops->get_many(store, keys, 16, gather, &seen, NULL).code,
                    TSEC_E_DENIED);
    close_store(store);
}

void
contract_a_key_stands_once(void)
{
    struct tsec_store *store = open_fresh();
    const struct tsec_store_op ops[] = {
        op_put(tsec_span_str("a"), tsec_span_str("1")),
        op_put(tsec_span_str("b"), tsec_span_str("1")),
        op_delete("a"),
    };

    CU_ASSERT_EQUAL(commit(store, ops, 3), TSEC_E_INVALID);
    CU_ASSERT_TRUE(contract_holds(store, "a", NULL));
    CU_ASSERT_TRUE(contract_holds(store, "b", NULL));
    CU_ASSERT_EQUAL(commit(store, ops, 2), 0);
    close_store(store);
}

void
contract_largest_commit(void)
{
    struct tsec_store *store = open_fresh();
    struct tsec_store_op *ops = calloc(TSEC_STORE_OPS_MAX + 1, sizeof(*ops));
    char(*keys)[16] = calloc(TSEC_STORE_OPS_MAX + 1, sizeof(*keys));

    CU_ASSERT_FATAL(ops != NULL && keys != NULL);
    for (size_t i = 0; i <= TSEC_STORE_OPS_MAX; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "k%08zu", (i * 2654435761u) % 100000007u);
        ops[i] = op_put(tsec_span_str(keys[i]), tsec_span_str(keys[i]));
    }
    CU_ASSERT_EQUAL(commit(store, ops, TSEC_STORE_OPS_MAX + 1), TSEC_E_INVALID);
    CU_ASSERT_TRUE(contract_holds(store, keys[0], NULL));
    CU_ASSERT_EQUAL(commit(store, ops, TSEC_STORE_OPS_MAX), 0);
    for (size_t i = 0; i < TSEC_STORE_OPS_MAX; i += 97) {
        CU_ASSERT_TRUE(contract_holds(store, keys[i], keys[i]));
    }
    free(keys);
    free(ops);
    close_store(store);
}

void
contract_health_is_ok(void)
{
    struct tsec_store *store = open_fresh();

    CU_ASSERT_EQUAL(contract_subject->ops->health(store, NULL).code, 0);
    close_store(store);
}

const struct test_case store_contract_cases[] = {
    { "any byte and any length come back as they went in", contract_bytes_come_back },
    { "what is past a limit is refused and changes nothing", contract_limits_are_refused },
    { "what is not there is NOT_FOUND and the sink stays dry", contract_absent_is_not_found },
    { "a failing sink ends get with its result", contract_a_failing_sink_ends_get },
    { "put replaces, delete removes, twice is harmless", contract_put_replaces_and_delete_removes },
    { "a commit is applied whole or not at all", contract_commit_is_all_or_nothing },
    { "ABSENT of what is present is CONFLICT", contract_absent_is_expected },
    { "PRESENT of what is absent is CONFLICT", contract_present_is_expected },
    { "a key stands in a commit once", contract_a_key_stands_once },
    { "many keys asked for at once: those that are there come", contract_many_keys_at_once },
    { "4096 operations fit in a commit and 4097 do not", contract_largest_commit },
    { "scan visits in byte order, a prefix before what it begins", contract_scan_is_in_byte_order },
    { "scan stays within prefix, after and limit", contract_scan_bounds },
    { "scan in pages visits each once", contract_scan_pages },
    { "scan agrees with a model of random records", contract_scan_agrees_with_a_model },
    { "a failing visitor ends scan with its result", contract_a_failing_visitor_ends_scan },
    { "health is OK", contract_health_is_ok },
    { "what was committed is there after reopening", contract_survives_reopening },
    { "what was acknowledged is there after kill -9", contract_survives_kill },
    { "of many who expect ABSENT one wins", contract_one_of_many_wins },
    { "readers see every commit that returned, whole", contract_readers_see_what_returned },
    { "another handle sees a commit at once", contract_another_handle_sees },
};
const size_t store_contract_len = TSEC_ARRAY_LEN(store_contract_cases);
