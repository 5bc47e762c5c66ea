/* SPDX-License-Identifier: Apache-2.0 */
/* A primary with a synchronous standby dies while writers commit, and the standby takes over. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/plugins/pg_writers.h"

static struct pg_rig standby;

static bool
becomes(const struct pg_rig *rig, const char *sql, const char *wanted)
{
    char out[64] = "";

    for (int i = 0; i < 1000; i++) {
        if (pg_rig_sql(rig, sql, out, sizeof(out)) && strcmp(out, wanted) == 0) {
            return true;
        }
        (void)usleep(10000);
    }
    return false;
}

static void
follow(void)
{
    CU_ASSERT_TRUE_FATAL(pg_rig_standby(&standby, &pg_trial_rig));
    CU_ASSERT_TRUE(
        pg_rig_sql(&pg_trial_rig, "ALTER SYSTEM SET synchronous_standby_names = '*'", NULL, 0));
    CU_ASSERT_TRUE(pg_rig_sql(&pg_trial_rig, "SELECT pg_reload_conf()", NULL, 0));
    CU_ASSERT_TRUE_FATAL(
        becomes(&pg_trial_rig, "SELECT max(sync_state) FROM pg_stat_replication", "sync"));
}

static void
a_standby_is_not_served_from(void)
{
    struct pg_trial t;
    struct tsec_store *store = NULL;
    struct tsec_err err = { 0 };

    follow();
    pg_trial_init(&t, NULL, standby.port);
    CU_ASSERT_EQUAL(store_pg_plugin.store->open(&t.host.host, t.uri, &store, &err).code,
                    TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "read-only"));
    pg_trial_done(&t);
}

/* Whatever was acknowledged is on the standby; the old primary, back alone, is not asked again. */
static void
a_failover_loses_nothing(void)
{
    struct pg_round r;
    struct pg_rig old;
    char hosts[64];
    int64_t began;

    (void)snprintf(hosts, sizeof(hosts), "127.0.0.1:%d,127.0.0.1:%d", pg_trial_rig.port,
                   standby.port);
    pg_round_begin(&r, hosts);
    pg_round_run(&r, 30);
    pg_rig_stop(&pg_trial_rig, SIGKILL);
    began = pg_trial_ms();
    CU_ASSERT_TRUE_FATAL(pg_rig_sql(&standby, "SELECT pg_promote()", NULL, 0));
    for (int i = 0; i < 2000 && store_pg_plugin.store->health(r.store, NULL).code != 0; i++) {
        (void)usleep(5000);
    }
    (void)printf("(served again after %lld ms) ", (long long)(pg_trial_ms() - began));
    pg_round_run(&r, 20);
    CU_ASSERT_TRUE_FATAL(pg_rig_start(&pg_trial_rig));
    pg_round_run(&r, 20);
    CU_ASSERT_EQUAL(pg_trial_put(r.store, TSEC_STORE_ABSENT, "where", "here"), 0);
    old = pg_trial_rig;
    pg_trial_rig = standby; /* to be asked */
    CU_ASSERT_STRING_EQUAL(
        pg_trial_sql(&r.trial, "SELECT count(*) FROM {schema}.kv WHERE key = 'where'"), "1");
    pg_trial_rig = old;
    pg_round_end(&r);
    pg_rig_close(&standby);
}

static const struct test_case cases[] = {
    { "a standby is not served from", a_standby_is_not_served_from },
    { "a failover loses nothing", a_failover_loses_nothing },
};

PG_TRIAL_MAIN("store-pg, failover", cases,
              "wal_keep_size = 64MB\nwal_retrieve_retry_interval = 50\n")
