/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/redis_trial.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

const struct tsec_store_ops *
redis_ops(void)
{
    return tsec_plugin_v1()->store;
}

int32_t
redis_trial_open(struct redis_trial *trial, const char *uri, const char *const *settings)
{
    *trial = (struct redis_trial){ .store = NULL };
    fake_host_init(&trial->fake, settings);
    return redis_ops()->open(&trial->fake.host, uri, &trial->store, &trial->err).code;
}

void
redis_trial_close(struct redis_trial *trial)
{
    redis_ops()->close(trial->store);
    trial->store = NULL;
}

static int32_t
commit_one(struct redis_trial *trial, enum tsec_store_expect expect, const char *key,
           const char *value)
{
    const struct tsec_store_op op = { TSEC_STORE_PUT, expect, tsec_span_str(key),
                                      tsec_span_str(value) };

    trial->err = (struct tsec_err){ 0 };
    return redis_ops()->commit(trial->store, &op, 1, &trial->err).code;
}

int32_t
redis_trial_put(struct redis_trial *trial, const char *key, const char *value)
{
    return commit_one(trial, TSEC_STORE_ANY, key, value);
}

int32_t
redis_trial_put_new(struct redis_trial *trial, const char *key, const char *value)
{
    return commit_one(trial, TSEC_STORE_ABSENT, key, value);
}

bool
redis_trial_put_within(struct redis_trial *trial, const char *key, const char *value, unsigned ms)
{
    const int64_t until = redis_trial_ms() + (int64_t)ms;

    while (redis_trial_ms() < until) {
        if (redis_trial_put(trial, key, value) == 0) {
            return true;
        }
        (void)usleep(5000);
    }
    return false;
}

int32_t
redis_trial_get(struct redis_trial *trial, const char *key, const char *value)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&buf);
    tsec_rc rc;

    trial->err = (struct tsec_err){ 0 };
    rc = redis_ops()->get(trial->store, tsec_span_str(key), &sink, &trial->err);
    if (rc.code == 0 && !tsec_span_is(tsec_buf_span(&buf), value)) {
        return TSEC_E_INTERNAL;
    }
    return rc.code;
}

bool
redis_trial_holds(struct redis_trial *trial, const char *key, const char *value)
{
    return redis_trial_get(trial, key, value) == 0;
}

bool
redis_trial_lacks(struct redis_trial *trial, const char *key)
{
    return redis_trial_get(trial, key, "") == TSEC_E_NOT_FOUND;
}

static tsec_rc
count(void *ctx, struct tsec_span key, struct tsec_span value)
{
    (void)key;
    (void)value;
    ++*(int *)ctx;
    return TSEC_OK;
}

int
redis_trial_count(struct redis_trial *trial, const char *prefix)
{
    int n = 0;
    const tsec_rc rc = redis_ops()->scan(trial->store, tsec_span_str(prefix), tsec_span("", 0),
                                         SIZE_MAX, count, &n, &trial->err);

    return tsec_failed(rc) ? -1 : n;
}

int32_t
redis_trial_health(struct redis_trial *trial)
{
    trial->err = (struct tsec_err){ 0 };
    return redis_ops()->health(trial->store, &trial->err).code;
}

int64_t
redis_trial_ms(void)
{
    return tsec_clock_mono_ns(&tsec_clock_system) / 1000000;
}

int
redis_trial_main(const char *suite, const struct test_case *cases, size_t n, struct redis_rig *rig,
                 const char *const *args)
{
    int rc = TEST_FAIL;

    if (!redis_rig_is_there()) {
        (void)fprintf(stderr, "no redis-server here: install redis-server\n");
        return TEST_SKIP;
    }
    redis_rig_init(rig, "redis", args);
    if (redis_rig_start(rig)) {
        rc = test_main(suite, cases, n);
    }
    redis_rig_kill(rig);
    return rc;
}
