/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_script.h
 * @brief The four scripts that Redis runs, which are all that reads or changes our keys there.
 *
 * Two keys: a hash, key to value, whose field "" (never a key of ours) holds REDIS_FORMAT; and a
 * sorted set of the keys, all of score 0, which is then in memcmp order.
 *
 * Redis runs a script alone and to its end, and flushes all its effects as one transaction.  What
 * it does not do is take back what a script did before it failed: see the commit script.
 */
#ifndef STORE_REDIS_SCRIPT_H
#define STORE_REDIS_SCRIPT_H

#include "base/buf.h"

#define REDIS_FORMAT "tee-secrets store 1"

enum redis_script {
    /** ARGV: format.  Creates the hash when both keys are absent.  1, or an error. */
    REDIS_SCRIPT_OPEN,
    /** ARGV: format, one code a piece for each operation, then key [value] of each.
     *  0: applied; i: the i-th expectation does not hold, nothing was applied. */
    REDIS_SCRIPT_COMMIT,
    /** ARGV: bounds of ZRANGEBYLEX, most rows, most bytes.  { more, key, value, ... } */
    REDIS_SCRIPT_PAGE,
    /** ARGV: most bytes, keys.  { value or nil, ... } of the first keys, of one at least. */
    REDIS_SCRIPT_MANY,
    REDIS_SCRIPT_COUNT,
};

/** How an operation is written in the second argument of the commit script. */
enum {
    REDIS_OP_BASE = '0',
    REDIS_OP_DELETE = 1,
    REDIS_OP_ABSENT = 2,
    REDIS_OP_PRESENT = 4,
};

const char *redis_script_text(enum redis_script script);
/** SHA-1 in hex; a test compares it with what Redis computes. */
const char *redis_script_sha(enum redis_script script);

/** Begins the command that runs a script with the keys named after `prefix`: by its text, or by its
 *  SHA-1.  `args` more words follow. */
void redis_script_begin(struct tsec_buf *out, enum redis_script script, bool by_text,
                        const char *prefix, size_t args);

/** "{prefix}:kv" and "{prefix}:keys": the braces put both into one slot. */
void redis_script_hash_name(const char *prefix, struct tsec_buf *out);
void redis_script_set_name(const char *prefix, struct tsec_buf *out);

#endif
