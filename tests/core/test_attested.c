/* SPDX-License-Identifier: Apache-2.0 */
#include "core/attested.h"

#include "tests/core/nouns.h"

#define ENTRY "sim:svn>=1"
#define OTHER "sim:svn>=2"

enum { CROWD = 400, STEP = 100 };

struct step {
    const char *entry;
    size_t n;
    struct attested_sweep sweep;
    size_t done;
    size_t left;
};

static tsec_rc
make(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static const char *policies[] = { "a" };
    static const char *keys[] = { "entry" };
    const struct step *step = ctx;
    const char *values[] = { step->entry };

    for (size_t i = 0; i < step->n; i++) {
        struct token_spec spec = { .parent = NULL };
        struct token_made made;

        spec.token = (struct token){ .path = "p",
                                     .display_name = "t",
                                     .role = "",
                                     .policies = { policies, 1 },
                                     .attest = { keys, values, 1 },
                                     .ttl_s = 100 };
        TSEC_TRY(token_make(txn, node_keys(nouns.node), &spec, &made, err));
    }
    return TSEC_OK;
}

static void
crowd(const char *entry, size_t n)
{
    for (size_t i = 0; i < n; i += STEP) {
        struct step step = { .entry = entry, .n = n - i < STEP ? n - i : STEP };

        CU_ASSERT_EQUAL_FATAL(nouns_do(make, &step), 0);
    }
}

static tsec_rc
count(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct step *step = ctx;
    struct tsec_strings names;

    TSEC_TRY(
        record_names(txn, tsec_span_str("sys/token/"), tsec_span(NULL, 0), 0, true, &names, err));
    step->left = names.len;
    TSEC_TRY(record_names(txn, tsec_span_str("sys/attested/"), tsec_span(NULL, 0), 0, true, &names,
                          err));
    CU_ASSERT_EQUAL(names.len, step->left);
    return TSEC_OK;
}

static size_t
left(void)
{
    struct step step = { .entry = NULL };

    CU_ASSERT_EQUAL(nouns_do(count, &step), 0);
    return step.left;
}

static tsec_rc
revoke(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct step *step = ctx;

    return attested_revoke(txn, step->entry, &step->sweep, err);
}

static tsec_rc
sweep(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct step *step = ctx;

    return core_sweep_expired(txn, 50, &step->done, err);
}

static tsec_rc
spare(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct step *step = ctx;

    return attested_spare(txn, (struct tsec_strings){ &step->entry, 1 }, err);
}

static void
tokens_go_with_their_entry_and_no_others(void)
{
    struct step step = { .entry = ENTRY };

    nouns_open("mem:attested");
    crowd(ENTRY, 3);
    crowd(OTHER, 2);
    crowd("", 0);
    CU_ASSERT_EQUAL(left(), 5);
    CU_ASSERT_EQUAL(nouns_do(revoke, &step), 0);
    CU_ASSERT_EQUAL(step.sweep.revoked, 3);
    CU_ASSERT_EQUAL(step.sweep.marked, 0);
    CU_ASSERT_EQUAL(left(), 2);
    nouns_close();
}

static void
a_crowd_is_swept_in_steps(void)
{
    struct step step = { .entry = ENTRY };
    int steps = 0;

    nouns_open("mem:attested");
    crowd(ENTRY, CROWD);
    crowd(OTHER, 1);
    CU_ASSERT_EQUAL(nouns_do(revoke, &step), 0);
    CU_ASSERT_EQUAL(step.sweep.revoked, TOKEN_REVOKE_MAX);
    CU_ASSERT_EQUAL(step.sweep.marked, 1);
    do {
        CU_ASSERT_EQUAL_FATAL(nouns_do(sweep, &step), 0);
        steps++;
    } while (step.done > 0 && steps < 10);
    CU_ASSERT_EQUAL(left(), 1);
    CU_ASSERT_TRUE(steps > 2);
    nouns_close();
}

static void
what_is_allowed_again_is_spared(void)
{
    struct step step = { .entry = ENTRY };

    nouns_open("mem:attested");
    crowd(ENTRY, CROWD);
    CU_ASSERT_EQUAL(nouns_do(revoke, &step), 0);
    CU_ASSERT_EQUAL(nouns_do(spare, &step), 0);
    CU_ASSERT_EQUAL(nouns_do(sweep, &step), 0);
    CU_ASSERT_EQUAL(step.done, 0);
    CU_ASSERT_EQUAL(left(), CROWD - TOKEN_REVOKE_MAX);
    nouns_close();
}

static void
a_token_that_ends_leaves_nothing(void)
{
    struct step step = { .entry = ENTRY };

    nouns_open("mem:attested");
    crowd(ENTRY, 2);
    nouns_pass(101);
    CU_ASSERT_EQUAL(nouns_do(sweep, &step), 0);
    CU_ASSERT_EQUAL(left(), 0);
    nouns_close();
}

static const struct test_case cases[] = {
    { "tokens go with their entry and no others", tokens_go_with_their_entry_and_no_others },
    { "a crowd is swept in steps", a_crowd_is_swept_in_steps },
    { "what is allowed again is spared", what_is_allowed_again_is_spared },
    { "a token that ends leaves nothing", a_token_that_ends_leaves_nothing },
};

TEST_MAIN("core/attested", cases)
