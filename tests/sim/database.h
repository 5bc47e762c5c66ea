/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/sim/database.h
 * @brief An ordered map of records in memory that is copied in no time: what a database holds at
 * one moment.  It fails never and knows no faults; store_sim.h has those.
 */
#ifndef TSEC_TESTS_SIM_DATABASE_H
#define TSEC_TESTS_SIM_DATABASE_H

#include <tsec/store.h>

#include "base/cleanup.h"
#include "base/span.h"

struct database;

/** Of one key.  `serial` counts up with each put, so that "the nth record" does not depend on the
 *  bytes of keys, which are random. */
struct database_record {
    uint64_t serial;
    struct tsec_span key;
    struct tsec_span value;
};

/* Out of memory ends the program: this is a test. */
struct database *database_new(void);
struct database *database_copy(const struct database *from);
void database_free(struct database *db);
TSEC_DEFINE_AUTO(struct database, database_free)

size_t database_len(const struct database *db);
bool database_find(const struct database *db, struct tsec_span key, struct database_record *out);
/** The first record whose key is not less than `key`, or the next one; false: there is none. */
bool database_at(const struct database *db, size_t i, struct database_record *out);
size_t database_lower(const struct database *db, struct tsec_span key);
/** The nth in the order in which they were put. */
bool database_nth(const struct database *db, size_t n, struct database_record *out);
/** How often anything was changed. */
uint64_t database_changes(const struct database *db);

/* What a planted bug may leave out of a commit. */
enum { DATABASE_NO_ABSENT = 1, DATABASE_NO_PRESENT = 2, DATABASE_HALF = 4 };

/** All of the operations, or, with TSEC_E_CONFLICT, none. */
TSEC_MUST_CHECK tsec_rc database_apply(struct database *db, const struct tsec_store_op *ops,
                                       size_t n, unsigned leave_out, struct tsec_err *err);

/** As if by hand: puts it there, whatever it is. */
void database_put(struct database *db, struct tsec_span key, struct tsec_span value);
void database_delete(struct database *db, struct tsec_span key);

#endif
