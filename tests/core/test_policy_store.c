/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_store.h"

#include "core/token.h"
#include "tests/core/nouns.h"

struct write {
    const char *name;
    const char *text;
};

static tsec_rc
put(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct write *write = ctx;

    return policy_write(txn, write->name, tsec_span_str(write->text), err);
}

static tsec_rc
drop(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return policy_delete(txn, ctx, err);
}

static tsec_rc
look(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct policy_entry *entry = NULL;

    TSEC_TRY(policy_find(txn, ctx, &entry, err));
    CU_ASSERT_PTR_NOT_NULL(entry->policy);
    return TSEC_OK;
}

static tsec_rc
decide(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const char *names[] = { "missing", "p" };
    const struct policy_query query = { .path = tsec_span_str("a") };
    struct policy_decision decision = { 0 };
    struct policy_set set;

    TSEC_TRY(policy_load(txn, (struct tsec_strings){ names, 2 }, &set, err));
    policy_decide(&set, &query, &decision);
    *(uint32_t *)ctx = decision.capabilities;
    return TSEC_OK;
}

static void
a_policy_decides_from_the_commit_on(void)
{
    struct write reads = { "p", "path \"a\" { capabilities = [\"read\"] }" };
    struct write lists = { "p", "path \"a\" { capabilities = [\"list\"] }" };
    uint32_t capabilities = 0;

    nouns_open("mem:policy");
    CU_ASSERT_EQUAL(nouns_do(decide, &capabilities), 0);
    CU_ASSERT_EQUAL(capabilities, 0);
    CU_ASSERT_EQUAL(nouns_do(put, &reads), 0);
    CU_ASSERT_EQUAL(nouns_do(decide, &capabilities), 0);
    CU_ASSERT_EQUAL(capabilities, POLICY_READ);
    CU_ASSERT_EQUAL(nouns_do(put, &lists), 0);
    CU_ASSERT_EQUAL(nouns_do(decide, &capabilities), 0);
    CU_ASSERT_EQUAL(capabilities, POLICY_LIST);
    CU_ASSERT_EQUAL(nouns_do(drop, (void *)(uintptr_t) "p"), 0);
    CU_ASSERT_EQUAL(nouns_do(decide, &capabilities), 0);
    CU_ASSERT_EQUAL(capabilities, 0);
    nouns_close();
}

static void
built_in_policies_stay(void)
{
    struct write root = { "root", "path \"a\" { policy = \"read\" }" };
    struct write wrapping = { "response-wrapping", "path \"a\" { policy = \"read\" }" };
    struct write broken = { "b", "path {" };

    nouns_open("mem:policy");
    CU_ASSERT_EQUAL(nouns_do(put, &root), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(nouns_do(put, &wrapping), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(nouns_do(put, &broken), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(nouns_do(drop, (void *)(uintptr_t) "root"), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(nouns_do(drop, (void *)(uintptr_t) "default"), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(nouns_do(look, (void *)(uintptr_t) "root"), 0);
    CU_ASSERT_EQUAL(nouns_do(look, (void *)(uintptr_t) "response-wrapping"), 0);
    CU_ASSERT_EQUAL(nouns_do(look, (void *)(uintptr_t) "b"), TSEC_E_NOT_FOUND);
    nouns_close();
}

/* CVE-2025-54996: a name that differs by case or white space must not be another policy. */
static void
names_are_lower_case_and_plain(void)
{
    static const char *const bad[] = { "", " ", "a b", " root", "root ", "a\tb", "a*", "\xff" };
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;

    OK(tsec_arena_new(65536, &arena, NULL));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_PTR_NULL(policy_name(arena, tsec_span_str(bad[i])));
    }
    CU_ASSERT_PTR_NULL(policy_name(arena, tsec_span("a\0b", 3)));
    CU_ASSERT_STRING_EQUAL(policy_name(arena, tsec_span_str("ROOT")), "root");
}

static const struct test_case cases[] = {
    { "a policy decides from the commit on", a_policy_decides_from_the_commit_on },
    { "built-in policies stay", built_in_policies_stay },
    { "names are lower case and plain", names_are_lower_case_and_plain },
};

TEST_MAIN("core/policy_store", cases)
