/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/history.h"

#include <string.h>

#include "base/err.h"
#include "tests/test.h"

static struct history h;
static uint32_t leaves[32];
static struct history_log log_now;

static void
start(void)
{
    memset(&h, 0, sizeof(h));
    memset(leaves, 0, sizeof(leaves));
    log_now = (struct history_log){ .calls = leaves };
}

static struct call *
ask(enum call_verb verb, unsigned key)
{
    struct call *c = history_call(&h);

    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    c->verb = verb;
    c->key = key;
    return c;
}

/* Appends its leaf, after one that is nobody's. */
static void
append(const struct call *c)
{
    log_now.size++;
    leaves[log_now.size++] = c->id;
}

static void
answer(struct call *c, int32_t code, uint32_t saw)
{
    c->saw[0] = saw;
    c->end = log_now.size;
    history_answer(&h, c, code, log_now.size - 1);
}

static struct call *
done(enum call_verb verb, unsigned key, uint32_t saw)
{
    struct call *c = ask(verb, key);

    append(c);
    answer(c, 0, saw);
    return c;
}

static void
explained(void)
{
    char why[HISTORY_WHY] = "";

    CU_ASSERT_TRUE(history_check(&h, &log_now, why));
    CU_ASSERT_STRING_EQUAL(why, "");
}

static void
refused(const char *what)
{
    char why[HISTORY_WHY] = "";

    CU_ASSERT_FALSE(history_check(&h, &log_now, why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why, what));
}

static void
what_follows_from_the_log_is_explained(void)
{
    struct history_state s;
    struct call *c;

    start();
    (void)done(CALL_GET, 1, 0);
    (void)done(CALL_PUT, 1, 0);
    (void)done(CALL_GET, 1, 2);
    c = ask(CALL_CAS, 1);
    c->expect = 2;
    append(c);
    answer(c, 0, 2);
    c = ask(CALL_CAS, 1);
    c->expect = 2;
    append(c);
    answer(c, 0, 4); /* not what it expected: nothing is put */
    c = ask(CALL_SWAP, 1);
    c->other = 3;
    append(c);
    answer(c, 0, 4);
    (void)done(CALL_LIST, 0, 1U << 3);
    (void)done(CALL_REFUSE, 3, 0);
    (void)done(CALL_KEYS, 0, 0);
    (void)done(CALL_GET, 3, 4);
    (void)done(CALL_DELETE, 3, 4);
    (void)done(CALL_LIST, 0, 0);
    (void)done(CALL_PUT, 0, 0);
    explained();
    history_play(&h, &log_now, &s);
    CU_ASSERT_EQUAL(s.values[0], 13);
    CU_ASSERT_EQUAL(s.values[1], 0);
    CU_ASSERT_EQUAL(s.values[3], 0);
}

static void
an_acknowledged_call_is_in_the_log(void)
{
    start();
    answer(ask(CALL_PUT, 1), 0, 0);
    refused("is not in the log");
}

static void
a_call_stands_where_it_was_said_to(void)
{
    struct call *c;

    start();
    c = ask(CALL_PUT, 1);
    append(c);
    history_answer(&h, c, 0, 0);
    refused("another index");
}

static void
no_call_stands_there_twice(void)
{
    start();
    append(done(CALL_PUT, 1, 0));
    refused("twice");
    start();
    append(ask(CALL_PUT, 1)); /* not even one that was never answered */
    append(&h.calls[0]);
    refused("twice");
}

static void
what_was_refused_never_happened(void)
{
    struct call *c;

    start();
    c = ask(CALL_PUT, 1);
    append(c);
    answer(c, TSEC_E_UNAVAILABLE, 0);
    refused("not to have happened");
    h.calls[0].code = TSEC_E_OUTCOME_UNKNOWN;
    explained();
    log_now.size = 0;
    explained();
}

static void
a_stale_answer_is_not_explained(void)
{
    start();
    (void)done(CALL_PUT, 1, 0);
    (void)done(CALL_PUT, 1, 0);
    (void)done(CALL_GET, 1, 1);
    refused("something else");
}

static void
two_cannot_both_have_set_from_one_value(void)
{
    start();
    for (unsigned i = 0; i < 2; i++) {
        append(ask(CALL_CAS, 1));
    }
    answer(&h.calls[0], 0, 0);
    h.calls[0].index = 1;
    answer(&h.calls[1], 0, 0);
    refused("something else");
    h.calls[1].saw[0] = 1;
    explained();
}

static void
the_log_keeps_the_order_of_time(void)
{
    struct call *first;
    struct call *second;

    start();
    first = ask(CALL_PUT, 1);
    history_answer(&h, first, 0, 3);
    second = ask(CALL_PUT, 2);
    append(second);
    append(first);
    history_answer(&h, second, 0, 1);
    refused("before what was answered");
    /* Nor may one that was never answered. */
    second->answered = false;
    refused("before what was answered");
    /* Those that met may stand in either order. */
    second->answered = true;
    second->made_at = 0;
    explained();
}

static void
a_look_sees_some_moment_of_its_own_time(void)
{
    struct call *look;

    start();
    (void)done(CALL_PUT, 1, 0);
    look = ask(CALL_LOOK, 1);
    (void)done(CALL_PUT, 1, 0);
    answer(look, 0, 1);
    explained();
    look->saw[0] = 3;
    explained();
    look->saw[0] = 0;
    refused("at any moment");
    look->saw[0] = 3;
    look->end = 2; /* before that was put */
    refused("at any moment");
    /* One look does not go back behind another. */
    look->end = log_now.size;
    look->answered_at = h.moment + 1;
    h.moment += 2;
    look = ask(CALL_LOOK, 1);
    answer(look, 0, 1);
    refused("at any moment");
}

static void
a_list_is_of_a_moment_before_its_leaf(void)
{
    struct call *list;

    start();
    (void)done(CALL_PUT, 1, 0);
    list = ask(CALL_LIST, 0);
    (void)done(CALL_PUT, 2, 0);
    append(list);
    answer(list, 0, 2);
    explained();
    list->saw[0] = 6;
    explained();
    list->saw[0] = 0;
    refused("at any moment");
}

static void
another_database_has_its_own_history(void)
{
    struct call *c;

    start();
    (void)done(CALL_PUT, 1, 0);
    c = ask(CALL_PUT, 1); /* acknowledged on a copy, and not here */
    c->branch = 1;
    c->end = 4;
    history_answer(&h, c, 0, 3);
    (void)done(CALL_GET, 1, 1);
    explained();
    /* There, all before the copy was made counts as well. */
    log_now.branch = 1;
    log_now.parent = 0;
    log_now.fork_size = 2;
    refused("is not in the log");
    leaves[3] = 2;
    explained();
    leaves[1] = 0;
    refused("is not in the log");
}

static const struct test_case cases[] = {
    { "what follows from the log is explained", what_follows_from_the_log_is_explained },
    { "an acknowledged call is in the log", an_acknowledged_call_is_in_the_log },
    { "a call stands where it was said to", a_call_stands_where_it_was_said_to },
    { "no call stands there twice", no_call_stands_there_twice },
    { "what was refused never happened", what_was_refused_never_happened },
    { "a stale answer is not explained", a_stale_answer_is_not_explained },
    { "two cannot both have set from one value", two_cannot_both_have_set_from_one_value },
    { "the log keeps the order of time", the_log_keeps_the_order_of_time },
    { "a look sees some moment of its own time", a_look_sees_some_moment_of_its_own_time },
    { "a list is of a moment before its leaf", a_list_is_of_a_moment_before_its_leaf },
    { "another database has its own history", another_database_has_its_own_history },
};

TEST_MAIN("sim/history", cases)
