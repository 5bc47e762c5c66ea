/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/plugins/pg_trial.h
 * @brief What the tests of store-pg's parts begin with: a connection, or a store, in a schema that
 * nobody used yet.
 */
#ifndef TSEC_TESTS_PG_TRIAL_H
#define TSEC_TESTS_PG_TRIAL_H

#include <pthread.h>

#include "store-pg/pg_conn.h"
#include "store-pg/store_pg.h"
#include "tests/double/fake_host.h"
#include "tests/double/pg_rig.h"
#include "tests/test.h"

/** The one PostgreSQL of the program, and what its last error said. */
extern struct pg_rig pg_trial_rig;

struct pg_trial {
    struct fake_host host;
    struct pg_env env;
    struct pg_conn conn;
    char schema[32];
    char uri[512];
};

/** Starts PostgreSQL and runs the cases. */
int pg_trial_main(const char *suite, const struct test_case *cases, size_t n, const char *conf);

/** Settings and URI of a new schema; `port`: 0, or of a relay; opens nothing. */
void pg_trial_init(struct pg_trial *trial, const char *const *settings, int port);
/** And connects, with `wait_ms` to do so. */
tsec_rc pg_trial_dial(struct pg_trial *trial, int wait_ms, struct tsec_err *err);
/** And makes the tables, and prepares the statements; asserts that this works. */
void pg_trial_open(struct pg_trial *trial);
void pg_trial_done(struct pg_trial *trial);
/** The connection's deadline, from now. */
void pg_trial_wait(struct pg_trial *trial, int wait_ms);

/** A store by the same settings and URI; NULL, and the reason on stderr. */
struct tsec_store *pg_trial_store(struct pg_trial *trial);

/** SQL of the superuser, with {schema} in it; its first field, or NULL when it failed. */
const char *pg_trial_sql(const struct pg_trial *trial, const char *sql);

int64_t pg_trial_ms(void);

/** One PUT or DELETE of text. */
struct tsec_store_op pg_trial_op(enum tsec_store_verb verb, enum tsec_store_expect expect,
                                 const char *key, const char *value);
/** The code of one such operation, committed by a store. */
int32_t pg_trial_put(struct tsec_store *store, enum tsec_store_expect expect, const char *key,
                     const char *value);
/** Whether the key is there with that value; NULL: whether it is not there. */
bool pg_trial_holds(struct tsec_store *store, const char *key, const char *value);

/* ---- commits by the trial's own connection ---- */

/** The value of a key as the superuser reads it; "" when it is not there. */
const char *pg_trial_value(const struct pg_trial *trial, const char *key);
int32_t pg_trial_commit(struct pg_trial *trial, const struct tsec_store_op *ops, size_t n,
                        struct tsec_err *err);
int32_t pg_trial_commit_one(struct pg_trial *trial, struct tsec_store_op op);

/** A commit by another connection, in a thread of its own. */
struct pg_late {
    struct pg_trial trial;
    struct tsec_store_op ops[2];
    size_t n;
    int32_t code;
    pthread_t thread;
};

/** On the schema of the first. */
void pg_late_join(struct pg_late *late, const struct pg_trial *first);
/** What the thread runs. */
void *pg_late_commit(void *late);

#define PG_TRIAL_MAIN(suite, cases, conf)                                                   \
    int main(void)                                                                          \
    {                                                                                       \
        return pg_trial_main((suite), (cases), sizeof(cases) / sizeof((cases)[0]), (conf)); \
    }

#endif
