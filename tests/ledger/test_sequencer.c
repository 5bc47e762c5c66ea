/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sequencer.h"

#include <pthread.h>
#include <unistd.h>

#include "tests/ledger/bench.h"

enum { OPS = 64 };

/* An operation that stages one leaf, or fails. */
struct op {
    struct sequencer_op queued;
    int id;
    enum tsec_code own;      /* what stage() says of it; TSEC_OK_CODE: a leaf */
    unsigned too_large_once; /* so many times TOO_LARGE first */
    int settled;
    tsec_rc rc;
};

struct fixture {
    struct ledger_bench bench;
    struct tsec_clock_fake clock;
    struct sequencer *sequencer;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool hold; /* begin() waits */
    bool began;
    enum tsec_code begin_fails;
    enum tsec_code seal_fails;
    int staged[OPS * 4]; /* ids in the order of stage() */
    size_t staged_len;
    int answered[OPS * 4];
    size_t answered_len;
    unsigned publishes;
    unsigned drops;
    unsigned ticks;
    bool early; /* an answer of the batch left before it was made visible */
    bool visible;
};

static tsec_rc
begin(void *ctx, struct sequencer_batch *batch, struct tsec_err *err)
{
    struct fixture *f = ctx;

    (void)batch;
    (void)pthread_mutex_lock(&f->lock);
    f->began = true;
    f->visible = false;
    (void)pthread_cond_broadcast(&f->cond);
    while (f->hold) {
        (void)pthread_cond_wait(&f->cond, &f->lock);
    }
    (void)pthread_mutex_unlock(&f->lock);
    return f->begin_fails == TSEC_OK_CODE ? TSEC_OK : TSEC_FAIL(err, f->begin_fails, "begin");
}

static tsec_rc
stage(void *ctx, struct sequencer_batch *batch, struct sequencer_op *queued)
{
    struct fixture *f = ctx;
    struct op *op = (struct op *)(void *)queued;

    f->staged[f->staged_len++] = op->id;
    if (op->too_large_once > 0) {
        op->too_large_once--;
        return (tsec_rc){ TSEC_E_TOO_LARGE };
    }
    if (op->own != TSEC_OK_CODE) {
        return (tsec_rc){ op->own };
    }
    bench_add(&batch->leaves, 1);
    return TSEC_OK;
}

static tsec_rc
seal(void *ctx, struct sequencer_batch *batch, struct tsec_err *err)
{
    struct fixture *f = ctx;

    (void)batch;
    return f->seal_fails == TSEC_OK_CODE ? TSEC_OK : TSEC_FAIL(err, f->seal_fails, "seal");
}

static void
publish(void *ctx, struct sequencer_batch *batch)
{
    struct fixture *f = ctx;

    (void)batch;
    f->publishes++;
    f->visible = true;
}

static void
drop(void *ctx, struct sequencer_batch *batch)
{
    (void)batch;
    ((struct fixture *)ctx)->drops++;
}

static void
settle(void *ctx, struct sequencer_op *queued, tsec_rc rc, const struct tsec_err *err)
{
    struct fixture *f = ctx;
    struct op *op = (struct op *)(void *)queued;

    (void)err;
    (void)pthread_mutex_lock(&f->lock);
    f->early = f->early || (!tsec_failed(rc) && !f->visible);
    op->rc = tsec_failed(queued->staged) ? queued->staged : rc;
    op->settled++;
    f->answered[f->answered_len++] = op->id;
    (void)pthread_cond_broadcast(&f->cond);
    (void)pthread_mutex_unlock(&f->lock);
}

static void
tick(void *ctx)
{
    ((struct fixture *)ctx)->ticks++;
}

static void
start(struct fixture *f, size_t queue_max, size_t batch_max)
{
    const struct sequencer_hooks hooks = { .ctx = f,
                                           .begin = begin,
                                           .stage = stage,
                                           .seal = seal,
                                           .publish = publish,
                                           .drop = drop,
                                           .settle = settle,
                                           .tick = tick };
    struct sequencer_options options = { .queue_max = queue_max,
                                         .batch_max = batch_max,
                                         .patience_ns = TSEC_NS_PER_S };

    memset(f, 0, sizeof(*f));
    (void)pthread_mutex_init(&f->lock, NULL);
    (void)pthread_cond_init(&f->cond, NULL);
    bench_init(&f->bench);
    OK(bench_open(&f->bench, "mem:sequencer", NULL));
    tsec_clock_fake_init(&f->clock, INT64_C(1790000000) * TSEC_NS_PER_S);
    options.ledger = f->bench.ledger;
    options.clock = &f->clock.clock;
    OK(sequencer_start(&options, &hooks, &f->sequencer, NULL));
}

static void
end(struct fixture *f, uint64_t leaves)
{
    sequencer_stop(f->sequencer);
    CU_ASSERT_FALSE(f->early);
    bench_close(&f->bench);
    OK(bench_open(&f->bench, "mem:sequencer", NULL));
    CU_ASSERT_EQUAL(f->bench.seen, leaves);
    bench_done(&f->bench);
    (void)pthread_cond_destroy(&f->cond);
    (void)pthread_mutex_destroy(&f->lock);
}

/* The sequencer waits in the begin() of a batch until let_go(). */
static void
hold_with(struct fixture *f, struct op *op)
{
    (void)pthread_mutex_lock(&f->lock);
    f->hold = true;
    f->began = false;
    (void)pthread_mutex_unlock(&f->lock);
    OK(sequencer_submit(f->sequencer, &op->queued, NULL));
    (void)pthread_mutex_lock(&f->lock);
    while (!f->began) {
        (void)pthread_cond_wait(&f->cond, &f->lock);
    }
    (void)pthread_mutex_unlock(&f->lock);
}

static void
let_go(struct fixture *f)
{
    (void)pthread_mutex_lock(&f->lock);
    f->hold = false;
    (void)pthread_cond_broadcast(&f->cond);
    (void)pthread_mutex_unlock(&f->lock);
}

static void
wait_settled(struct fixture *f, const struct op *op)
{
    (void)pthread_mutex_lock(&f->lock);
    while (op->settled == 0) {
        (void)pthread_cond_wait(&f->cond, &f->lock);
    }
    (void)pthread_mutex_unlock(&f->lock);
}

static void
number(struct op *ops, size_t n)
{
    memset(ops, 0, n * sizeof(*ops));
    for (size_t i = 0; i < n; i++) {
        ops[i].id = (int)i;
    }
}

static void
what_gathers_is_one_batch_in_its_order(void)
{
    struct fixture f;
    struct op ops[OPS];

    number(ops, OPS);
    start(&f, 1000, 40);
    hold_with(&f, &ops[0]);
    for (size_t i = 1; i < OPS; i++) {
        OK(sequencer_submit(f.sequencer, &ops[i].queued, NULL));
    }
    let_go(&f);
    wait_settled(&f, &ops[OPS - 1]);
    CU_ASSERT_EQUAL(f.publishes, 3); /* 1, 40, 23 */
    CU_ASSERT_EQUAL(f.staged_len, OPS);
    for (size_t i = 0; i < OPS; i++) {
        CU_ASSERT_EQUAL(f.staged[i], (int)i);
        CU_ASSERT_EQUAL(f.answered[i], (int)i);
        CU_ASSERT_EQUAL(ops[i].settled, 1);
        CU_ASSERT_EQUAL(ops[i].rc.code, 0);
    }

    struct sequencer_stats stats;

    sequencer_stats(f.sequencer, &stats);
    CU_ASSERT_EQUAL(stats.operations, OPS);
    CU_ASSERT_EQUAL(stats.batches, 3);
    CU_ASSERT_EQUAL(stats.failures, 0);
    CU_ASSERT_EQUAL(stats.queued, 0);
    end(&f, OPS);
}

static void
what_does_not_fit_goes_first_in_the_next_batch(void)
{
    struct fixture f;
    struct op ops[6];
    static const int staged[] = { 0, 1, 2, 2, 3, 4, 4, 5 };

    number(ops, 6);
    ops[2].too_large_once = 1;
    ops[4].too_large_once = 1;
    start(&f, 1000, 40);
    hold_with(&f, &ops[0]);
    for (size_t i = 1; i < 6; i++) {
        OK(sequencer_submit(f.sequencer, &ops[i].queued, NULL));
    }
    let_go(&f);
    wait_settled(&f, &ops[5]);
    CU_ASSERT_EQUAL_FATAL(f.staged_len, TSEC_ARRAY_LEN(staged));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(staged); i++) {
        CU_ASSERT_EQUAL(f.staged[i], staged[i]);
    }
    for (size_t i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(f.answered[i], (int)i);
        CU_ASSERT_EQUAL(ops[i].rc.code, 0);
    }
    CU_ASSERT_EQUAL(f.publishes, 4);
    end(&f, 6);
}

static void
what_fits_no_batch_is_told_so(void)
{
    struct fixture f;
    struct op ops[3];

    number(ops, 3);
    ops[1].too_large_once = 2;
    start(&f, 1000, 40);
    hold_with(&f, &ops[0]);
    OK(sequencer_submit(f.sequencer, &ops[1].queued, NULL));
    OK(sequencer_submit(f.sequencer, &ops[2].queued, NULL));
    let_go(&f);
    wait_settled(&f, &ops[2]);
    /* 0 was alone in its batch, so 1 was first in the next: no room is more than that */
    CU_ASSERT_EQUAL(ops[1].rc.code, TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(ops[2].rc.code, 0);
    end(&f, 2);
}

/* It was too large for one batch, and the next failed as a whole: it hears of that. */
static void
what_was_put_back_is_judged_anew(void)
{
    struct fixture f;
    struct op ops[3];

    number(ops, 3);
    ops[2].too_large_once = 1;
    start(&f, 1000, 40);
    hold_with(&f, &ops[0]);
    OK(sequencer_submit(f.sequencer, &ops[1].queued, NULL));
    OK(sequencer_submit(f.sequencer, &ops[2].queued, NULL));
    store_fault_at(f.bench.store, STORE_CALL_COMMIT, 3, STORE_FAULT_REFUSE, TSEC_E_READ_ONLY);
    let_go(&f);
    wait_settled(&f, &ops[2]);
    CU_ASSERT_EQUAL(ops[1].rc.code, 0);
    CU_ASSERT_EQUAL(ops[2].rc.code, TSEC_E_READ_ONLY);
    end(&f, 2);
}

static void
an_operations_own_failure_is_its_own(void)
{
    struct fixture f;
    struct op ops[3];

    number(ops, 3);
    ops[1].own = TSEC_E_NO_MEMORY;
    start(&f, 1000, 40);
    hold_with(&f, &ops[0]);
    OK(sequencer_submit(f.sequencer, &ops[1].queued, NULL));
    OK(sequencer_submit(f.sequencer, &ops[2].queued, NULL));
    let_go(&f);
    wait_settled(&f, &ops[2]);
    CU_ASSERT_EQUAL(ops[0].rc.code, 0);
    CU_ASSERT_EQUAL(ops[1].rc.code, TSEC_E_NO_MEMORY);
    CU_ASSERT_EQUAL(ops[2].rc.code, 0);
    end(&f, 2);
}

static void
a_batch_that_cannot_begin_or_end_is_dropped_whole(void)
{
    for (int i = 0; i < 2; i++) {
        struct fixture f;
        struct op ops[3];
        struct sequencer_stats stats;

        number(ops, 3);
        start(&f, 1000, 40);
        *(i == 0 ? &f.begin_fails : &f.seal_fails) = TSEC_E_INTERNAL;
        hold_with(&f, &ops[0]);
        OK(sequencer_submit(f.sequencer, &ops[1].queued, NULL));
        let_go(&f);
        wait_settled(&f, &ops[1]);
        sequencer_stats(f.sequencer, &stats);
        CU_ASSERT_EQUAL(ops[0].rc.code, TSEC_E_INTERNAL);
        CU_ASSERT_EQUAL(ops[1].rc.code, TSEC_E_INTERNAL);
        CU_ASSERT_EQUAL(f.drops, 2);
        CU_ASSERT_EQUAL(f.publishes, 0);
        CU_ASSERT_EQUAL(stats.failures, 2);
        CU_ASSERT_EQUAL(stats.failing_since_ns, f.clock.real);
        f.begin_fails = TSEC_OK_CODE;
        f.seal_fails = TSEC_OK_CODE;
        OK(sequencer_submit(f.sequencer, &ops[2].queued, NULL));
        wait_settled(&f, &ops[2]);
        CU_ASSERT_EQUAL(ops[2].rc.code, 0);
        sequencer_stats(f.sequencer, &stats);
        CU_ASSERT_EQUAL(stats.failing_since_ns, 0);
        end(&f, 1);
    }
}

static void
a_full_queue_says_busy(void)
{
    struct fixture f;
    struct op ops[5];

    number(ops, 5);
    start(&f, 3, 40);
    hold_with(&f, &ops[0]);
    for (size_t i = 1; i < 4; i++) {
        OK(sequencer_submit(f.sequencer, &ops[i].queued, NULL));
    }
    FAILS(sequencer_submit(f.sequencer, &ops[4].queued, NULL), TSEC_E_BUSY);
    let_go(&f);
    wait_settled(&f, &ops[3]);
    OK(sequencer_submit(f.sequencer, &ops[4].queued, NULL));
    wait_settled(&f, &ops[4]);
    end(&f, 5);
}

static void *
stop_main(void *arg)
{
    sequencer_stop(arg);
    return NULL;
}

static void
stopping_commits_and_answers_what_was_accepted(void)
{
    struct fixture f;
    struct op ops[OPS];
    pthread_t stopper;
    size_t accepted = 20;
    tsec_rc rc = { 0 };

    number(ops, OPS);
    start(&f, 1000, 7);
    hold_with(&f, &ops[0]);
    for (size_t i = 1; i < accepted; i++) {
        OK(sequencer_submit(f.sequencer, &ops[i].queued, NULL));
    }
    CU_ASSERT_EQUAL_FATAL(pthread_create(&stopper, NULL, stop_main, f.sequencer), 0);
    while (accepted < OPS) { /* until it is refused: from then on the end has begun */
        rc = sequencer_submit(f.sequencer, &ops[accepted].queued, NULL);
        if (tsec_failed(rc)) {
            break;
        }
        accepted++;
        (void)usleep(5000);
    }
    CU_ASSERT_EQUAL(rc.code, TSEC_E_UNAVAILABLE);
    let_go(&f);
    (void)pthread_join(stopper, NULL);
    f.sequencer = NULL;
    for (size_t i = 0; i < accepted; i++) {
        CU_ASSERT_EQUAL(ops[i].settled, 1);
        CU_ASSERT_EQUAL(ops[i].rc.code, 0);
    }
    end(&f, accepted);
}

/* ---- outcomes that are not known ---- */

static void
an_unknown_outcome_is_waited_for(void)
{
    static const enum store_fault faults[] = { STORE_FAULT_REFUSE, STORE_FAULT_LOSE_APPLIED };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(faults); i++) {
        struct fixture f;
        struct op ops[2];
        struct sequencer_stats stats;

        number(ops, 2);
        start(&f, 1000, 40);
        store_fault_at(f.bench.store, STORE_CALL_COMMIT, 1, faults[i], TSEC_E_OUTCOME_UNKNOWN);
        OK(sequencer_submit(f.sequencer, &ops[0].queued, NULL));
        wait_settled(&f, &ops[0]);
        CU_ASSERT_EQUAL(ops[0].rc.code, 0);
        OK(sequencer_submit(f.sequencer, &ops[1].queued, NULL));
        wait_settled(&f, &ops[1]);
        sequencer_stats(f.sequencer, &stats);
        CU_ASSERT_FALSE(stats.unknown);
        CU_ASSERT_EQUAL(stats.failures, 0);
        CU_ASSERT_EQUAL(stats.operations, 2);
        CU_ASSERT_EQUAL(f.drops, 0);
        end(&f, 2);
    }
}

static void
patience_ends_and_the_batch_may_still_happen(void)
{
    struct fixture f;
    struct op ops[4];
    struct sequencer_stats stats;

    number(ops, 4);
    start(&f, 1000, 40);
    store_fault_down(f.bench.store, TSEC_E_OUTCOME_UNKNOWN);
    hold_with(&f, &ops[0]);
    OK(sequencer_submit(f.sequencer, &ops[1].queued, NULL));
    f.clock.mono += TSEC_NS_PER_S / 2;
    OK(sequencer_submit(f.sequencer, &ops[2].queued, NULL));
    f.clock.mono += TSEC_NS_PER_S * 3 / 4;
    let_go(&f);
    wait_settled(&f, &ops[1]);
    CU_ASSERT_EQUAL(ops[0].rc.code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(ops[1].rc.code, TSEC_E_UNAVAILABLE); /* it was not tried at all */
    CU_ASSERT_EQUAL(ops[2].settled, 0);
    sequencer_stats(f.sequencer, &stats);
    CU_ASSERT_TRUE(stats.unknown);
    store_fault_clear(f.bench.store);
    wait_settled(&f, &ops[2]);
    CU_ASSERT_EQUAL(ops[2].rc.code, 0); /* it had not waited so long */
    OK(sequencer_submit(f.sequencer, &ops[3].queued, NULL));
    wait_settled(&f, &ops[3]);
    CU_ASSERT_EQUAL(ops[0].settled, 1);
    CU_ASSERT_EQUAL(ops[1].settled, 1);
    end(&f, 3); /* 0 happened, after all */
}

static void
stopping_while_it_is_unknown_writes_nothing_over_it(void)
{
    struct fixture f;
    struct op ops[3];

    number(ops, 3);
    start(&f, 1000, 1);
    store_fault_down(f.bench.store, TSEC_E_OUTCOME_UNKNOWN);
    hold_with(&f, &ops[0]);
    OK(sequencer_submit(f.sequencer, &ops[1].queued, NULL));
    OK(sequencer_submit(f.sequencer, &ops[2].queued, NULL));
    let_go(&f);
    sequencer_stop(f.sequencer);
    f.sequencer = NULL;
    CU_ASSERT_EQUAL(ops[0].rc.code, TSEC_E_OUTCOME_UNKNOWN);
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(ops[i].settled, 1);
    }
    CU_ASSERT_EQUAL(ops[1].rc.code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ops[2].rc.code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(store_fault_calls(f.bench.store, STORE_CALL_COMMIT), 1);
    CU_ASSERT_EQUAL(f.drops, 1);
    end(&f, 0);
}

static const struct test_case cases[] = {
    { "what gathers is one batch in its order", what_gathers_is_one_batch_in_its_order },
    { "what does not fit goes first in the next batch",
      what_does_not_fit_goes_first_in_the_next_batch },
    { "what fits no batch is told so", what_fits_no_batch_is_told_so },
    { "what was put back is judged anew", what_was_put_back_is_judged_anew },
    { "an operation's own failure is its own", an_operations_own_failure_is_its_own },
    { "a batch that cannot begin or end is dropped whole",
      a_batch_that_cannot_begin_or_end_is_dropped_whole },
    { "a full queue says busy", a_full_queue_says_busy },
    { "stopping commits and answers what was accepted",
      stopping_commits_and_answers_what_was_accepted },
    { "an unknown outcome is waited for", an_unknown_outcome_is_waited_for },
    { "patience ends and the batch may still happen",
      patience_ends_and_the_batch_may_still_happen },
    { "stopping while it is unknown writes nothing over it",
      stopping_while_it_is_unknown_writes_nothing_over_it },
};

TEST_MAIN("ledger/sequencer", cases)
