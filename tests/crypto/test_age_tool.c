/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "crypto/age.h"
#include "tests/crypto/tool.h"
#include "tests/test.h"

enum { FILE_MAX = 128 * 1024, PLAIN_LEN = 60000 };

static uint8_t plain[PLAIN_LEN];

struct fixture {
    struct tool_dir dir;
    char identity[TSEC_AGE_IDENTITY_LEN + 1];
    char recipient[TSEC_AGE_RECIPIENT_LEN + 1];
    char identity_path[128];
    char plain_path[128];
    char file_path[128];
};

static void
begin(struct fixture *f)
{
    for (size_t i = 0; i < sizeof(plain); i++) {
        plain[i] = (uint8_t)(i * 7 + i / 251);
    }
    tool_dir_make(&f->dir);
    tool_path(&f->dir, "identity", f->identity_path);
    tool_path(&f->dir, "plain", f->plain_path);
    tool_path(&f->dir, "file", f->file_path);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_age_identity_new(f->identity, f->recipient, NULL)));
    tool_write(f->identity_path, tsec_span_str(f->identity));
}

static void
age_opens_what_we_seal(void)
{
    static const size_t lens[] = { 1, 32, PLAIN_LEN }; /* of nothing, age makes no file */
    uint8_t recipients[2][32] = { { 9 } };             /* the first is nobody's */
    struct fixture f;

    begin(&f);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_age_recipient_parse(tsec_span_str(f.recipient), recipients[1], NULL)));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(lens); i++) {
        const char *const argv[] = { "age", "-d",         "-i",        f.identity_path,
                                     "-o",  f.plain_path, f.file_path, NULL };
        TSEC_AUTO_BUF struct tsec_buf file = TSEC_BUF_INIT(FILE_MAX);
        TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(FILE_MAX);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_age_encrypt(
            (const uint8_t(*)[32])recipients, 2, tsec_span(plain, lens[i]), &file, NULL)));
        tool_write(f.file_path, tsec_buf_span(&file));
        CU_ASSERT_EQUAL(tool_run(argv), 0);
        tool_read(f.plain_path, &back);
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&back), tsec_span(plain, lens[i])));
    }
    tool_dir_remove(&f.dir);
}

static void
we_open_what_age_seals(void)
{
    static const size_t lens[] = { 0, 32, PLAIN_LEN };
    uint8_t identity[32];
    struct fixture f;

    begin(&f);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_age_identity_parse(tsec_span_str(f.identity), identity, NULL)));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(lens); i++) {
        const char *const argv[] = {
            "age", "-r", f.recipient, "-o", f.file_path, f.plain_path, NULL
        };
        TSEC_AUTO_BUF struct tsec_buf file = TSEC_BUF_INIT(FILE_MAX);
        TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(FILE_MAX);

        tool_write(f.plain_path, tsec_span(plain, lens[i]));
        CU_ASSERT_EQUAL(tool_run(argv), 0);
        tool_read(f.file_path, &file);
        CU_ASSERT_FALSE(tsec_failed(tsec_age_decrypt(identity, tsec_buf_span(&file), &back, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&back), tsec_span(plain, lens[i])));
    }
    tool_dir_remove(&f.dir);
}

static void
age_refuses_what_we_refuse(void)
{
    uint8_t recipients[1][32];
    struct fixture f;
    const char *const argv[] = { "age", "-d",         "-i",        f.identity_path,
                                 "-o",  f.plain_path, f.file_path, NULL };
    TSEC_AUTO_BUF struct tsec_buf file = TSEC_BUF_INIT(FILE_MAX);

    begin(&f);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_age_recipient_parse(tsec_span_str(f.recipient), recipients[0], NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(
        tsec_age_encrypt((const uint8_t(*)[32])recipients, 1, tsec_span(plain, 32), &file, NULL)));
    file.ptr[file.len - 1] ^= 1;
    tool_write(f.file_path, tsec_buf_span(&file));
    CU_ASSERT_NOT_EQUAL(tool_run(argv), 0);
    tool_dir_remove(&f.dir);
}

static const struct test_case cases[] = {
    { "age opens what we seal", age_opens_what_we_seal },
    { "we open what age seals", we_open_what_age_seals },
    { "age refuses what we refuse", age_refuses_what_we_refuse },
};

int
main(void)
{
    static const char *const probe[] = { "age", "--version", NULL };

    if (tool_run(probe) == TOOL_MISSING) {
        (void)puts("skipped: age is not installed");
        return TEST_SKIP;
    }
    return test_main("crypto/age_tool", cases, TSEC_ARRAY_LEN(cases));
}
