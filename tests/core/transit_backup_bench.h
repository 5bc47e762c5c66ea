/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/core/transit_backup_bench.h
 * @brief Keys that are backed up and restored, on the node of transit_bench.h.
 */
#ifndef TSEC_TESTS_TRANSIT_BACKUP_BENCH_H
#define TSEC_TESTS_TRANSIT_BACKUP_BENCH_H

#include "core/transit_transfer.h"
#include "tests/core/transit_bench.h"

/** A test's, from begin to end. */
extern struct tsec_arena *backups_arena;
extern struct tsec_buf backups_text; /* what was taken last, base64 */

void backups_begin(void);
void backups_end(void);
tsec_rc backups_take(const char *name);
/** What was taken last; name "": its own. */
tsec_rc backups_restore(const char *name, bool force);
/** JSON that is not base64 yet. */
tsec_rc backups_restore_json(const char *name, const char *json);
/** A key of two versions, each of its own material, that may be backed up. */
void backups_create_two(const char *name, enum transit_type type);
/** The version of the restored key `b` is that of `a`; `hmac`: but for its HMAC key. */
void backups_expect_same(const char *a, const char *b, int64_t number, bool hmac);

/** Lets a key be backed up. */
extern const struct transit_settings backups_allowed;

#endif
