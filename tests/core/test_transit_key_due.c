/* SPDX-License-Identifier: Apache-2.0 */
#include "core/purge.h"
#include "tests/core/transit_bench.h"

enum { HOUR = 3600 };

static tsec_rc
period(const char *name, int64_t hours)
{
    const struct transit_settings settings = {
        .has_auto_rotate = true,
        .auto_rotate_ns = hours * HOUR * TSEC_NS_PER_S,
    };

    return keys_configure(name, &settings);
}

/* What is due, out of the transaction. */
static char due_name[TRANSIT_NAME_MAX + 1];
static char due_entry[128];
static struct transit_due due;

static tsec_rc
run_next(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    TSEC_TRY(transit_next_due(txn, &due, err));
    CU_ASSERT_STRING_EQUAL(due.mount, KEYS_MOUNT);
    CU_ASSERT_TRUE_FATAL(due.entry.len < sizeof(due_entry));
    memcpy(due_entry, due.entry.ptr, due.entry.len);
    memcpy(due_name, due.name, strlen(due.name) + 1);
    due.entry.ptr = (const uint8_t *)due_entry;
    due.name = due_name;
    due.mount = KEYS_MOUNT;
    return TSEC_OK;
}

/* The name of what is due, "" of nothing. */
static const char *
next_due(void)
{
    const tsec_rc rc = keys_run(run_next, NULL);

    CU_ASSERT_TRUE(!tsec_failed(rc) || rc.code == TSEC_E_NOT_FOUND);
    return tsec_failed(rc) ? "" : due_name;
}

static enum transit_due_end ended;

static tsec_rc
run_rotate(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return transit_rotate_due(txn, &due, ctx, &ended, err);
}

static enum transit_due_end
rotate_due(bool with_material)
{
    struct transit_fresh fresh = keys_fresh(TRANSIT_AES256_GCM96, 32, 9);

    ended = (enum transit_due_end)0;
    OK(keys_run(run_rotate, with_material ? &fresh : NULL));
    return ended;
}

static void
keys_are_due_in_the_order_of_time(void)
{
    keys_begin();
    OK(keys_create_aes("late"));
    OK(keys_create_aes("soon"));
    OK(keys_create_aes("never"));
    OK(period("late", 3));
    OK(period("soon", 1));
    CU_ASSERT_STRING_EQUAL(next_due(), "");
    keys_advance(HOUR - 1);
    CU_ASSERT_STRING_EQUAL(next_due(), "");
    keys_advance(2);
    CU_ASSERT_STRING_EQUAL(next_due(), "soon");
    CU_ASSERT_EQUAL(due.type, TRANSIT_AES256_GCM96);
    CU_ASSERT_EQUAL(due.key_size, 0);
    CU_ASSERT_EQUAL(rotate_due(true), TRANSIT_DUE_ROTATED);
    CU_ASSERT_EQUAL(keys_get("soon")->latest, 2);
    CU_ASSERT_EQUAL(keys_version("soon", 2)->material.ptr[0], 9);
    CU_ASSERT_STRING_EQUAL(next_due(), "");
    keys_restart();
    keys_advance(2 * HOUR);
    CU_ASSERT_STRING_EQUAL(next_due(), "soon");
    CU_ASSERT_EQUAL(rotate_due(true), TRANSIT_DUE_ROTATED);
    CU_ASSERT_STRING_EQUAL(next_due(), "late");
    CU_ASSERT_EQUAL(rotate_due(true), TRANSIT_DUE_ROTATED);
    CU_ASSERT_STRING_EQUAL(next_due(), "");
    CU_ASSERT_EQUAL(keys_rows("sys/transit-due/"), 2);
    keys_end();
}

static void
of_two_servers_the_second_finds_it_done(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(period("k", 1));
    keys_advance(HOUR + 1);
    CU_ASSERT_STRING_EQUAL(next_due(), "k");
    CU_ASSERT_EQUAL(rotate_due(true), TRANSIT_DUE_ROTATED);
    CU_ASSERT_EQUAL(rotate_due(true), TRANSIT_DUE_NOT_ANY_MORE);
    CU_ASSERT_EQUAL(keys_get("k")->latest, 2);
    keys_end();
}

static void
a_rotation_by_hand_starts_the_period_anew(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(period("k", 2));
    keys_advance(HOUR);
    OK(keys_rotate_times("k", 1));
    keys_advance(HOUR + 1);
    CU_ASSERT_STRING_EQUAL(next_due(), "");
    keys_advance(HOUR);
    CU_ASSERT_STRING_EQUAL(next_due(), "k");
    CU_ASSERT_EQUAL(keys_rows("sys/transit-due/"), 1);
    keys_end();
}

static void
a_period_that_changes_moves_the_key(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(period("k", 9));
    keys_advance(2 * HOUR);
    CU_ASSERT_STRING_EQUAL(next_due(), "");
    OK(period("k", 1)); /* over already */
    CU_ASSERT_STRING_EQUAL(next_due(), "k");
    OK(period("k", 0));
    CU_ASSERT_STRING_EQUAL(next_due(), "");
    CU_ASSERT_EQUAL(keys_rows("sys/transit-due/"), 0);
    CU_ASSERT_EQUAL(rotate_due(true), TRANSIT_DUE_NOT_ANY_MORE);
    CU_ASSERT_EQUAL(keys_get("k")->latest, 1);
    keys_end();
}

static tsec_rc
purge_mount(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct purge purge = { .id = KEYS_MOUNT, .prefix = KEYS_MOUNT "/", .destroy_dek = true };

    (void)ctx;
    return purge_add(txn, &purge, err);
}

static tsec_rc
purge_all(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return core_purge_step(txn, ctx, err);
}

static void
a_mount_that_was_removed_leaves_nothing_due(void)
{
    bool idle = false;

    keys_begin();
    OK(keys_create_aes("a"));
    OK(keys_create_aes("b"));
    OK(period("a", 1));
    OK(period("b", 2));
    OK(keys_run(purge_mount, NULL));
    keys_advance(3 * HOUR);
    CU_ASSERT_STRING_EQUAL(next_due(), "a"); /* its rows are still there */
    CU_ASSERT_EQUAL((int)due.type, 0);
    CU_ASSERT_EQUAL(rotate_due(true), TRANSIT_DUE_GONE);
    while (!idle) {
        OK(keys_run(purge_all, &idle));
    }
    CU_ASSERT_STRING_EQUAL(next_due(), "b");
    CU_ASSERT_EQUAL((int)due.type, 0);
    CU_ASSERT_EQUAL(rotate_due(false), TRANSIT_DUE_GONE);
    CU_ASSERT_STRING_EQUAL(next_due(), "");
    CU_ASSERT_EQUAL(keys_rows("sys/transit-due/"), 0);
    keys_end();
}

static void
a_key_that_cannot_rotate_is_put_off_for_a_period(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(period("k", 1));
    OK(keys_rotate_times("k", TRANSIT_VERSIONS_MAX - 1));
    keys_advance(HOUR + 1);
    CU_ASSERT_STRING_EQUAL(next_due(), "k");
    CU_ASSERT_EQUAL(rotate_due(true), TRANSIT_DUE_PUT_OFF);
    CU_ASSERT_STRING_EQUAL(keys_detail(),
                           "key k has 960 versions, which is as many as a key can have; trim it");
    CU_ASSERT_EQUAL(keys_get("k")->latest, TRANSIT_VERSIONS_MAX);
    CU_ASSERT_STRING_EQUAL(next_due(), "");
    keys_advance(HOUR + 1);
    CU_ASSERT_STRING_EQUAL(next_due(), "k");
    keys_end();
}

static void
nothing_rotates_without_material(void)
{
    keys_begin();
    OK(keys_create_aes("k"));
    OK(period("k", 1));
    keys_advance(HOUR + 1);
    CU_ASSERT_STRING_EQUAL(next_due(), "k");
    CU_ASSERT_EQUAL(rotate_due(false), TRANSIT_DUE_NOT_ANY_MORE);
    CU_ASSERT_EQUAL(keys_get("k")->latest, 1);
    CU_ASSERT_STRING_EQUAL(next_due(), "k");
    keys_end();
}

static const struct test_case cases[] = {
    { "keys are due in the order of time", keys_are_due_in_the_order_of_time },
    { "of two servers the second finds it done", of_two_servers_the_second_finds_it_done },
    { "a rotation by hand starts the period anew", a_rotation_by_hand_starts_the_period_anew },
    { "a period that changes moves the key", a_period_that_changes_moves_the_key },
    { "a mount that was removed leaves nothing due", a_mount_that_was_removed_leaves_nothing_due },
    { "a key that cannot rotate is put off", a_key_that_cannot_rotate_is_put_off_for_a_period },
    { "nothing rotates without material", nothing_rotates_without_material },
};

TEST_MAIN("core/transit_key_due", cases)
