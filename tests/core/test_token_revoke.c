/* SPDX-License-Identifier: Apache-2.0 */
#include "core/token.h"

#include "tests/core/nouns.h"

enum { FAMILY = 400 };

struct family {
    uint8_t parent[RECORD_TAG_LEN];
    uint8_t child[RECORD_TAG_LEN];
    size_t from;
    size_t rows;
    size_t done;
};

static tsec_rc
make_one(struct txn *txn, const struct token *parent, int64_t ttl_s, struct token_made *made,
         struct tsec_err *err)
{
    static const char *policies[] = { "a" };
    struct token_spec spec = { .parent = parent };

    spec.token = (struct token){
        .path = "p", .display_name = "t", .role = "", .policies = { policies, 1 }, .ttl_s = ttl_s
    };
    return token_make(txn, node_keys(nouns.node), &spec, made, err);
}

static tsec_rc
make_parent(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct family *family = ctx;
    struct token_made made;

    TSEC_TRY(make_one(txn, NULL, 100, &made, err));
    memcpy(family->parent, made.token->tag, RECORD_TAG_LEN);
    return TSEC_OK;
}

static tsec_rc
make_children(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct family *family = ctx;
    const struct token *parent = NULL;
    struct token_made made;

    TSEC_TRY(token_find(txn, family->parent, &parent, err));
    for (int i = 0; i < FAMILY / 4; i++) {
        TSEC_TRY(make_one(txn, parent, 1000, &made, err));
        memcpy(family->child, made.token->tag, RECORD_TAG_LEN);
    }
    return TSEC_OK;
}

static tsec_rc
revoke(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct family *family = ctx;
    const struct token *parent = NULL;

    TSEC_TRY(token_find(txn, family->parent, &parent, err));
    return token_revoke(txn, parent, err);
}

static tsec_rc
revoke_orphan(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct family *family = ctx;
    const struct token *parent = NULL;

    TSEC_TRY(token_find(txn, family->parent, &parent, err));
    return token_revoke_orphan(txn, parent, err);
}

static tsec_rc
look_at_child(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct family *family = ctx;
    const struct token *child = NULL;

    return token_find(txn, family->child, &child, err);
}

static tsec_rc
sweep(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct family *family = ctx;

    return core_sweep_expired(txn, 100, &family->done, err);
}

static tsec_rc
count(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static const char *const folders[] = { "sys/token/", "sys/accessor/", "sys/child/",
                                           "sys/expiry/", "sys/revoked/" };
    struct family *family = ctx;

    family->rows = 0;
    for (size_t i = 0; i < TSEC_ARRAY_LEN(folders); i++) {
        struct tsec_strings names;

        TSEC_TRY(
            record_names(txn, tsec_span_str(folders[i]), tsec_span(NULL, 0), 0, true, &names, err));
        family->rows += names.len;
    }
    return TSEC_OK;
}

static void
make_family(struct family *family)
{
    CU_ASSERT_EQUAL_FATAL(nouns_do(make_parent, family), 0);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL_FATAL(nouns_do(make_children, family), 0);
    }
    CU_ASSERT_EQUAL(nouns_do(count, family), 0);
    CU_ASSERT_EQUAL(family->rows, 3 + FAMILY * 4);
}

static void
sweep_all(struct family *family)
{
    int steps = 0;

    do {
        CU_ASSERT_EQUAL(nouns_do(sweep, family), 0);
    } while (family->done > 0 && ++steps < 50);
    CU_ASSERT_EQUAL(nouns_do(count, family), 0);
}

static void
more_children_than_fit_are_dead_at_once_and_swept_later(void)
{
    struct family family = { .from = 0 };

    nouns_open("mem:revoke");
    make_family(&family);
    CU_ASSERT_EQUAL(nouns_do(revoke, &family), 0);
    CU_ASSERT_EQUAL(nouns_do(look_at_child, &family), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(count, &family), 0);
    CU_ASSERT_TRUE(family.rows > 0);
    sweep_all(&family);
    CU_ASSERT_EQUAL(family.rows, 0);
    nouns_close();
}

static void
an_ended_token_is_swept_with_its_children(void)
{
    struct family family = { .from = 0 };

    nouns_open("mem:revoke");
    make_family(&family);
    sweep_all(&family);
    CU_ASSERT_EQUAL(family.rows, 3 + FAMILY * 4);
    nouns_pass(100);
    sweep_all(&family);
    CU_ASSERT_EQUAL(family.rows, 0);
    nouns_close();
}

static void
too_many_children_are_not_orphaned(void)
{
    struct family family = { .from = 0 };

    nouns_open("mem:revoke");
    make_family(&family);
    CU_ASSERT_EQUAL(nouns_do(revoke_orphan, &family), TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(nouns_do(look_at_child, &family), 0);
    nouns_close();
}

static void
orphaned_children_live_on(void)
{
    struct family family = { .from = 0 };

    nouns_open("mem:revoke");
    CU_ASSERT_EQUAL_FATAL(nouns_do(make_parent, &family), 0);
    CU_ASSERT_EQUAL_FATAL(nouns_do(make_children, &family), 0);
    CU_ASSERT_EQUAL(nouns_do(revoke_orphan, &family), 0);
    CU_ASSERT_EQUAL(nouns_do(look_at_child, &family), 0);
    nouns_pass(1000);
    sweep_all(&family);
    CU_ASSERT_EQUAL(family.rows, 0);
    nouns_close();
}

static const struct test_case cases[] = {
    { "more children than fit are dead at once",
      more_children_than_fit_are_dead_at_once_and_swept_later },
    { "an ended token is swept with its children", an_ended_token_is_swept_with_its_children },
    { "too many children are not orphaned", too_many_children_are_not_orphaned },
    { "orphaned children live on", orphaned_children_live_on },
};

TEST_MAIN("core/token_revoke", cases)
