/* SPDX-License-Identifier: Apache-2.0 */
#include "core/store_watch.h"

#include "base/buf.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr)         CU_ASSERT_FALSE_FATAL(tsec_failed(expr))
#define FAILS(expr, why) CU_ASSERT_EQUAL((expr).code, (why))

struct fixture {
    struct tsec_clock_fake clock;
    struct tsec_store *behind;
    struct store_watch *watch;
    const struct tsec_store_ops *ops;
    struct tsec_store *store;
    unsigned changes;
    struct store_watch_status told;
    int64_t lasted_ns;
};

static void
changed(void *ctx, const struct store_watch_status *now, int64_t lasted_ns)
{
    struct fixture *f = ctx;

    f->changes++;
    f->told = *now;
    f->lasted_ns = lasted_ns;
}

static void
start(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    tsec_clock_fake_init(&f->clock, INT64_C(1790000000) * TSEC_NS_PER_S);
    OK(store_fault_ops.open(NULL, "fault:mem:watch", &f->behind, NULL));

    const struct store_watch_options options = { .ops = &store_fault_ops,
                                                 .store = f->behind,
                                                 .clock = &f->clock.clock,
                                                 .changed = changed,
                                                 .ctx = f };

    OK(store_watch_new(&options, &f->watch, NULL));
    f->ops = store_watch_ops(f->watch);
    f->store = store_watch_store(f->watch);
}

static void
end(struct fixture *f)
{
    store_watch_free(f->watch);
    store_fault_ops.close(f->behind);
    store_mem_forget();
}

static tsec_rc
put(struct fixture *f, const char *key, struct tsec_err *err)
{
    const struct tsec_store_op op = { TSEC_STORE_PUT, TSEC_STORE_ABSENT, tsec_span_str(key),
                                      tsec_span_str("value") };

    return f->ops->commit(f->store, &op, 1, err);
}

static tsec_rc
get(struct fixture *f, const char *key)
{
    TSEC_AUTO_BUF struct tsec_buf value = TSEC_BUF_INIT(64);
    const struct tsec_sink sink = tsec_buf_sink(&value);

    return f->ops->get(f->store, tsec_span_str(key), &sink, NULL);
}

static bool
failing(struct fixture *f)
{
    struct store_watch_status now;

    store_watch_status(f->watch, &now);
    return now.failing;
}

static void
calls_and_answers_pass_as_they_are(void)
{
    struct tsec_err err = { 0 };
    struct fixture f;

    start(&f);
    OK(put(&f, "a", NULL));
    FAILS(put(&f, "a", &err), TSEC_E_CONFLICT);
    CU_ASSERT_NOT_EQUAL(err.detail[0], '\0');
    OK(get(&f, "a"));
    FAILS(get(&f, "b"), TSEC_E_NOT_FOUND);
    OK(f.ops->health(f.store, NULL));
    CU_ASSERT_PTR_NULL(f.ops->open);
    CU_ASSERT_PTR_NULL(f.ops->close);
    CU_ASSERT_EQUAL(f.ops->get_many == NULL, store_fault_ops.get_many == NULL);
    CU_ASSERT_EQUAL(f.ops->exclusive == NULL, store_fault_ops.exclusive == NULL);
    CU_ASSERT_FALSE(failing(&f));
    CU_ASSERT_EQUAL(f.changes, 0);
    end(&f);
}

static void
an_outage_is_told_once_when_it_begins_and_once_when_it_ends(void)
{
    struct store_watch_status now;
    struct fixture f;

    start(&f);
    f.clock.real += TSEC_NS_PER_S;
    store_fault_down(f.behind, TSEC_E_UNAVAILABLE);
    for (int i = 0; i < 5; i++) {
        FAILS(get(&f, "a"), TSEC_E_UNAVAILABLE);
        f.clock.real += TSEC_NS_PER_S;
    }
    CU_ASSERT_EQUAL(f.changes, 1);
    CU_ASSERT_TRUE(f.told.failing);
    CU_ASSERT_EQUAL(f.told.why.code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(f.told.since_ns, (INT64_C(1790000000) + 1) * TSEC_NS_PER_S);
    store_watch_status(f.watch, &now);
    CU_ASSERT_EQUAL(now.failures, 5);
    CU_ASSERT_EQUAL(now.outages, 1);
    store_fault_clear(f.behind);
    FAILS(get(&f, "a"), TSEC_E_NOT_FOUND); /* an answer all the same */
    CU_ASSERT_EQUAL(f.changes, 2);
    CU_ASSERT_FALSE(f.told.failing);
    CU_ASSERT_EQUAL(f.lasted_ns, 5 * TSEC_NS_PER_S);
    store_watch_status(f.watch, &now);
    CU_ASSERT_EQUAL(now.since_ns, f.clock.real);
    FAILS(get(&f, "a"), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(f.changes, 2);
    end(&f);
}

static void
a_commit_whose_fate_is_unknown_is_disproved_by_any_answer(void)
{
    struct fixture f;

    start(&f);
    store_fault_at(f.behind, STORE_CALL_COMMIT, 1, STORE_FAULT_LOSE_APPLIED,
                   TSEC_E_OUTCOME_UNKNOWN);
    FAILS(put(&f, "a", NULL), TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_TRUE(failing(&f));
    OK(f.ops->health(f.store, NULL)); /* it may just not have noticed */
    CU_ASSERT_TRUE(failing(&f));
    OK(get(&f, "a"));
    CU_ASSERT_FALSE(failing(&f));
    end(&f);
}

static void
a_store_that_refuses_writes_is_not_well_because_it_can_be_read(void)
{
    struct fixture f;

    start(&f);
    store_fault_at(f.behind, STORE_CALL_COMMIT, 1, STORE_FAULT_REFUSE, TSEC_E_READ_ONLY);
    FAILS(put(&f, "a", NULL), TSEC_E_READ_ONLY);
    store_fault_at(f.behind, STORE_CALL_GET, 1, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE);
    FAILS(get(&f, "a"), TSEC_E_UNAVAILABLE);
    FAILS(get(&f, "a"), TSEC_E_NOT_FOUND);
    OK(f.ops->health(f.store, NULL));
    CU_ASSERT_TRUE(failing(&f));
    f.clock.mono += 30 * TSEC_NS_PER_S - 1;
    store_watch_probe(f.watch);
    CU_ASSERT_TRUE(failing(&f));
    OK(put(&f, "a", NULL));
    CU_ASSERT_FALSE(failing(&f));
    FAILS(put(&f, "a", NULL), TSEC_E_CONFLICT);
    CU_ASSERT_FALSE(failing(&f));
    end(&f);
}

static void
what_only_health_says_it_may_take_back(void)
{
    struct fixture f;

    start(&f);
    store_fault_at(f.behind, STORE_CALL_HEALTH, 1, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE);
    FAILS(f.ops->health(f.store, NULL), TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(failing(&f));
    OK(f.ops->health(f.store, NULL));
    CU_ASSERT_FALSE(failing(&f));
    CU_ASSERT_EQUAL(f.changes, 2);
    end(&f);
}

static void
a_probe_sees_that_it_is_back_when_nobody_else_asks(void)
{
    struct fixture f;
    unsigned calls;

    start(&f);
    calls = store_fault_calls(f.behind, STORE_CALL_GET);
    store_watch_probe(f.watch);
    CU_ASSERT_EQUAL(store_fault_calls(f.behind, STORE_CALL_GET), calls); /* it works */
    store_fault_down(f.behind, TSEC_E_UNAVAILABLE);
    FAILS(get(&f, "a"), TSEC_E_UNAVAILABLE);
    store_watch_probe(f.watch);
    CU_ASSERT_TRUE(failing(&f));
    store_fault_clear(f.behind);
    store_watch_probe(f.watch);
    CU_ASSERT_FALSE(failing(&f));
    store_fault_at(f.behind, STORE_CALL_COMMIT, 1, STORE_FAULT_REFUSE, TSEC_E_READ_ONLY);
    FAILS(put(&f, "a", NULL), TSEC_E_READ_ONLY);
    f.clock.mono += 30 * TSEC_NS_PER_S;
    store_watch_probe(f.watch);
    CU_ASSERT_FALSE(failing(&f));
    end(&f);
}

static tsec_rc
refuse(void *ctx, struct tsec_span key, struct tsec_span value)
{
    (void)key;
    (void)value;
    return TSEC_FAIL(ctx, TSEC_E_TAMPERED, "the visitor's own words");
}

static void
what_a_visitor_says_is_no_failure_of_the_store(void)
{
    struct tsec_err err = { 0 };
    struct fixture f;

    start(&f);
    OK(put(&f, "a", NULL));
    FAILS(f.ops->scan(f.store, tsec_span("a", 1), tsec_span(NULL, 0), 9, refuse, &err, &err),
          TSEC_E_TAMPERED);
    CU_ASSERT_STRING_EQUAL(err.detail, "the visitor's own words");
    CU_ASSERT_FALSE(failing(&f));
    end(&f);
}

static tsec_rc
volatile_health(struct tsec_store *store, struct tsec_err *err)
{
    (void)store;
    if (err != NULL) {
        (void)snprintf(err->detail, sizeof(err->detail), "what it has may be lost");
    }
    return TSEC_OK;
}

static void
a_remark_beside_ok_is_passed_on(void)
{
    const struct tsec_store_ops ops = { .struct_size = sizeof(ops), .health = volatile_health };
    const struct store_watch_options options = { .ops = &ops, .clock = &tsec_clock_system };
    TSEC_AUTO(store_watch_free) struct store_watch *watch = NULL;
    struct tsec_err err = { 0 };

    OK(store_watch_new(&options, &watch, NULL));
    OK(store_watch_ops(watch)->health(store_watch_store(watch), &err));
    CU_ASSERT_STRING_EQUAL(err.detail, "what it has may be lost");
    CU_ASSERT_PTR_NULL(store_watch_ops(watch)->get_many);
    CU_ASSERT_PTR_NULL(store_watch_ops(watch)->exclusive);
}

static const struct test_case cases[] = {
    { "calls and answers pass as they are", calls_and_answers_pass_as_they_are },
    { "an outage is told once when it begins and once when it ends",
      an_outage_is_told_once_when_it_begins_and_once_when_it_ends },
    { "a commit whose fate is unknown is disproved by any answer",
      a_commit_whose_fate_is_unknown_is_disproved_by_any_answer },
    { "a store that refuses writes is not well because it can be read",
      a_store_that_refuses_writes_is_not_well_because_it_can_be_read },
    { "a probe sees that it is back when nobody else asks",
      a_probe_sees_that_it_is_back_when_nobody_else_asks },
    { "what only health says it may take back", what_only_health_says_it_may_take_back },
    { "what a visitor says is no failure of the store",
      what_a_visitor_says_is_no_failure_of_the_store },
    { "a remark beside OK is passed on", a_remark_beside_ok_is_passed_on },
};

TEST_MAIN("core/store_watch", cases)
