/* SPDX-License-Identifier: Apache-2.0 */
#include "core/secret_head.h"

#include "tests/test.h"

static const char *keys[] = { "k1", "k2" };
static const char *values[] = { "v1", "" };
static struct secret_version versions[] = { { 7, 70, 0, false, 3 },
                                            { 8, 80, 81, false, 1 },
                                            { 9, 90, 0, true, 0 } };

static struct secret_head
sample(void)
{
    return (struct secret_head){
        .secret = { .created_ns = 1,
                    .updated_ns = 2,
                    .current = 9,
                    .oldest = 7,
                    .max_versions = 3,
                    .delete_after_ns = -1,
                    .cas_required = true,
                    .custom = { keys, values, 2 },
                    .versions = versions,
                    .versions_len = 3 },
        .data_version = 9,
        .data = tsec_span_str("{\"a\": 1.0}"),
    };
}

static tsec_rc
unpack(struct tsec_span payload, struct tsec_arena *arena, struct secret_head *out)
{
    *out = (struct secret_head){ .exists = false };
    return secret_head_unpack(payload, arena, out, NULL);
}

static struct tsec_arena *
arena_of(size_t max)
{
    struct tsec_arena *arena = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(max, &arena, NULL)));
    return arena;
}

static void
a_head_reads_back_as_it_was_packed(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = arena_of(65536);
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(4096);
    const struct secret_head head = sample();
    struct secret_head got;

    secret_head_pack(&head, &buf);
    CU_ASSERT_FALSE_FATAL(tsec_failed(unpack(tsec_buf_span(&buf), arena, &got)));
    CU_ASSERT_EQUAL(got.secret.created_ns, 1);
    CU_ASSERT_EQUAL(got.secret.updated_ns, 2);
    CU_ASSERT_EQUAL(got.secret.current, 9);
    CU_ASSERT_EQUAL(got.secret.oldest, 7);
    CU_ASSERT_EQUAL(got.secret.max_versions, 3);
    CU_ASSERT_EQUAL(got.secret.delete_after_ns, -1);
    CU_ASSERT_TRUE(got.secret.cas_required);
    CU_ASSERT_EQUAL_FATAL(got.secret.custom.len, 2);
    CU_ASSERT_STRING_EQUAL(got.secret.custom.keys[1], "k2");
    CU_ASSERT_STRING_EQUAL(got.secret.custom.values[0], "v1");
    CU_ASSERT_EQUAL_FATAL(got.secret.versions_len, 3);
    CU_ASSERT_EQUAL(got.secret.versions[0].slot, 3);
    CU_ASSERT_EQUAL(got.secret.versions[1].deletion_ns, 81);
    CU_ASSERT_TRUE(got.secret.versions[2].destroyed);
    CU_ASSERT_EQUAL(got.data_version, 9);
    CU_ASSERT_TRUE(tsec_span_is(got.data, "{\"a\": 1.0}"));
}

static void
a_version_is_found_by_its_number(void)
{
    const struct secret_head head = sample();
    const struct secret_head none = { .exists = false };

    CU_ASSERT_PTR_NULL(secret_head_version(&head, 0));
    CU_ASSERT_PTR_NULL(secret_head_version(&head, 6));
    CU_ASSERT_PTR_EQUAL(secret_head_version(&head, 7), &versions[0]);
    CU_ASSERT_PTR_EQUAL(secret_head_version(&head, 9), &versions[2]);
    CU_ASSERT_PTR_NULL(secret_head_version(&head, 10));
    CU_ASSERT_PTR_NULL(secret_head_version(&none, 0));
}

static void
a_cut_or_longer_payload_is_refused(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = arena_of(1 << 20);
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(4096);
    const struct secret_head head = sample();
    struct secret_head got;

    secret_head_pack(&head, &buf);
    for (size_t len = 0; len < buf.len; len++) {
        CU_ASSERT_EQUAL(unpack(tsec_span(buf.ptr, len), arena, &got).code, TSEC_E_INVALID);
    }
    tsec_buf_put_byte(&buf, 0);
    CU_ASSERT_EQUAL(unpack(tsec_buf_span(&buf), arena, &got).code, TSEC_E_INVALID);
}

static void
another_format_is_refused(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = arena_of(65536);
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(4096);
    const struct secret_head head = sample();
    struct secret_head got;

    secret_head_pack(&head, &buf);
    buf.ptr[0] = 2;
    CU_ASSERT_EQUAL(unpack(tsec_buf_span(&buf), arena, &got).code, TSEC_E_INVALID);
}

static void
versions_with_a_gap_are_refused(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = arena_of(65536);
    struct secret_version gap[] = { { .number = 7 }, { .number = 9 } };
    struct secret_version early[] = { { .number = 1 }, { .number = 2 } };
    struct secret_version *const bad[] = { gap, early };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(4096);
        struct secret_head head = sample();
        struct secret_head got;

        head.secret.versions = bad[i];
        head.secret.versions_len = 2;
        secret_head_pack(&head, &buf);
        CU_ASSERT_EQUAL(unpack(tsec_buf_span(&buf), arena, &got).code, TSEC_E_INVALID);
    }
}

static void
want_of_memory_is_not_taken_for_damage(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = arena_of(16);
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(4096);
    const struct secret_head head = sample();
    struct secret_head got;

    secret_head_pack(&head, &buf);
    CU_ASSERT_EQUAL(unpack(tsec_buf_span(&buf), arena, &got).code, TSEC_E_NO_MEMORY);
}

static const struct test_case cases[] = {
    { "a head reads back as it was packed", a_head_reads_back_as_it_was_packed },
    { "a version is found by its number", a_version_is_found_by_its_number },
    { "a cut or longer payload is refused", a_cut_or_longer_payload_is_refused },
    { "another format is refused", another_format_is_refused },
    { "versions with a gap are refused", versions_with_a_gap_are_refused },
    { "want of memory is not taken for damage", want_of_memory_is_not_taken_for_damage },
};

TEST_MAIN("core/secret_head", cases)
