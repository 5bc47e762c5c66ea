/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/workers.h
 * @brief A few threads for what takes long and waits for nothing: RSA, making keys, large batches.
 *
 * So that neither a lock nor a connection of somebody else is held up meanwhile.  The queue is
 * bounded; jobs run in the order in which they came.
 */
#ifndef TSEC_CORE_WORKERS_H
#define TSEC_CORE_WORKERS_H

#include "base/cleanup.h"
#include "base/err.h"

struct workers;

/** Embedded in what it is about; untouched once run() was called. */
struct worker_job {
    void (*run)(struct worker_job *job);
    struct worker_job *next; /* the workers' own */
};

TSEC_MUST_CHECK tsec_rc workers_new(unsigned threads, size_t queue_max, struct workers **out,
                                    struct tsec_err *err);
/** Runs what is queued, then ends. */
void workers_free(struct workers *workers);
TSEC_DEFINE_AUTO(struct workers, workers_free)

/** TSEC_E_BUSY: the queue is full. */
TSEC_MUST_CHECK tsec_rc workers_push(struct workers *workers, struct worker_job *job,
                                     struct tsec_err *err);

#endif
