/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sequencer.h"

#include <pthread.h>
#include <unistd.h>

#include "tests/ledger/sequencer_bench.h"

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
