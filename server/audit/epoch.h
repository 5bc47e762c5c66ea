/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file audit/epoch.h
 * @brief Audit epochs: a random key that seals the entries of ten minutes, wrapped with age to the
 * auditors, written into the log, and wiped.
 *
 * An enclave that is taken later opens no earlier entry: only the auditors can.  Where several
 * servers write one log, each has an epoch of its own, and their entries stand mixed: an entry says
 * by number which key opens it.  A new epoch takes the number after the highest in the log, so no
 * two have the same.  The sequencer's thread only, but for audit_epoch().
 */
#ifndef TSEC_AUDIT_EPOCH_H
#define TSEC_AUDIT_EPOCH_H

#include "base/cleanup.h"
#include "base/clock.h"
#include "ledger/ledger.h"

enum { AUDIT_RECIPIENTS_MAX = 16, AUDIT_EPOCH_ENTRIES = 65536 };

struct audit_options {
    const char *origin;
    uint8_t recipients[AUDIT_RECIPIENTS_MAX][32]; /* age X25519 public keys */
    size_t recipients_len;
    int64_t epoch_ns; /* 0: ten minutes */
    const struct tsec_clock *clock;
};

struct audit;

/** TSEC_E_CONFIG without a recipient: nobody could read the log. */
TSEC_MUST_CHECK tsec_rc audit_new(const struct audit_options *options, struct audit **out,
                                  struct tsec_err *err);
void audit_free(struct audit *audit);
TSEC_DEFINE_AUTO(struct audit, audit_free)

/** A leaf of the log, of the replay or written by another server: learns which epochs there were.
 *  The own epoch goes on. */
void audit_replay(struct audit *audit, struct tsec_span leaf);
/** The same from a snapshot; never lowers what is known. */
void audit_restore(struct audit *audit, uint32_t epoch);
/** The highest in the log, whoever began it. */
uint32_t audit_epoch(const struct audit *audit);

/** Before the entries of a batch: begins an epoch when one is due. */
TSEC_MUST_CHECK tsec_rc audit_begin(struct audit *audit, struct ledger_batch *batch,
                                    struct tsec_err *err);
/** Seals one entry into the batch; *index is its leaf. */
TSEC_MUST_CHECK tsec_rc audit_add(struct audit *audit, struct ledger_batch *batch,
                                  struct tsec_span json, uint64_t *index, struct tsec_err *err);
/** The batch is durable, or is not. */
void audit_publish(struct audit *audit);
void audit_drop(struct audit *audit);

#endif
