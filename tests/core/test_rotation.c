/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rotation.h"

#include "tests/core/nouns.h"

static void
a_key_is_due_by_use_or_by_age(void)
{
    const struct rotation by_use = { .max_operations = 10, .enabled = true };
    const struct rotation by_age = { .max_operations = 10, .interval_s = 60, .enabled = true };
    const struct rotation off = { .max_operations = 10, .interval_s = 60, .enabled = false };

    CU_ASSERT_FALSE(rotation_due(&by_use, 1000 * TSEC_NS_PER_S, 0, 9));
    CU_ASSERT_TRUE(rotation_due(&by_use, 0, 0, 10));
    CU_ASSERT_FALSE(rotation_due(&by_age, 59 * TSEC_NS_PER_S, 0, 0));
    CU_ASSERT_TRUE(rotation_due(&by_age, 60 * TSEC_NS_PER_S, 0, 0));
    CU_ASSERT_FALSE(rotation_due(&off, 60 * TSEC_NS_PER_S, 0, 10));
}

static tsec_rc
change(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct rotation rotation;

    (void)ctx;
    TSEC_TRY(rotation_read(txn, &rotation, err));
    CU_ASSERT_TRUE(rotation.enabled);
    CU_ASSERT_EQUAL(rotation.max_operations, ROTATION_OPERATIONS_MAX);
    rotation.enabled = false;
    return rotation_write(txn, &rotation, err);
}

static tsec_rc
look(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct rotation rotation;

    (void)ctx;
    TSEC_TRY(rotation_read(txn, &rotation, err));
    CU_ASSERT_FALSE(rotation.enabled);
    return TSEC_OK;
}

static void
settings_have_defaults_and_are_kept(void)
{
    nouns_open("mem:rotation");
    CU_ASSERT_EQUAL(nouns_do(change, NULL), 0);
    CU_ASSERT_EQUAL(nouns_do(look, NULL), 0);
    nouns_close();
}

static const struct test_case cases[] = {
    { "a key is due by use or by age", a_key_is_due_by_use_or_by_age },
    { "settings have defaults and are kept", settings_have_defaults_and_are_kept },
};

TEST_MAIN("core/rotation", cases)
