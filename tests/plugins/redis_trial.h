/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/plugins/redis_trial.h
 * @brief The store on Redis as a server opens it, for tests that know what is behind it.
 */
#ifndef TSEC_TESTS_REDIS_TRIAL_H
#define TSEC_TESTS_REDIS_TRIAL_H

#include <tsec/store.h>

#include "tests/double/fake_host.h"
#include "tests/double/redis_rig.h"
#include "tests/test.h"

struct redis_trial {
    struct fake_host fake;
    struct tsec_store *store; /* NULL: did not open */
    struct tsec_err err;      /* of the last call */
};

const struct tsec_store_ops *redis_ops(void);

/** The code of open(). */
int32_t redis_trial_open(struct redis_trial *trial, const char *uri, const char *const *settings);
void redis_trial_close(struct redis_trial *trial);

int32_t redis_trial_put(struct redis_trial *trial, const char *key, const char *value);
int32_t redis_trial_put_new(struct redis_trial *trial, const char *key, const char *value);
/** Puts until it works or `ms` are over. */
bool redis_trial_put_within(struct redis_trial *trial, const char *key, const char *value,
                            unsigned ms);
/** The code of get(); what it gave is compared with `value`, TSEC_E_INTERNAL when it differs. */
int32_t redis_trial_get(struct redis_trial *trial, const char *key, const char *value);
bool redis_trial_holds(struct redis_trial *trial, const char *key, const char *value);
bool redis_trial_lacks(struct redis_trial *trial, const char *key);
/** The keys that start with `prefix`; -1: the scan failed. */
int redis_trial_count(struct redis_trial *trial, const char *prefix);
int32_t redis_trial_health(struct redis_trial *trial);

/** Milliseconds of a clock that never goes back. */
int64_t redis_trial_ms(void);

/** As TEST_MAIN, with one server that the cases share; skipped where there is none. */
int redis_trial_main(const char *suite, const struct test_case *cases, size_t n,
                     struct redis_rig *rig, const char *const *args);

#endif
