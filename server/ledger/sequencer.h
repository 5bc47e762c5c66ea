/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ledger/sequencer.h
 * @brief The one thread that decides order: it takes what has gathered, has each operation staged,
 * commits all of it at once, and only then lets the answers go.
 *
 * There is no tick: a batch is what came in while the last commit ran.  When the outcome of a
 * commit is not known, nothing else is done until it is; operations that wait longer than the
 * patience are answered with TSEC_E_OUTCOME_UNKNOWN, and what they asked may still happen.  The
 * queue is bounded.
 *
 * Where several servers append to one log, a commit may find that another was faster.  Then what
 * the other wrote is read (follow), and the same operations are staged again, on top of it.  An
 * operation for which there is nothing to write is answered once the log was seen to end where its
 * reads were made.  A server that has company gives way after its own commits, so that each gets
 * its turn.
 *
 * The whole is a state machine: sequencer_step() does what can be done now, waits for nothing, and
 * says when it wants to be called again.  The thread calls it; so may a simulation.
 */
#ifndef TSEC_LEDGER_SEQUENCER_H
#define TSEC_LEDGER_SEQUENCER_H

#include "base/clock.h"
#include "ledger/ledger.h"

struct sequencer;

/** Embedded first in what is submitted. */
struct sequencer_op {
    struct sequencer_op *next;
    int64_t queued_mono_ns;
    tsec_rc staged; /* what stage() said; a failure is the operation's own answer */
};

struct sequencer_batch {
    struct ledger_batch leaves;
    const struct tsec_store_op *ops; /* set by seal() */
    size_t ops_len;
    bool doubted; /* its outcome was not known for a while: others may have seen it first */
};

/** All are called on the sequencer's thread. */
struct sequencer_hooks {
    void *ctx;
    /** Before the first operation of a batch. */
    tsec_rc (*begin)(void *ctx, struct sequencer_batch *batch, struct tsec_err *err);
    /** Adds one operation.  TSEC_E_TOO_LARGE: it does not fit any more; it will be staged first in
     *  the next batch.  Any other failure is the operation's own: op->staged when it is settled. */
    tsec_rc (*stage)(void *ctx, struct sequencer_batch *batch, struct sequencer_op *op);
    /** After the last: fills in ops. */
    tsec_rc (*seal)(void *ctx, struct sequencer_batch *batch, struct tsec_err *err);
    /** The batch is durable: make it visible.  Called before any settle() of it. */
    void (*publish)(void *ctx, struct sequencer_batch *batch);
    /** The batch is not: forget what was staged. */
    void (*drop)(void *ctx, struct sequencer_batch *batch);
    /** The operation's answer may leave; it is the caller's again. */
    void (*settle)(void *ctx, struct sequencer_op *op, tsec_rc rc, const struct tsec_err *err);
    /** Called when idle, about once a second, and between batches. */
    void (*tick)(void *ctx);
    /** Reads what other servers wrote and makes it visible.  OK: all of it; *moved: there was some.
     *  TSEC_E_BUSY: some, and there is more: this call took long enough.  TSEC_E_ROLLBACK: the
     * store does not hold the log this server knows.  May be NULL when `exclusive`. */
    tsec_rc (*follow)(void *ctx, bool *moved, struct tsec_err *err);
};

struct sequencer_options {
    struct ledger *ledger;
    const struct tsec_clock *clock;
    size_t queue_max;    /* operations */
    size_t batch_max;    /* operations in one commit */
    int64_t patience_ns; /* how long an operation may wait for the store */
    bool exclusive;      /* nobody else appends to this log */
    bool stepped;        /* no thread: the caller calls sequencer_step() */
};

TSEC_MUST_CHECK tsec_rc sequencer_start(const struct sequencer_options *options,
                                        const struct sequencer_hooks *hooks, struct sequencer **out,
                                        struct tsec_err *err);

/** From any thread.  TSEC_E_BUSY: the queue is full; TSEC_E_UNAVAILABLE: stopping or stopped.
 *  settle() is called exactly once for what was accepted. */
TSEC_MUST_CHECK tsec_rc sequencer_submit(struct sequencer *sequencer, struct sequencer_op *op,
                                         struct tsec_err *err);

/** Does what can be done now; returns in how many nanoseconds to call again, at the latest.  By the
 *  sequencer's thread, or, when `stepped`, by one thread. */
int64_t sequencer_step(struct sequencer *sequencer);

/** Commits what was accepted, answers it, and ends the thread.  False: what became of the last
 *  commit is not known, so that nobody may write another. */
bool sequencer_stop(struct sequencer *sequencer);

struct sequencer_stats {
    uint64_t batches;
    uint64_t operations;
    uint64_t failures;  /* batches that could not be committed */
    uint64_t conflicts; /* commits that another server's was faster than */
    uint64_t follows;   /* times that others' leaves were read */
    size_t queued;
    bool unknown;             /* an outcome is being waited for */
    int64_t failing_since_ns; /* wall clock; 0: the last commit worked */
    struct tsec_err last_error;
};
void sequencer_stats(struct sequencer *sequencer, struct sequencer_stats *out);

#endif
