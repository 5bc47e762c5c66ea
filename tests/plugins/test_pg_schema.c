/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_schema.h"

#include <pthread.h>
#include <stdio.h>

#include "tests/plugins/pg_trial.h"

static tsec_rc
migrate(const struct pg_trial *t, struct tsec_err *err)
{
    return store_pg_plugin.store->migrate(&t->host.host, t->uri, err);
}

static void
migrating_twice_is_harmless(void)
{
    struct pg_trial t;

    pg_trial_init(&t, NULL, 0);
    CU_ASSERT_EQUAL(migrate(&t, NULL).code, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(t.host.last, "format 0 became 1"));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "INSERT INTO {schema}.kv VALUES ('a', 'b')"));
    CU_ASSERT_EQUAL(migrate(&t, NULL).code, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(t.host.last, "nothing to do"));
    CU_ASSERT_STRING_EQUAL(pg_trial_sql(&t, "SELECT count(*) FROM {schema}.kv"), "1");
    CU_ASSERT_STRING_EQUAL(pg_trial_sql(&t, "SELECT version FROM {schema}.version"), "1");
    pg_trial_done(&t);
}

static void
values_are_stored_outside_and_not_compressed(void)
{
    struct pg_trial t;

    pg_trial_init(&t, NULL, 0);
    CU_ASSERT_EQUAL(migrate(&t, NULL).code, 0);
    CU_ASSERT_STRING_EQUAL(
        pg_trial_sql(&t, "SELECT attstorage FROM pg_attribute"
                         " WHERE attrelid = '{schema}.kv'::regclass AND attname = 'value'"),
        "e");
    pg_trial_done(&t);
}

static void
the_first_start_makes_the_tables_unless_told_not_to(void)
{
    static const char *const never[] = { "migrate", "never", NULL };
    struct pg_trial t;
    struct tsec_err err = { 0 };
    struct tsec_store *store = NULL;

    pg_trial_init(&t, never, 0);
    CU_ASSERT_EQUAL(store_pg_plugin.store->open(&t.host.host, t.uri, &store, &err).code,
                    TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "--migrate"));
    CU_ASSERT_STRING_EQUAL(
        pg_trial_sql(&t, "SELECT count(*) FROM pg_namespace WHERE '\"' || nspname || '\"' = "
                         "'{schema}'"),
        "0");
    CU_ASSERT_EQUAL(migrate(&t, &err).code, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
    pg_trial_init(&t, NULL, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

static void *
migrate_once(void *ctx)
{
    struct tsec_err err = { 0 };
    const tsec_rc rc = migrate(ctx, &err);

    if (tsec_failed(rc)) {
        (void)fprintf(stderr, "%s\n", err.detail);
    }
    return tsec_failed(rc) ? ctx : NULL;
}

static void
as_role(struct pg_trial *t, const char *role)
{
    (void)snprintf(t->uri, sizeof(t->uri), "postgresql://%s@/postgres?host=%s&port=%d&schema=%s",
                   role, pg_trial_rig.folder, pg_trial_rig.port, t->schema);
}

enum { AT_ONCE = 6, ROUNDS = 3 };

/* All of them in the first one's schema. */
static void
migrate_at_once(const char *role)
{
    struct pg_trial t[AT_ONCE];
    pthread_t threads[AT_ONCE];

    for (size_t i = 0; i < AT_ONCE; i++) {
        pg_trial_init(&t[i], NULL, 0);
        if (i > 0) {
            memcpy(t[i].schema, t[0].schema, sizeof(t[i].schema));
        }
        as_role(&t[i], role);
    }
    for (size_t i = 0; i < AT_ONCE; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, migrate_once, &t[i]), 0);
    }
    for (size_t i = 0; i < AT_ONCE; i++) {
        void *failed = &t;

        (void)pthread_join(threads[i], &failed);
        CU_ASSERT_PTR_NULL(failed);
    }
    CU_ASSERT_STRING_EQUAL(pg_trial_sql(&t[0], "SELECT count(*) FROM {schema}.version"), "1");
    for (size_t i = 0; i < AT_ONCE; i++) {
        pg_trial_done(&t[i]);
    }
}

static void
several_at_once_are_safe(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        migrate_at_once("tsec");
    }
}

/* As an engine that has no such locks. */
static void
several_at_once_are_safe_without_locks(void)
{
    struct pg_trial t;

    pg_trial_init(&t, NULL, 0);
    CU_ASSERT_PTR_NOT_NULL(
        pg_trial_sql(&t, "CREATE ROLE unlocked LOGIN;"
                         "GRANT CREATE ON DATABASE postgres TO unlocked;"
                         "REVOKE EXECUTE ON FUNCTION pg_advisory_lock(bigint) FROM PUBLIC"));
    for (int round = 0; round < ROUNDS; round++) {
        migrate_at_once("unlocked");
    }
    CU_ASSERT_PTR_NOT_NULL(
        pg_trial_sql(&t, "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC"));
    pg_trial_done(&t);
}

static void
what_a_later_release_made_is_left_alone(void)
{
    struct pg_trial t;
    struct tsec_err err = { 0 };
    struct tsec_store *store = NULL;

    pg_trial_init(&t, NULL, 0);
    CU_ASSERT_EQUAL(migrate(&t, NULL).code, 0);
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "UPDATE {schema}.version SET version = 2"));
    CU_ASSERT_EQUAL(migrate(&t, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "later release"));
    CU_ASSERT_EQUAL(store_pg_plugin.store->open(&t.host.host, t.uri, &store, &err).code,
                    TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(pg_trial_sql(&t, "SELECT version FROM {schema}.version"), "2");
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "DELETE FROM {schema}.version"));
    CU_ASSERT_EQUAL(store_pg_plugin.store->open(&t.host.host, t.uri, &store, &err).code,
                    TSEC_E_TAMPERED);
    pg_trial_done(&t);
}

static void
a_table_that_a_crash_empties_is_refused_unless_allowed(void)
{
    static const char *const allowed[] = { "allow_volatile", "true", NULL };
    struct pg_trial t;
    struct tsec_err err = { 0 };
    struct tsec_store *store = NULL;

    pg_trial_init(&t, NULL, 0);
    CU_ASSERT_EQUAL(migrate(&t, NULL).code, 0);
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "ALTER TABLE {schema}.kv SET UNLOGGED"));
    CU_ASSERT_EQUAL(store_pg_plugin.store->open(&t.host.host, t.uri, &store, &err).code,
                    TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "unlogged"));
    fake_host_init(&t.host, allowed);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

/* ---- privileges ---- */

/* What docs/store-pg.md says to grant, and nothing more. */
static void
the_least_privileges_are_enough_to_run_and_no_more(void)
{
    struct pg_trial t;
    struct tsec_err err = { 0 };
    struct tsec_store *store = NULL;

    pg_trial_init(&t, NULL, 0);
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "CREATE ROLE owner_of LOGIN; CREATE ROLE runs LOGIN;"
                                            "CREATE SCHEMA {schema} AUTHORIZATION owner_of"));
    as_role(&t, "runs");
    CU_ASSERT_EQUAL(store_pg_plugin.store->open(&t.host.host, t.uri, &store, &err).code,
                    TSEC_E_CONFIG);
    CU_ASSERT_EQUAL(migrate(&t, &err).code, TSEC_E_CONFIG);
    as_role(&t, "owner_of"); /* who may not create schemas, but owns this one */
    CU_ASSERT_EQUAL(migrate(&t, &err).code, 0);
    as_role(&t, "runs");
    CU_ASSERT_EQUAL(store_pg_plugin.store->open(&t.host.host, t.uri, &store, &err).code,
                    TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "privilege"));
    CU_ASSERT_PTR_NOT_NULL(
        pg_trial_sql(&t, "GRANT USAGE ON SCHEMA {schema} TO runs;"
                         "GRANT SELECT ON {schema}.version TO runs;"
                         "GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.kv TO runs"));
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ABSENT, "a", "1"), 0);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_PRESENT, "a", "2"), 0);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "3"), 0);
    CU_ASSERT_TRUE(pg_trial_holds(store, "a", "3"));
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "REVOKE INSERT ON {schema}.kv FROM runs"));
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ABSENT, "b", "1"), TSEC_E_CONFIG);
    CU_ASSERT_TRUE(pg_trial_holds(store, "b", NULL));
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

static void
a_role_that_may_make_the_schema_needs_nobody(void)
{
    struct pg_trial t;
    struct tsec_store *store;

    pg_trial_init(&t, NULL, 0);
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "CREATE ROLE alone LOGIN;"
                                            "GRANT CREATE ON DATABASE postgres TO alone"));
    as_role(&t, "alone");
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ABSENT, "a", "1"), 0);
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

static const struct test_case cases[] = {
    { "migrating twice is harmless", migrating_twice_is_harmless },
    { "values are stored outside, and not compressed",
      values_are_stored_outside_and_not_compressed },
    { "the first start makes the tables, unless told not to",
      the_first_start_makes_the_tables_unless_told_not_to },
    { "several at once are safe", several_at_once_are_safe },
    { "several at once are safe without locks", several_at_once_are_safe_without_locks },
    { "what a later release made is left alone", what_a_later_release_made_is_left_alone },
    { "a table that a crash empties is refused unless allowed",
      a_table_that_a_crash_empties_is_refused_unless_allowed },
    { "the least privileges are enough to run, and no more",
      the_least_privileges_are_enough_to_run_and_no_more },
    { "a role that may make the schema needs nobody",
      a_role_that_may_make_the_schema_needs_nobody },
};

PG_TRIAL_MAIN("store-pg/pg_schema", cases, NULL)
