/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/secret_bench.h"

#include <stdio.h>

static void
an_entry_of_metadata_only_has_no_version(void)
{
    const struct secret_settings settings = { .has_max_versions = true, .max_versions = 3 };
    const struct bench_meta *meta;

    bench_begin();
    OK(bench_settings("s", &settings));
    CU_ASSERT_TRUE(bench_exists("s"));
    EXPECT_DATA("s", 0, "(none)");
    EXPECT_DATA("s", 1, "(none)");
    meta = bench_meta("s");
    CU_ASSERT_EQUAL(meta->secret.current, 0);
    CU_ASSERT_EQUAL(meta->secret.versions_len, 0);
    CU_ASSERT_EQUAL(meta->secret.max_versions, 3);
    CU_ASSERT_EQUAL(meta->secret.created_ns, bench_now());
    OK(bench_delete_current("s"));
    bench_restart();
    CU_ASSERT_STRING_EQUAL(bench_list("", "", 0, false), "s ");
    OK(bench_write_cas("s", "x", 0));
    meta = bench_meta("s");
    CU_ASSERT_EQUAL(meta->members, 1); /* the slot of the entry was free */
    CU_ASSERT_EQUAL(meta->secret.max_versions, 3);
    EXPECT_DATA("s", 0, "x");
    bench_end();
}

static void
what_is_not_given_stays(void)
{
    const struct secret_settings all = { .has_max_versions = true,
                                         .has_cas_required = true,
                                         .has_delete_after = true,
                                         .cas_required = true,
                                         .max_versions = 5,
                                         .delete_after_ns = 7 };
    const struct secret_settings one = { .has_max_versions = true, .max_versions = 6 };
    const struct secret_settings none = { .max_versions = 9 };
    const struct bench_meta *meta;
    int64_t made;

    bench_begin();
    made = bench_now();
    OK(bench_settings("s", &all));
    bench_advance(TSEC_NS_PER_S);
    OK(bench_settings("s", &one));
    OK(bench_settings("s", &none));
    meta = bench_meta("s");
    CU_ASSERT_TRUE(meta->secret.cas_required);
    CU_ASSERT_EQUAL(meta->secret.max_versions, 6);
    CU_ASSERT_EQUAL(meta->secret.delete_after_ns, 7);
    CU_ASSERT_EQUAL(meta->secret.created_ns, made);
    CU_ASSERT_EQUAL(meta->secret.updated_ns, made + TSEC_NS_PER_S);
    bench_end();
}

static void
changing_metadata_leaves_data_alone(void)
{
    const struct secret_settings settings = { .has_cas_required = true, .cas_required = true };

    bench_begin();
    OK(bench_write("s", "one"));
    OK(bench_write("s", "two"));
    OK(bench_settings("s", &settings));
    CU_ASSERT_EQUAL(bench_meta("s")->members, 2);
    EXPECT_DATA("s", 1, "one");
    EXPECT_DATA("s", 2, "two");
    bench_restart();
    EXPECT_DATA("s", 2, "two");
    CU_ASSERT_TRUE(bench_meta("s")->secret.cas_required);
    bench_end();
}

static tsec_rc
set_custom(const char *key, const char *value)
{
    const char *keys[] = { key };
    const char *values[] = { value };
    const struct secret_settings settings = { .has_custom = true, .custom = { keys, values, 1 } };

    return bench_settings("s", &settings);
}

static tsec_rc
read_custom(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct secret secret;

    TSEC_TRY(secret_meta_read(txn, "m00000001", tsec_span_str("s"), &secret, err));
    CU_ASSERT_EQUAL_FATAL(secret.custom.len, 1);
    (void)snprintf(ctx, 2048, "%s=%s", secret.custom.keys[0], secret.custom.values[0]);
    return TSEC_OK;
}

static void
custom_metadata_is_kept_and_replaced_whole(void)
{
    char text[2048];

    bench_begin();
    OK(set_custom("owner", "shop"));
    OK(set_custom("tier", "\xc3\xa4"));
    OK(bench_write("s", "x"));
    bench_restart();
    OK(bench_run(read_custom, text));
    CU_ASSERT_STRING_EQUAL(text, "tier=\xc3\xa4");
    bench_end();
}

static void
custom_metadata_past_a_limit_is_refused(void)
{
    static char key[SECRET_CUSTOM_KEY_MAX + 2];
    static char value[SECRET_CUSTOM_VALUE_MAX + 2];
    const char *keys[SECRET_CUSTOM_MAX + 1];
    const char *values[SECRET_CUSTOM_MAX + 1];
    struct secret_settings settings = { .has_custom = true, .custom = { keys, values, 0 } };

    memset(key, 'k', sizeof(key) - 1);
    memset(value, 'v', sizeof(value) - 1);
    bench_begin();
    EXPECT_CODE(set_custom(key, "v"), TSEC_E_INVALID);
    EXPECT_CODE(set_custom("k", value), TSEC_E_INVALID);
    EXPECT_CODE(set_custom("", "v"), TSEC_E_INVALID);
    EXPECT_CODE(set_custom("a\nb", "v"), TSEC_E_INVALID);
    EXPECT_CODE(set_custom("k", "\x7f"), TSEC_E_INVALID);
    EXPECT_CODE(set_custom("k", "\xc2\x85"), TSEC_E_INVALID);
    EXPECT_CODE(set_custom("k", "\xff"), TSEC_E_INVALID);
    CU_ASSERT_FALSE(bench_exists("s"));
    OK(set_custom(key + 1, value + 1));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys); i++) {
        keys[i] = "k";
        values[i] = "v";
    }
    settings.custom.len = SECRET_CUSTOM_MAX + 1;
    EXPECT_CODE(bench_settings("s", &settings), TSEC_E_INVALID);
    settings.custom.len = SECRET_CUSTOM_MAX;
    OK(bench_settings("s", &settings));
    settings.custom.len = 0;
    OK(bench_settings("s", &settings));
    CU_ASSERT_EQUAL(bench_meta("s")->secret.custom.len, 0);
    bench_end();
}

static void
a_limit_of_versions_out_of_range_is_refused(void)
{
    struct secret_settings settings = { .has_max_versions = true, .max_versions = -1 };

    bench_begin();
    EXPECT_CODE(bench_settings("s", &settings), TSEC_E_INVALID);
    settings.max_versions = SECRET_VERSIONS_MAX + 1;
    EXPECT_CODE(bench_settings("s", &settings), TSEC_E_INVALID);
    settings.max_versions = SECRET_VERSIONS_MAX;
    OK(bench_settings("s", &settings));
    bench_end();
}

/* The most versions there can be: written, dropped at once, and removed, each in one transaction.
 */
static void
a_secret_of_the_most_versions_can_be_removed(void)
{
    struct secret_settings settings = { .has_max_versions = true,
                                        .max_versions = SECRET_VERSIONS_MAX };

    bench_begin();
    OK(bench_settings("s", &settings));
    OK(bench_settings("t", &settings));
    for (int n = 0; n <= SECRET_VERSIONS_MAX; n++) {
        OK(bench_write("s", "x"));
        OK(bench_write("t", "x"));
    }
    CU_ASSERT_EQUAL(bench_meta("s")->members, SECRET_VERSIONS_MAX);
    OK(bench_remove("s"));
    CU_ASSERT_FALSE(bench_exists("s"));
    settings.max_versions = 1;
    OK(bench_settings("t", &settings));
    OK(bench_write("t", "last"));
    CU_ASSERT_EQUAL(bench_meta("t")->members, 1);
    EXPECT_DATA("t", 0, "last");
    bench_end();
}

static const struct test_case cases[] = {
    { "an entry of metadata only has no version", an_entry_of_metadata_only_has_no_version },
    { "what is not given stays", what_is_not_given_stays },
    { "changing metadata leaves data alone", changing_metadata_leaves_data_alone },
    { "custom metadata is kept and replaced whole", custom_metadata_is_kept_and_replaced_whole },
    { "custom metadata past a limit is refused", custom_metadata_past_a_limit_is_refused },
    { "a limit of versions out of range is refused", a_limit_of_versions_out_of_range_is_refused },
    { "a secret of the most versions can be removed",
      a_secret_of_the_most_versions_can_be_removed },
};

TEST_MAIN("core/secret_meta", cases)
