/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/ledger/sequencer_bench.h
 * @brief A sequencer with hooks that note what is asked of them, and can be held up.  For one
 * program: the functions are its own.
 */
#ifndef TSEC_TESTS_LEDGER_SEQUENCER_BENCH_H
#define TSEC_TESTS_LEDGER_SEQUENCER_BENCH_H

#include <pthread.h>

#include "ledger/sequencer.h"
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
                                         .exclusive = true,
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

#endif
