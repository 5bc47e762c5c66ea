/* SPDX-License-Identifier: Apache-2.0 */
#include "core/measurements.h"

#include "tests/core/nouns.h"
#include "tests/double/signed_list.h"

#define A      "sim:svn>=1"
#define B      "sim:svn>=2"
#define LEDGER "a.example/ledger/1"

static struct tsec_arena *arena;

static int
parse(const char *document, struct measurements *out, struct tsec_err *err)
{
    *out = (struct measurements){ .sequence = -1 };
    return measurements_parse(arena, tsec_span_str(document), LEDGER, out, err).code;
}

static void
start(void)
{
    tsec_json_setup();
    CU_ASSERT_EQUAL_FATAL(tsec_arena_new(4 * 1024 * 1024, &arena, NULL).code, 0);
}

static void
a_document_says_what_is_allowed(void)
{
    struct measurements list;

    start();
    CU_ASSERT_EQUAL(parse("{\"measurements\":[\"" B "\",\"" A "\"],\"sequence\":7,"
                          "\"type\":\"tee-secrets/measurements/1\",\"ledger\":\"" LEDGER "\"}",
                          &list, NULL),
                    0);
    CU_ASSERT_EQUAL(list.sequence, 7);
    CU_ASSERT_EQUAL(list.entries.len, 2);
    CU_ASSERT_TRUE(measurements_has(&list, A));
    CU_ASSERT_TRUE(measurements_has(&list, B));
    CU_ASSERT_FALSE(measurements_has(&list, "sim:svn>=3"));
    CU_ASSERT_FALSE(measurements_has(&list, ""));
    tsec_arena_free(arena);
}

static void
a_list_may_be_empty(void)
{
    struct measurements list;

    start();
    CU_ASSERT_EQUAL(parse("{\"type\":\"tee-secrets/measurements/1\",\"ledger\":\"" LEDGER
                          "\",\"sequence\":1,\"measurements\":[]}",
                          &list, NULL),
                    0);
    CU_ASSERT_FALSE(measurements_has(&list, A));
    tsec_arena_free(arena);
}

/* Each is one step away from a document that would be taken. */
static void
what_is_not_exactly_one_is_refused(void)
{
#define HEAD "{\"type\":\"tee-secrets/measurements/1\",\"ledger\":\"" LEDGER "\","
    static const char *const bad[] = {
        "",
        "[]",
        "null",
        "{}",
        HEAD "\"sequence\":1,\"measurements\":[]} x",
        HEAD "\"sequence\":0,\"measurements\":[]}",
        HEAD "\"sequence\":-1,\"measurements\":[]}",
        HEAD "\"sequence\":\"1\",\"measurements\":[]}",
        HEAD "\"sequence\":1.0,\"measurements\":[]}",
        HEAD "\"sequence\":9223372036854775808,\"measurements\":[]}",
        HEAD "\"sequence\":1}",
        HEAD "\"measurements\":[]}",
        HEAD "\"sequence\":1,\"measurements\":\"" A "\"}",
        HEAD "\"sequence\":1,\"measurements\":[1]}",
        HEAD "\"sequence\":1,\"measurements\":[\"\"]}",
        HEAD "\"sequence\":1,\"measurements\":[\"measurement1\"]}",
        HEAD "\"sequence\":1,\"measurements\":[\"x@/etc/passwd\"]}",
        HEAD "\"sequence\":1,\"measurements\":[\"" A "\\u0000\"]}",
        HEAD "\"sequence\":1,\"measurements\":[\"" A "\",\"" A "\"]}",
        HEAD "\"sequence\":1,\"measurements\":[],\"more\":1}",
        HEAD "\"sequence\":1,\"sequence\":2,\"measurements\":[]}",
        "{\"type\":\"tee-secrets/measurements/2\",\"ledger\":\"" LEDGER
        "\",\"sequence\":1,\"measurements\":[]}",
        "{\"type\":\"tee-secrets/measurements/1\",\"ledger\":\"b.example/ledger/1\","
        "\"sequence\":1,\"measurements\":[]}",
        "{\"type\":\"tee-secrets/measurements/1\",\"sequence\":1,\"measurements\":[]}",
    };
#undef HEAD

    start();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct tsec_err err = { 0 };
        struct measurements list;

        CU_ASSERT_EQUAL(parse(bad[i], &list, &err), TSEC_E_INVALID);
        CU_ASSERT_EQUAL(list.sequence, -1);
        CU_ASSERT_TRUE(err.detail[0] != '\0');
    }
    tsec_arena_free(arena);
}

static tsec_rc
nothing_yet(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct measurements *list = NULL;

    (void)ctx;
    TSEC_TRY(measurements_read(txn, &list, err));
    CU_ASSERT_EQUAL(list->sequence, 0);
    CU_ASSERT_EQUAL(list->entries.len, 0);
    CU_ASSERT_FALSE(measurements_has(list, A));
    return TSEC_OK;
}

static tsec_rc
store(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static const char *entries[] = { A, B };
    const struct measurements list = { .sequence = 3,
                                       .entries = { entries, 2 },
                                       .signer = "ab",
                                       .updated_ns = 5,
                                       .document = tsec_span_str("{}"),
                                       .signature = tsec_span_str("s") };

    (void)ctx;
    return measurements_store(txn, &list, err);
}

static tsec_rc
look(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct measurements *list = NULL;

    (void)ctx;
    TSEC_TRY(measurements_read(txn, &list, err));
    CU_ASSERT_EQUAL(list->sequence, 3);
    CU_ASSERT_TRUE(measurements_has(list, B));
    CU_ASSERT_STRING_EQUAL(list->signer, "ab");
    CU_ASSERT_EQUAL(list->updated_ns, 5);
    CU_ASSERT_TRUE(tsec_span_equal(list->document, tsec_span_str("{}")));
    CU_ASSERT_TRUE(tsec_span_equal(list->signature, tsec_span_str("s")));
    return TSEC_OK;
}

static void
the_list_is_one_row(void)
{
    nouns_open("mem:measurements");
    CU_ASSERT_EQUAL(nouns_do(nothing_yet, NULL), 0);
    CU_ASSERT_EQUAL(nouns_do(store, NULL), 0);
    CU_ASSERT_EQUAL(nouns_do(look, NULL), 0);
    nouns_close();
}

static const struct test_case cases[] = {
    { "a document says what is allowed", a_document_says_what_is_allowed },
    { "a list may be empty", a_list_may_be_empty },
    { "what is not exactly one is refused", what_is_not_exactly_one_is_refused },
    { "the list is one row", the_list_is_one_row },
};

TEST_MAIN("core/measurements", cases)
