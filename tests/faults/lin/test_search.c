/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/lin/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/faults/lin/made.h"
#include "tests/test.h"

static const struct made_shape usual = { .ops = 120, .clients = 8, .lost_percent = 5 };

static enum lin_verdict
verdict(const struct lin_op *ops, size_t n)
{
    const struct lin_view whole = LIN_WHOLE;

    return lin_search(ops, n, &whole);
}

static double
seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
good_histories_are_accepted(void)
{
    static const struct made_shape shapes[] = {
        { 1, 1, 0 }, { 30, 1, 0 }, { 30, 3, 30 }, { 120, 8, 5 }, { 400, 16, 10 }, { 400, 2, 60 },
    };

    for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
        for (uint64_t seed = 1; seed <= 60; seed++) {
            struct made made = made_history(seed << 32, &shapes[s]);

            CU_ASSERT_EQUAL(verdict(made.ops, made.n), LIN_ACCEPTED);
            made_free(&made);
        }
    }
}

static void
nothing_is_accepted(void)
{
    CU_ASSERT_EQUAL(verdict(NULL, 0), LIN_ACCEPTED);
}

/* ---- one fault in a good history ---- */

/* Each returns whether the history had a place for the fault; which is certain to be one. */
typedef bool (*fault)(struct made *made);

static bool
writes(const struct lin_op *op)
{
    return (op->kind == LIN_PUT || op->kind == LIN_CAS) && !op->conflict;
}

/* An operation that was told its outcome, from a drawn place on. */
static struct lin_op *
pick(struct made *made, bool (*fits)(const struct lin_op *))
{
    const size_t from = (size_t)made_below(&made->seed, made->effective);

    for (size_t i = 0; i < made->effective; i++) {
        struct lin_op *op = &made->ops[(from + i) % made->effective];

        if (op->ret != LIN_NEVER && fits(op)) {
            return op;
        }
    }
    return NULL;
}

static bool
reads_something(const struct lin_op *op)
{
    return op->kind == LIN_GET && op->version > 1;
}

static bool
reads_a_value(const struct lin_op *op)
{
    return reads_something(op) && op->value != 0;
}

/* Whether the version was certainly made before the operation began. */
static bool
made_before(const struct made *made, const struct lin_op *op, uint32_t version)
{
    for (size_t i = 0; i < made->effective; i++) {
        const struct lin_op *other = &made->ops[i];

        if (writes(other) && other->version == version && other->ret < op->call) {
            return true;
        }
    }
    return false;
}

static const struct lin_op *
writer(const struct made *made, uint32_t version)
{
    for (size_t i = 0; i < made->effective; i++) {
        if (writes(&made->ops[i]) && made->ops[i].version == version) {
            return &made->ops[i];
        }
    }
    return NULL;
}

static bool
read_again_from(struct made *made, uint32_t back)
{
    struct lin_op *read = pick(made, reads_something);

    if (read == NULL || read->version <= back || !made_before(made, read, read->version)
        || writer(made, read->version - back) == NULL) {
        return false;
    }
    read->version -= back;
    read->value = writer(made, read->version)->value;
    return true;
}

static bool
stale_read(struct made *made)
{
    return read_again_from(made, 1);
}

static bool
rolled_back_read(struct made *made)
{
    return read_again_from(made, 7);
}

static bool
read_of_nothing(struct made *made)
{
    struct lin_op *read = pick(made, reads_something);

    if (read == NULL || !made_before(made, read, 1)) {
        return false;
    }
    read->version = read->value = 0;
    return true;
}

static bool
phantom_version(struct made *made)
{
    struct lin_op *read = pick(made, reads_a_value);

    if (read != NULL) {
        read->version += 1000;
    }
    return read != NULL;
}

static bool
phantom_value(struct made *made)
{
    struct lin_op *read = pick(made, reads_a_value);

    if (read != NULL) {
        read->value = UINT32_MAX - 1;
    }
    return read != NULL;
}

static bool
other_value(struct made *made)
{
    struct lin_op *read = pick(made, reads_a_value);

    if (read == NULL || writer(made, read->version - 1) == NULL) {
        return false;
    }
    read->value = writer(made, read->version - 1)->value;
    return true;
}

static bool
duplicate_version(struct made *made)
{
    struct lin_op *write = pick(made, writes);

    if (write == NULL || writer(made, write->version - 1) == NULL) {
        return false;
    }
    write->version--;
    return true;
}

static bool
jumped_version(struct made *made)
{
    struct lin_op *write = pick(made, writes);

    if (write == NULL || writer(made, write->version + 1) == NULL) {
        return false;
    }
    write->version++;
    return true;
}

static bool
reordered_writes(struct made *made)
{
    struct lin_op *a = pick(made, writes);

    for (size_t i = 0; a != NULL && i < made->effective; i++) {
        struct lin_op *b = &made->ops[i];

        if (b->ret != LIN_NEVER && writes(b) && a->ret < b->call) {
            const uint32_t version = a->version;

            a->version = b->version;
            b->version = version;
            return true;
        }
    }
    return false;
}

/* A write that was acknowledged, and its effect taken away: the next one makes its version again.
 */
static bool
lost_update(struct made *made)
{
    struct lin_op *gone = pick(made, writes);

    if (gone == NULL || gone >= made->ops + made->effective - 1) {
        return false;
    }

    const uint32_t version = gone->version;
    bool seen = false;

    for (size_t i = 0; i < made->effective; i++) {
        struct lin_op *op = &made->ops[i];

        if (op != gone && op->ret != LIN_NEVER && op->version >= version) {
            seen = seen || (op->version == version + 1 && writes(op));
            op->version--;
        }
    }
    return seen;
}

/* A write that happened and is not in the history, nor any that it could be taken for. */
static bool
missing_write(struct made *made)
{
    struct lin_op *write = pick(made, writes);

    if (write == NULL || writer(made, write->version + 1) == NULL) {
        return false;
    }
    for (size_t i = 0; i < made->n; i++) {
        if (made->ops[i].ret == LIN_NEVER && made->ops[i].call < write->ret + 1000) {
            return false;
        }
    }
    *write = (struct lin_op){ .call = 1, .ret = 2, .kind = LIN_GET };
    return true;
}

static bool
is_conflict(const struct lin_op *op)
{
    return op->kind == LIN_CAS && op->conflict;
}

/* Told a conflict at the version that nobody changed around it. */
static bool
false_conflict(struct made *made)
{
    struct lin_op *cas = pick(made, is_conflict);

    if (cas == NULL) {
        return false;
    }
    cas->ret = cas->call = 0;
    cas->expected = 0;
    return true;
}

/* Told success where the version expected was long past. */
static bool
false_success(struct made *made)
{
    struct lin_op *cas = pick(made, is_conflict);

    if (cas == NULL || cas->expected == 0 || !made_before(made, cas, cas->expected + 1)) {
        return false;
    }
    cas->conflict = false;
    cas->version = cas->expected + 1;
    return true;
}

static bool
is_delete(const struct lin_op *op)
{
    return op->kind == LIN_DELETE;
}

/* Read after it was deleted, and before anything was written again. */
static bool
read_of_the_deleted(struct made *made)
{
    const struct lin_op *deletion = pick(made, is_delete);

    for (size_t i = 0; deletion != NULL && i < made->effective; i++) {
        struct lin_op *op = &made->ops[i];
        const struct lin_op *by = writer(made, op->version);

        if (op->kind == LIN_GET && op->value == 0 && by != NULL && by->ret < deletion->call
            && deletion->ret < op->call) {
            op->value = by->value;
            return true;
        }
    }
    return false;
}

static bool
is_put(const struct lin_op *op)
{
    return op->kind == LIN_PUT;
}

/* A write of unknown outcome that was seen, and then was not. */
static bool
seen_and_undone(struct made *made)
{
    struct lin_op *put = pick(made, is_put);
    const struct lin_op *read = NULL;

    for (size_t i = 0; put != NULL && i < made->effective && read == NULL; i++) {
        const struct lin_op *op = &made->ops[i];

        if (op->kind == LIN_GET && op->value == put->value) {
            read = op;
        }
    }
    if (read == NULL || writer(made, put->version - 1) == NULL) {
        return false;
    }
    put->ret = LIN_NEVER;
    for (size_t i = 0; i < made->effective; i++) {
        struct lin_op *op = &made->ops[i];

        if (op->kind == LIN_GET && op->call > read->ret) {
            op->version = put->version - 1;
            op->value = writer(made, op->version)->value;
            return true;
        }
    }
    return false;
}

static const struct {
    const char *name;
    fault commit;
} faults[] = {
    { "stale read", stale_read },
    { "rolled-back read", rolled_back_read },
    { "read of nothing", read_of_nothing },
    { "phantom version", phantom_version },
    { "phantom value", phantom_value },
    { "another version's value", other_value },
    { "duplicate version", duplicate_version },
    { "jumped version", jumped_version },
    { "reordered writes", reordered_writes },
    { "lost update", lost_update },
    { "missing write", missing_write },
    { "false conflict", false_conflict },
    { "false success", false_success },
    { "read of the deleted", read_of_the_deleted },
    { "seen and undone", seen_and_undone },
};

static void
one_fault_is_refused(void)
{
    for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++) {
        size_t committed = 0;

        for (uint64_t seed = 1; seed <= 400 && committed < 100; seed++) {
            struct made made = made_history((seed + 1000 * f) << 32, &usual);

            if (faults[f].commit(&made)) {
                committed++;
                if (verdict(made.ops, made.n) != LIN_REFUSED) {
                    (void)fprintf(stderr, "%s, seed %d\n", faults[f].name, (int)seed);
                    CU_FAIL("a fault was not refused");
                }
            }
            made_free(&made);
        }
        if (committed < 10) {
            (void)fprintf(stderr, "%s was committed %zu times\n", faults[f].name, committed);
            CU_FAIL("a fault was hardly tried");
        }
    }
}

static void
a_long_history_takes_less_than_a_second(void)
{
    static const struct made_shape shape = { .ops = 5000, .clients = 16, .lost_percent = 2 };
    struct made made = made_history(77, &shape);
    const double begun = seconds();

    CU_ASSERT_EQUAL(verdict(made.ops, made.n), LIN_ACCEPTED);
    while (!rolled_back_read(&made)) {
    }
    CU_ASSERT_EQUAL(verdict(made.ops, made.n), LIN_REFUSED);
    CU_ASSERT_TRUE(seconds() - begun < 1.0);
    (void)fprintf(stderr, "5000 operations of 16 clients, accepted and refused: %.3f s\n",
                  seconds() - begun);
    made_free(&made);
}

static void
too_little_memory_is_not_a_verdict(void)
{
    struct made made = made_history(5, &usual);
    struct lin_view view = LIN_WHOLE;

    view.memo_limit = 16;
    CU_ASSERT_EQUAL(lin_search(made.ops, made.n, &view), LIN_UNDECIDED);
    made_free(&made);
}

static const struct test_case cases[] = {
    { "good histories are accepted", good_histories_are_accepted },
    { "nothing is accepted", nothing_is_accepted },
    { "one fault is refused", one_fault_is_refused },
    { "a long history takes less than a second", a_long_history_takes_less_than_a_second },
    { "too little memory is not a verdict", too_little_memory_is_not_a_verdict },
};

TEST_MAIN("search", cases)
