/* SPDX-License-Identifier: Apache-2.0 */
#include "core/secret.h"

#include <stdio.h>

#include "tests/core/secret_bench.h"

static void
what_was_written_is_read(void)
{
    bench_begin();
    EXPECT_DATA("a/b", 0, "(none)");
    CU_ASSERT_FALSE(bench_exists("a/b"));
    OK(bench_write("a/b", "{\"n\":12345678901234567890}"));
    CU_ASSERT_TRUE(bench_exists("a/b"));
    EXPECT_DATA("a/b", 0, "{\"n\":12345678901234567890}");
    EXPECT_DATA("a/b", 1, "{\"n\":12345678901234567890}");
    EXPECT_DATA("a", 0, "(none)");
    EXPECT_DATA("a/b/c", 0, "(none)");
    bench_end();
}

static void
every_write_makes_a_version_and_old_ones_stay(void)
{
    bench_begin();
    OK(bench_write("s", "one"));
    OK(bench_write("s", "two"));
    OK(bench_write("s", "three"));
    EXPECT_DATA("s", 0, "three");
    EXPECT_DATA("s", 1, "one");
    EXPECT_DATA("s", 2, "two");
    EXPECT_DATA("s", 3, "three");
    EXPECT_DATA("s", 4, "(none)");
    EXPECT_DATA("s", UINT64_MAX, "(none)");
    bench_restart();
    EXPECT_DATA("s", 0, "three");
    EXPECT_DATA("s", 1, "one");
    EXPECT_DATA("s", 2, "two");
    bench_end();
}

static void
what_is_no_path_is_refused(void)
{
    static char long_path[SECRET_PATH_MAX + 2];
    static char long_segment[SECRET_SEGMENT_MAX + 2];
    static const char *const bad[] = { "", "/", "a/", "/a", "//", "a//b", long_path, long_segment };

    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[SECRET_SEGMENT_MAX] = '/';
    memset(long_segment, 'x', sizeof(long_segment) - 1);
    bench_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        EXPECT_CODE(bench_write(bad[i], "x"), TSEC_E_INVALID);
        EXPECT_CODE(bench_read(bad[i], 0), TSEC_E_INVALID);
        EXPECT_CODE(bench_remove(bad[i]), TSEC_E_INVALID);
        EXPECT_CODE(bench_change_one(bad[i], SECRET_DELETE, 1), TSEC_E_INVALID);
        CU_ASSERT_FALSE(bench_exists(bad[i]));
    }
    long_path[SECRET_PATH_MAX] = '\0';
    OK(bench_write(long_path, "x"));
    EXPECT_DATA(long_path, 0, "x");
    OK(bench_write(long_segment + 1, "y"));
    EXPECT_DATA(long_segment + 1, 0, "y");
    bench_end();
}

static tsec_rc
write_with_nul(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct secret_write write = { .data = tsec_span_str("x") };
    struct secret_reading reading;

    (void)ctx;
    return secret_write(txn, "m00000001", tsec_span("a\0\0\1", 4), &write, &reading, err);
}

static void
a_path_does_not_reach_into_a_group(void)
{
    bench_begin();
    OK(bench_write("a", "one"));
    EXPECT_CODE(bench_run(write_with_nul, NULL), TSEC_E_INVALID);
    EXPECT_DATA("a", 0, "one");
    bench_end();
}

/* Writes, in order; each with cas (-1: without) and what comes of it. */
static void
cas_is_the_version_the_writer_believes_in(void)
{
    static const struct {
        int64_t cas;
        int32_t code;
    } table[] = {
        { 1, TSEC_E_CONFLICT }, /* nothing there */
        { 0, 0 },               /* version 1 */
        { 0, TSEC_E_CONFLICT }, /* there already */
        { 2, TSEC_E_CONFLICT }, /* ahead */
        { 1, 0 },               /* version 2 */
        { 1, TSEC_E_CONFLICT }, /* behind */
        { -1, 0 },              /* version 3 */
        { 2, TSEC_E_CONFLICT },
        { 3, 0 }, /* version 4 */
    };

    bench_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        const tsec_rc rc = table[i].cas < 0 ? bench_write("s", "x")
                                            : bench_write_cas("s", "x", (uint64_t)table[i].cas);

        CU_ASSERT_EQUAL(rc.code, table[i].code);
    }
    CU_ASSERT_EQUAL(bench_meta("s")->secret.current, 4);
    OK(bench_delete_current("s"));
    EXPECT_CODE(bench_write_cas("s", "x", 0), TSEC_E_CONFLICT);
    OK(bench_write_cas("s", "x", 4));
    bench_end();
}

static void
cas_may_be_required_by_secret_or_mount(void)
{
    const struct secret_settings settings = { .has_cas_required = true, .cas_required = true };
    struct secret_config config = { .cas_required = true };

    bench_begin();
    OK(bench_settings("own", &settings));
    EXPECT_CODE(bench_write("own", "x"), TSEC_E_DENIED);
    OK(bench_write_cas("own", "x", 0));
    OK(bench_write("free", "x"));
    OK(bench_config(&config));
    EXPECT_CODE(bench_write("free", "x"), TSEC_E_DENIED);
    OK(bench_write_cas("free", "x", 1));
    config.cas_required = false;
    OK(bench_config(&config));
    OK(bench_write("free", "x"));
    EXPECT_CODE(bench_write("own", "x"), TSEC_E_DENIED);
    bench_end();
}

/* How many are kept, by secret and mount, after 12 writes. */
static void
the_larger_limit_decides_how_many_versions_stay(void)
{
    static const struct {
        int64_t own;
        int64_t mount;
        size_t kept;
        uint64_t oldest;
    } table[] = {
        { 0, 0, 10, 3 }, { 2, 0, 2, 11 }, { 0, 3, 3, 10 },  { 2, 3, 3, 10 },
        { 4, 3, 4, 9 },  { 1, 0, 1, 12 }, { 12, 0, 12, 1 }, { 13, 0, 12, 0 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        const struct secret_settings settings = { .has_max_versions = true,
                                                  .max_versions = table[i].own };
        const struct secret_config config = { .max_versions = table[i].mount };
        const struct bench_meta *meta;

        bench_begin();
        OK(bench_config(&config));
        OK(bench_settings("s", &settings));
        for (int n = 1; n <= 12; n++) {
            OK(bench_write("s", "x"));
        }
        meta = bench_meta("s");
        CU_ASSERT_EQUAL(meta->secret.versions_len, table[i].kept);
        CU_ASSERT_EQUAL(meta->secret.oldest, table[i].oldest);
        CU_ASSERT_EQUAL(meta->secret.current, 12);
        CU_ASSERT_EQUAL(meta->members, table[i].kept);
        EXPECT_DATA("s", 12 - table[i].kept, table[i].kept == 12 ? "x" : "(none)");
        EXPECT_DATA("s", 12 - table[i].kept + 1, "x");
        bench_end();
    }
}

static void
write_numbered(const char *path, unsigned n)
{
    char data[16];

    (void)snprintf(data, sizeof(data), "%u", n);
    OK(bench_write(path, data));
}

static void
expect_numbered(const char *path, unsigned first, unsigned last)
{
    char data[16];

    for (unsigned n = first; n <= last; n++) {
        (void)snprintf(data, sizeof(data), "%u", n);
        EXPECT_DATA(path, n, data);
    }
}

static void
slots_of_dropped_versions_are_used_again(void)
{
    const struct bench_meta *meta;

    bench_begin();
    for (unsigned n = 1; n <= 35; n++) {
        write_numbered("s", n);
        meta = bench_meta("s");
        CU_ASSERT_EQUAL(meta->members, n < 10 ? n : 10);
        CU_ASSERT_TRUE(meta->head_slot >= 1 && meta->head_slot <= 10);
    }
    expect_numbered("s", 26, 35);
    EXPECT_DATA("s", 25, "(none)");
    bench_restart();
    expect_numbered("s", 26, 35);
    CU_ASSERT_EQUAL(bench_meta("s")->members, 10);
    bench_end();
}

static void
a_lower_limit_drops_many_with_the_next_write(void)
{
    struct secret_settings settings = { .has_max_versions = true, .max_versions = 1 };

    bench_begin();
    for (unsigned n = 1; n <= 10; n++) {
        write_numbered("s", n);
    }
    OK(bench_settings("s", &settings));
    expect_numbered("s", 1, 10); /* not before */
    write_numbered("s", 11);
    CU_ASSERT_EQUAL(bench_meta("s")->members, 1);
    CU_ASSERT_EQUAL(bench_meta("s")->secret.oldest, 11);
    EXPECT_DATA("s", 10, "(none)");
    expect_numbered("s", 11, 11);
    settings.max_versions = 3;
    OK(bench_settings("s", &settings));
    write_numbered("s", 12);
    CU_ASSERT_EQUAL(bench_meta("s")->secret.oldest, 11);
    write_numbered("s", 13);
    write_numbered("s", 14);
    CU_ASSERT_EQUAL(bench_meta("s")->secret.oldest, 12);
    bench_restart();
    expect_numbered("s", 12, 14);
    CU_ASSERT_EQUAL(bench_meta("s")->members, 3);
    bench_end();
}

static void
a_hundred_versions_are_kept_apart(void)
{
    const struct secret_settings settings = { .has_max_versions = true, .max_versions = 100 };

    bench_begin();
    OK(bench_settings("s", &settings));
    for (unsigned n = 1; n <= 130; n++) {
        write_numbered("s", n);
    }
    expect_numbered("s", 31, 130);
    EXPECT_DATA("s", 30, "(none)");
    bench_restart();
    expect_numbered("s", 31, 130);
    CU_ASSERT_EQUAL(bench_meta("s")->members, 100);
    bench_end();
}

static void
a_version_ends_when_the_shorter_time_is_over(void)
{
    static const struct {
        int64_t own_s;
        int64_t mount_s;
        int64_t ends_s; /* 0: never */
    } table[] = {
        { 0, 0, 0 },    { 10, 0, 10 }, { 0, 20, 20 }, { 10, 20, 10 },
        { 30, 20, 20 }, { -1, 20, 0 }, { 10, -1, 0 }, { -1, -1, 0 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        const struct secret_settings settings = { .has_delete_after = true,
                                                  .delete_after_ns =
                                                      table[i].own_s * TSEC_NS_PER_S };
        const struct secret_config config = { .delete_after_ns = table[i].mount_s * TSEC_NS_PER_S };
        const int64_t ends = table[i].ends_s * TSEC_NS_PER_S;

        bench_begin();
        OK(bench_config(&config));
        OK(bench_settings("s", &settings));
        OK(bench_write("s", "x"));
        CU_ASSERT_EQUAL(bench_meta("s")->versions[0].deletion_ns,
                        ends == 0 ? 0 : bench_now() + ends);
        bench_advance(ends == 0 ? 1000 * TSEC_NS_PER_S : ends - 1);
        EXPECT_DATA("s", 0, "x");
        bench_advance(1);
        EXPECT_DATA("s", 0, ends == 0 ? "x" : "(gone)");
        bench_end();
    }
}

static void
a_time_past_all_calendars_does_not_wrap(void)
{
    const struct secret_settings settings = { .has_delete_after = true,
                                              .delete_after_ns = INT64_MAX };

    bench_begin();
    OK(bench_settings("s", &settings));
    OK(bench_write("s", "x"));
    EXPECT_DATA("s", 0, "x");
    CU_ASSERT_EQUAL(bench_meta("s")->versions[0].deletion_ns, INT64_MAX);
    bench_end();
}

static void
a_removed_secret_leaves_nothing(void)
{
    bench_begin();
    for (unsigned n = 1; n <= 5; n++) {
        write_numbered("s", n);
    }
    write_numbered("s/below", 1);
    OK(bench_remove("s"));
    OK(bench_remove("s"));
    OK(bench_remove("never"));
    CU_ASSERT_FALSE(bench_exists("s"));
    CU_ASSERT_PTR_NULL(bench_meta("s"));
    EXPECT_DATA("s", 3, "(none)");
    expect_numbered("s/below", 1, 1);
    OK(bench_write_cas("s", "1", 0));
    CU_ASSERT_EQUAL(bench_meta("s")->members, 1);
    bench_restart();
    expect_numbered("s", 1, 1);
    EXPECT_DATA("s", 2, "(none)");
    bench_end();
}

static void
listings_show_names_and_folders_in_order(void)
{
    static const char *const paths[] = { "z", "a/c/d", "a", "a-b", "a/b", "b" };
    static const struct {
        const char *folder;
        const char *after;
        size_t limit;
        bool deep;
        const char *want;
    } table[] = {
        { "", "", 0, false, "a a-b a/ b z " },
        { "", "", 2, false, "a a-b " },
        { "", "a", 0, false, "a-b a/ b z " },
        { "", "a/", 1, false, "b " },
        { "", "aa", 0, false, "b z " },
        { "", "z", 0, false, "" },
        { "a/", "", 0, false, "b c/ " },
        { "a/", "b", 5, false, "c/ " },
        { "a/c/", "", 0, false, "d " },
        { "c/", "", 0, false, "" },
        { "", "", 0, true, "a a-b a/b a/c/d b z " },
        { "a/", "", 0, true, "b c/d " },
        { "", "a/b", 2, true, "a/c/d b " },
        { "a", "", 0, false, "(4)" },
    };

    bench_begin();
    CU_ASSERT_STRING_EQUAL(bench_list("", "", 0, false), "");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(paths); i++) {
        OK(bench_write(paths[i], "x"));
        OK(bench_write(paths[i], "y"));
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        CU_ASSERT_STRING_EQUAL(
            bench_list(table[i].folder, table[i].after, table[i].limit, table[i].deep),
            table[i].want);
    }
    OK(bench_delete_current("b"));
    OK(bench_remove("a"));
    CU_ASSERT_STRING_EQUAL(bench_list("", "", 0, false), "a-b a/ b z ");
    bench_end();
}

static const struct test_case cases[] = {
    { "what was written is read", what_was_written_is_read },
    { "every write makes a version and old ones stay",
      every_write_makes_a_version_and_old_ones_stay },
    { "what is no path is refused", what_is_no_path_is_refused },
    { "a path does not reach into a group", a_path_does_not_reach_into_a_group },
    { "cas is the version the writer believes in", cas_is_the_version_the_writer_believes_in },
    { "cas may be required by secret or mount", cas_may_be_required_by_secret_or_mount },
    { "the larger limit decides how many versions stay",
      the_larger_limit_decides_how_many_versions_stay },
    { "slots of dropped versions are used again", slots_of_dropped_versions_are_used_again },
    { "a lower limit drops many with the next write",
      a_lower_limit_drops_many_with_the_next_write },
    { "a hundred versions are kept apart", a_hundred_versions_are_kept_apart },
    { "a version ends when the shorter time is over",
      a_version_ends_when_the_shorter_time_is_over },
    { "a time past all calendars does not wrap", a_time_past_all_calendars_does_not_wrap },
    { "a removed secret leaves nothing", a_removed_secret_leaves_nothing },
    { "listings show names and folders in order", listings_show_names_and_folders_in_order },
};

TEST_MAIN("core/secret", cases)
