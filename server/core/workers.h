/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/workers.h
 * @brief A few threads for what takes long and waits for nothing: RSA, making keys, large batches.
 *
 * So that neither a lock nor a connection of somebody else is held up meanwhile.  The queue is
 * bounded.  Jobs run in the order in which they came, but for slow ones (seconds): one thread is
 * always left to the others.
 */
#ifndef TSEC_CORE_WORKERS_H
#define TSEC_CORE_WORKERS_H

#include "base/cleanup.h"
#include "base/err.h"

struct workers;

/** Embedded in what it is about; the workers do not touch it once run() was called. */
struct worker_job {
    void (*run)(struct worker_job *job);
    bool slow;
    /* the workers' own */
    struct worker_job *next;
    uint64_t arrived;
};

/** `threads` 0: as many as there are CPUs; never fewer than 2. */
TSEC_MUST_CHECK tsec_rc workers_new(unsigned threads, size_t queue_max, struct workers **out,
                                    struct tsec_err *err);
/** Runs what is queued, then ends. */
void workers_free(struct workers *workers);
TSEC_DEFINE_AUTO(struct workers, workers_free)

/** TSEC_E_BUSY: the queue is full. */
TSEC_MUST_CHECK tsec_rc workers_push(struct workers *workers, struct worker_job *job,
                                     struct tsec_err *err);

#endif
