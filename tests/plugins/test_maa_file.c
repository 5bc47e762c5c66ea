/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/double/temp_dir.h"
#include "tests/test.h"

static char seen[256];

static tsec_rc
note(void *ctx, const char *path, struct tsec_err *err)
{
    const size_t len = strlen(seen);

    (void)err;
    (void)snprintf(seen + len, sizeof(seen) - len, "%s ", strrchr(path, '/') + 1);
    return ctx == NULL ? TSEC_OK : tsec_rc_of(TSEC_E_TOO_LARGE);
}

static void
a_file_is_replaced_as_a_whole(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);
    char folder[256];
    char path[300];

    temp_path("replaced", folder, sizeof(folder));
    CU_ASSERT_EQUAL_FATAL(mkdir(folder, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/one", folder);
    CU_ASSERT_EQUAL(maa_file_read(path, &out, NULL).code, TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(maa_file_replace(folder, "one", tsec_span_str("first"), NULL).code,
                    TSEC_OK_CODE);
    CU_ASSERT_EQUAL(maa_file_replace(folder, "one", tsec_span_str("2"), NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(maa_file_read(path, &out, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), "2"));
    CU_ASSERT_EQUAL(maa_file_replace("/nowhere", "one", tsec_span_str("2"), NULL).code,
                    TSEC_E_CONFIG);
    seen[0] = '\0';
    CU_ASSERT_EQUAL(maa_file_each(folder, note, NULL, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_STRING_EQUAL(seen, "one "); /* and nothing half-written beside it */
}

static void
what_is_too_large_or_no_file_or_open_to_all_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4);
    char folder[256];
    char path[300];

    temp_path("odd", folder, sizeof(folder));
    CU_ASSERT_EQUAL_FATAL(mkdir(folder, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/one", folder);
    CU_ASSERT_EQUAL(maa_file_replace(folder, "one", tsec_span_str("12345"), NULL).code,
                    TSEC_OK_CODE);
    CU_ASSERT_EQUAL(maa_file_read(path, &out, NULL).code, TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(maa_file_read(folder, &out, NULL).code, TSEC_E_CONFIG);
    CU_ASSERT_EQUAL(chmod(path, 0666), 0);
    CU_ASSERT_EQUAL(maa_file_read(path, &out, NULL).code, TSEC_E_CONFIG);
}

static void
a_folder_is_visited_in_order_of_names(void)
{
    static const char *const names[] = { "b", ".hidden", "a", "c" };
    char folder[256];
    char path[300];
    bool refuse = true;

    temp_path("visited", folder, sizeof(folder));
    CU_ASSERT_EQUAL_FATAL(mkdir(folder, 0700), 0);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        CU_ASSERT_EQUAL(maa_file_replace(folder, names[i], tsec_span_str("x"), NULL).code,
                        TSEC_OK_CODE);
    }
    (void)snprintf(path, sizeof(path), "%s/below", folder);
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    seen[0] = '\0';
    CU_ASSERT_EQUAL(maa_file_each(folder, note, NULL, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_STRING_EQUAL(seen, "a b c ");
    seen[0] = '\0';
    CU_ASSERT_EQUAL(maa_file_each(folder, note, &refuse, NULL).code, TSEC_E_TOO_LARGE);
    CU_ASSERT_STRING_EQUAL(seen, "a ");
    CU_ASSERT_EQUAL(maa_file_each("/nowhere", note, NULL, NULL).code, TSEC_E_CONFIG);
}

static const struct test_case cases[] = {
    { "a file is replaced as a whole", a_file_is_replaced_as_a_whole },
    { "what is too large, or no file, or open to all, is refused",
      what_is_too_large_or_no_file_or_open_to_all_is_refused },
    { "a folder is visited in order of names", a_folder_is_visited_in_order_of_names },
};

TEST_MAIN("maa-file", cases)
