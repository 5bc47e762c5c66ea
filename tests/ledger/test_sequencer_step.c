/* SPDX-License-Identifier: Apache-2.0 */
/* The sequencer without a thread, step by step, and with another server that is faster. */
#include "ledger/sequencer.h"
#include "tests/ledger/bench.h"

#define MS (TSEC_NS_PER_S / 1000)

struct op {
    struct sequencer_op queued;
    bool quiet; /* writes nothing */
    int settled;
    tsec_rc rc;
};

struct world {
    struct ledger_bench bench;
    struct ledger_bench other; /* another server's, with the same keys */
    struct tsec_clock_fake clock;
    struct sequencer *sequencer;
    unsigned other_first; /* so many times the other commits while a batch is staged */
    unsigned follow_busy; /* so many times there is more to read */
    enum tsec_code follow_fails;
    unsigned follows;
    unsigned staged;
    unsigned published;
    unsigned dropped;
};

static tsec_rc
begin(void *ctx, struct sequencer_batch *batch, struct tsec_err *err)
{
    (void)ctx;
    (void)batch;
    (void)err;
    return TSEC_OK;
}

static tsec_rc
stage(void *ctx, struct sequencer_batch *batch, struct sequencer_op *queued)
{
    struct world *w = ctx;

    w->staged++;
    if (!((struct op *)(void *)queued)->quiet) {
        bench_add(&batch->leaves, 1);
    }
    return TSEC_OK;
}

static tsec_rc
seal(void *ctx, struct sequencer_batch *batch, struct tsec_err *err)
{
    struct world *w = ctx;

    (void)batch;
    (void)err;
    if (w->other_first > 0) {
        w->other_first--;
        bench_close(&w->other);
        w->other.any_leaves = true;
        OK(bench_open(&w->other, "mem:step", NULL));
        bench_append(&w->other, 1, 1);
    }
    return TSEC_OK;
}

static void
publish(void *ctx, struct sequencer_batch *batch)
{
    (void)batch;
    ((struct world *)ctx)->published++;
}

static void
drop(void *ctx, struct sequencer_batch *batch)
{
    (void)batch;
    ((struct world *)ctx)->dropped++;
}

static void
settle(void *ctx, struct sequencer_op *queued, tsec_rc rc, const struct tsec_err *err)
{
    struct op *op = (struct op *)(void *)queued;

    (void)ctx;
    (void)err;
    op->settled++;
    op->rc = rc;
}

static void
tick(void *ctx)
{
    (void)ctx;
}

static tsec_rc
follow(void *ctx, bool *moved, struct tsec_err *err)
{
    struct world *w = ctx;
    enum ledger_follow read = LEDGER_MORE;

    w->follows++;
    if (w->follow_fails != TSEC_OK_CODE) {
        return TSEC_FAIL(err, w->follow_fails, "follow");
    }
    if (w->follow_busy > 0) {
        w->follow_busy--;
        *moved = true;
        return TSEC_FAIL(err, TSEC_E_BUSY, "more");
    }
    while (read != LEDGER_END) {
        TSEC_TRY(ledger_follow(w->bench.ledger, NULL, NULL, &read, err));
        *moved = *moved || read != LEDGER_END;
    }
    ledger_follow_publish(w->bench.ledger);
    return TSEC_OK;
}

static void
start(struct world *w)
{
    const struct sequencer_hooks hooks = { .ctx = w,
                                           .begin = begin,
                                           .stage = stage,
                                           .seal = seal,
                                           .publish = publish,
                                           .drop = drop,
                                           .settle = settle,
                                           .tick = tick,
                                           .follow = follow };
    struct sequencer_options options = {
        .queue_max = 100, .batch_max = 10, .patience_ns = TSEC_NS_PER_S, .stepped = true
    };

    memset(w, 0, sizeof(*w));
    bench_init(&w->bench);
    w->other.segment_key = w->bench.segment_key;
    w->other.signing_key = w->bench.signing_key;
    OK(bench_open(&w->bench, "mem:step", NULL));
    bench_append(&w->bench, 1, 1); /* a log has a head once it has begun */
    tsec_clock_fake_init(&w->clock, INT64_C(1790000000) * TSEC_NS_PER_S);
    options.ledger = w->bench.ledger;
    options.clock = &w->clock.clock;
    OK(sequencer_start(&options, &hooks, &w->sequencer, NULL));
}

static void
finish(struct world *w)
{
    sequencer_stop(w->sequencer);
    bench_close(&w->other);
    bench_done(&w->bench);
}

static void
submit(struct world *w, struct op *op)
{
    op->settled = 0;
    OK(sequencer_submit(w->sequencer, &op->queued, NULL));
}

/* Steps, with time passing as it is asked for. */
static void
run(struct world *w, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        tsec_clock_fake_advance(&w->clock, sequencer_step(w->sequencer));
    }
}

static void
steps_until_settled(struct world *w, const struct op *op)
{
    for (unsigned i = 0; i < 1000 && op->settled == 0; i++) {
        run(w, 1);
    }
    CU_ASSERT_EQUAL(op->settled, 1);
}

static void
whoever_was_slower_stages_again(void)
{
    struct sequencer_stats stats;
    struct op ops[3] = { { .quiet = false } };
    struct world w;

    start(&w);
    w.other_first = 2;
    for (size_t i = 0; i < 3; i++) {
        submit(&w, &ops[i]);
    }
    steps_until_settled(&w, &ops[2]);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(ops[i].settled, 1);
        CU_ASSERT_EQUAL(ops[i].rc.code, 0);
    }
    CU_ASSERT_EQUAL(w.staged, 9);
    CU_ASSERT_EQUAL(w.dropped, 2);
    CU_ASSERT_EQUAL(w.published, 1);
    CU_ASSERT_EQUAL(ledger_size(w.bench.ledger), 1 + 2 + 3);
    sequencer_stats(w.sequencer, &stats);
    CU_ASSERT_EQUAL(stats.conflicts, 2);
    CU_ASSERT_TRUE(stats.follows >= 2);
    CU_ASSERT_EQUAL(stats.failures, 0);
    finish(&w);
}

static void
what_writes_nothing_is_answered_at_the_end_of_the_log(void)
{
    struct op op = { .quiet = true };
    struct world w;

    start(&w);
    submit(&w, &op);
    steps_until_settled(&w, &op);
    CU_ASSERT_EQUAL(op.rc.code, 0);
    CU_ASSERT_EQUAL(w.staged, 1);
    w.other_first = 1;
    submit(&w, &op);
    steps_until_settled(&w, &op);
    CU_ASSERT_EQUAL(op.rc.code, 0);
    CU_ASSERT_EQUAL(w.staged, 3); /* once before it followed, once after */
    CU_ASSERT_EQUAL(ledger_size(w.bench.ledger), 2);
    CU_ASSERT_EQUAL(store_fault_calls(w.bench.store, STORE_CALL_COMMIT), 1);
    store_fault_down(w.bench.store, TSEC_E_UNAVAILABLE);
    submit(&w, &op);
    steps_until_settled(&w, &op);
    CU_ASSERT_EQUAL(op.rc.code, TSEC_E_UNAVAILABLE);
    store_fault_clear(w.bench.store);
    finish(&w);
}

static void
one_that_reads_on_answers_who_waited_too_long(void)
{
    struct op op = { .quiet = false };
    struct world w;

    start(&w);
    w.other_first = 1;
    w.follow_busy = 50;
    submit(&w, &op);
    run(&w, 10);
    CU_ASSERT_EQUAL(op.settled, 0);
    tsec_clock_fake_advance(&w.clock, 2 * TSEC_NS_PER_S);
    run(&w, 1);
    CU_ASSERT_EQUAL(op.settled, 1);
    CU_ASSERT_EQUAL(op.rc.code, TSEC_E_UNAVAILABLE);
    w.follow_busy = 0;
    submit(&w, &op);
    steps_until_settled(&w, &op);
    CU_ASSERT_EQUAL(op.rc.code, 0);
    finish(&w);
}

static void
a_rollback_is_told_to_all_until_it_is_over(void)
{
    struct sequencer_stats stats;
    struct op ops[2] = { { .quiet = false } };
    struct world w;

    start(&w);
    w.other_first = 1;
    w.follow_fails = TSEC_E_ROLLBACK;
    submit(&w, &ops[0]);
    steps_until_settled(&w, &ops[0]);
    CU_ASSERT_EQUAL(ops[0].rc.code, TSEC_E_ROLLBACK);
    sequencer_stats(w.sequencer, &stats);
    CU_ASSERT_NOT_EQUAL(stats.failing_since_ns, 0);
    CU_ASSERT_EQUAL(stats.last_error.code, TSEC_E_ROLLBACK);
    submit(&w, &ops[1]);
    steps_until_settled(&w, &ops[1]);
    CU_ASSERT_EQUAL(ops[1].rc.code, TSEC_E_ROLLBACK);
    w.follow_fails = TSEC_OK_CODE;

    const int64_t before = w.clock.mono;

    submit(&w, &ops[1]);
    steps_until_settled(&w, &ops[1]);
    CU_ASSERT_EQUAL(ops[1].rc.code, 0);
    CU_ASSERT_TRUE(w.clock.mono - before < TSEC_NS_PER_S); /* by itself, and soon */
    sequencer_stats(w.sequencer, &stats);
    CU_ASSERT_EQUAL(stats.failing_since_ns, 0);
    finish(&w);
}

static void
with_the_store_away_for_long_nobody_waits(void)
{
    static const enum tsec_code ways[] = { TSEC_E_UNAVAILABLE, TSEC_E_OUTCOME_UNKNOWN };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(ways); i++) {
        struct op op = { .quiet = false };
        struct world w;

        start(&w);
        store_fault_down(w.bench.store, ways[i]);
        submit(&w, &op);
        for (unsigned steps = 0; steps < 40; steps++) {
            tsec_clock_fake_advance(&w.clock, TSEC_NS_PER_S / 10);
            run(&w, 1);
        }
        CU_ASSERT_EQUAL(op.settled, 1);
        CU_ASSERT_TRUE(tsec_failed(sequencer_submit(w.sequencer, &op.queued, NULL)));
        store_fault_clear(w.bench.store);
        w.follow_fails = TSEC_OK_CODE;
        run(&w, 3); /* nobody asked it to */
        submit(&w, &op);
        steps_until_settled(&w, &op);
        CU_ASSERT_EQUAL(op.rc.code, 0);
        finish(&w);
    }
}

static void
an_idle_server_looks_once_a_second(void)
{
    struct world w;

    start(&w);
    run(&w, 1);

    const int64_t began = w.clock.mono;
    const unsigned before = w.follows;

    while (w.clock.mono - began < 10 * TSEC_NS_PER_S) {
        run(&w, 1);
    }
    CU_ASSERT_TRUE(w.follows - before >= 9 && w.follows - before <= 11);
    finish(&w);
}

static void
it_stops_at_once_whatever_it_waits_for(void)
{
    struct op op = { .quiet = false };
    struct world w;

    start(&w);
    store_fault_down(w.bench.store, TSEC_E_OUTCOME_UNKNOWN);
    submit(&w, &op);
    run(&w, 3);
    sequencer_stop(w.sequencer);
    w.sequencer = NULL;
    CU_ASSERT_EQUAL(op.settled, 1);
    CU_ASSERT_EQUAL(op.rc.code, TSEC_E_OUTCOME_UNKNOWN);
    finish(&w);
    start(&w);
    w.other_first = 1;
    w.follow_fails = TSEC_E_UNAVAILABLE;
    submit(&w, &op);
    sequencer_stop(w.sequencer);
    w.sequencer = NULL;
    CU_ASSERT_EQUAL(op.settled, 1);
    CU_ASSERT_EQUAL(op.rc.code, TSEC_E_UNAVAILABLE);
    finish(&w);
}

static const struct test_case cases[] = {
    { "whoever was slower stages again", whoever_was_slower_stages_again },
    { "what writes nothing is answered at the end of the log",
      what_writes_nothing_is_answered_at_the_end_of_the_log },
    { "one that reads on answers who waited too long",
      one_that_reads_on_answers_who_waited_too_long },
    { "a rollback is told to all until it is over", a_rollback_is_told_to_all_until_it_is_over },
    { "with the store away for long nobody waits", with_the_store_away_for_long_nobody_waits },
    { "an idle server looks once a second", an_idle_server_looks_once_a_second },
    { "it stops at once, whatever it waits for", it_stops_at_once_whatever_it_waits_for },
};

TEST_MAIN("ledger/sequencer_step", cases)
