/* SPDX-License-Identifier: Apache-2.0 */
/* The search against a judge that tries every order, over histories of a few operations that mean
 * nothing in particular. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/faults/lin/made.h"
#include "tests/faults/lin/search.h"
#include "tests/faults/lin/window.h"
#include "tests/test.h"

enum { MOST = 6, HISTORIES = 60000 };

/* ---- the judge: short, slow, and with nothing of the search in it but the register ---- */

static bool
may_be_next(const struct lin_op *ops, size_t n, unsigned left, size_t i)
{
    for (size_t j = 0; j < n; j++) {
        if ((left >> j & 1) != 0 && ops[j].ret < ops[i].call) {
            return false;
        }
    }
    return true;
}

static bool
has_order(const struct lin_op *ops, size_t n, unsigned left, const struct lin_state *state)
{
    bool needed = false;

    for (size_t i = 0; i < n; i++) {
        needed = needed || ((left >> i & 1) != 0 && ops[i].ret != LIN_NEVER);
    }
    if (!needed) {
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        struct lin_state after;

        if ((left >> i & 1) == 0 || !may_be_next(ops, n, left, i)) {
            continue;
        }
        const bool steps = ops[i].ret == LIN_NEVER ? lin_step_unknown(state, &ops[i], &after)
                                                   : lin_step(state, &ops[i], &after);

        if (steps && has_order(ops, n, left & ~(1u << i), &after)) {
            return true;
        }
    }
    return false;
}

/* ---- histories ---- */

static struct lin_op
any_op(uint64_t *seed, uint32_t i, struct lin_op *before)
{
    struct lin_op op = { .kind = (enum lin_kind)made_below(seed, 4), .line = i };

    op.call = 1 + made_below(seed, 8);
    op.ret = made_below(seed, 4) == 0 ? LIN_NEVER : op.call + made_below(seed, 5);
    op.version = 1 + (uint32_t)made_below(seed, 3);
    op.expected = (uint32_t)made_below(seed, 3);
    op.value = i + 1;
    if (op.kind == LIN_CAS) {
        op.conflict = op.ret != LIN_NEVER && made_below(seed, 3) == 0;
        op.version = op.expected + 1;
    } else if (op.kind == LIN_GET) {
        const uint64_t what = made_below(seed, i + 2);

        op.value = what < i && before[what].kind != LIN_GET ? before[what].value : 0;
        op.version = op.value == 0 ? op.version - 1 : op.version;
    } else if (op.kind == LIN_DELETE) {
        op.value = 0;
    }
    if (op.ret == LIN_NEVER) {
        op.version = 0;
    }
    return op;
}

static size_t
any_history(uint64_t *seed, struct lin_op ops[MOST])
{
    const size_t n = 1 + (size_t)made_below(seed, MOST);

    for (size_t i = 0; i < n; i++) {
        ops[i] = any_op(seed, (uint32_t)i, ops);
    }
    return n;
}

static void
print(const struct lin_op *ops, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(stderr, "%d %d kind %d expected %u value %u version %u conflict %d\n",
                      (int)ops[i].call, ops[i].ret == LIN_NEVER ? -1 : (int)ops[i].ret,
                      (int)ops[i].kind, ops[i].expected, ops[i].value, ops[i].version,
                      (int)ops[i].conflict);
    }
}

static void
the_search_agrees_with_trying_every_order(void)
{
    const struct lin_view whole = LIN_WHOLE;
    const struct lin_state begin = { 0 };
    size_t accepted = 0, refused = 0;
    uint64_t seed = UINT64_C(1) << 40;

    for (size_t i = 0; i < HISTORIES; i++) {
        struct lin_op ops[MOST];
        const size_t n = any_history(&seed, ops);
        const bool good = has_order(ops, n, (1u << n) - 1, &begin);
        const enum lin_verdict verdict = lin_search(ops, n, &whole);

        accepted += good ? 1 : 0;
        refused += good ? 0 : 1;
        if (verdict != (good ? LIN_ACCEPTED : LIN_REFUSED)) {
            print(ops, n);
            CU_FAIL_FATAL("the search disagrees");
        }
    }
    (void)fprintf(stderr, "%zu accepted, %zu refused\n", accepted, refused);
    CU_ASSERT_TRUE(accepted > HISTORIES / 20 && refused > HISTORIES / 20);
}

static void
a_window_is_refused_by_itself_and_no_smaller_one_is_later(void)
{
    const struct lin_view whole = LIN_WHOLE;
    uint64_t seed = UINT64_C(1) << 41;

    for (size_t i = 0; i < HISTORIES / 10; i++) {
        struct lin_op ops[MOST];
        const size_t n = any_history(&seed, ops);

        if (lin_search(ops, n, &whole) != LIN_REFUSED) {
            continue;
        }

        struct lin_view window = lin_window(ops, n);

        CU_ASSERT_EQUAL(lin_search(ops, n, &window), LIN_REFUSED);
        window.until--;
        window.from = 0;
        CU_ASSERT_EQUAL(lin_search(ops, n, &window), LIN_ACCEPTED);
    }
}

static const struct test_case cases[] = {
    { "the search agrees with trying every order", the_search_agrees_with_trying_every_order },
    { "a window is refused by itself, and nothing that ends before it is",
      a_window_is_refused_by_itself_and_no_smaller_one_is_later },
};

TEST_MAIN("orders", cases)
