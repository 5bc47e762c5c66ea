/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/boot_internal.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/conf/sample.h"
#include "tests/double/temp_dir.h"

static tsec_rc
auditors_of(const char *sections, struct audit_options *out, struct tsec_err *err)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
    char text[2048];

    (void)snprintf(text, sizeof(text), SAMPLE "%s", sections);
    TSEC_TRY(sample_parse(text, &conf, err));
    return boot_auditors(conf, out, err);
}

static void
an_identity_is_made_once_and_found_again(void)
{
    struct audit_options first = { .recipients_len = 0 };
    struct audit_options second = { .recipients_len = 0 };
    struct tsec_err err = { 0 };
    char path[512];
    char section[1024];
    struct stat st;

    temp_path("auditor.txt", path, sizeof(path));
    (void)snprintf(section, sizeof(section),
                   "audit: {generate_identity: \"%s\", recipients: [" SAMPLE_AGE "]}\n", path);
    CU_ASSERT_FALSE_FATAL(tsec_failed(auditors_of(section, &first, &err)));
    CU_ASSERT_EQUAL(first.recipients_len, 2);
    CU_ASSERT_EQUAL_FATAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
    CU_ASSERT_FALSE_FATAL(tsec_failed(auditors_of(section, &second, &err)));
    CU_ASSERT_TRUE(
        tsec_span_equal(tsec_span(first.recipients[1], 32), tsec_span(second.recipients[1], 32)));
    (void)unlink(path);
}

static void
a_file_that_is_no_identity_is_refused_and_kept(void)
{
    struct audit_options out = { .recipients_len = 0 };
    struct tsec_err err = { 0 };
    char path[512];
    char section[1024];
    FILE *file;

    temp_path("other.txt", path, sizeof(path));
    file = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    (void)fputs("# a diary\nDear diary\n", file);
    (void)fclose(file);
    CU_ASSERT_EQUAL_FATAL(chmod(path, 0600), 0);
    (void)snprintf(section, sizeof(section), "audit: {generate_identity: \"%s\"}\n", path);
    CU_ASSERT_EQUAL(auditors_of(section, &out, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NULL(strstr(err.detail, "diary"));
    CU_ASSERT_EQUAL(access(path, F_OK), 0);
    (void)unlink(path);
}

static void
an_identity_that_others_can_read_is_refused(void)
{
    struct audit_options out = { .recipients_len = 0 };
    struct tsec_err err = { 0 };
    char path[512];
    char section[1024];

    temp_path("open.txt", path, sizeof(path));
    (void)snprintf(section, sizeof(section), "audit: {generate_identity: \"%s\"}\n", path);
    CU_ASSERT_FALSE_FATAL(tsec_failed(auditors_of(section, &out, &err)));
    CU_ASSERT_EQUAL_FATAL(chmod(path, 0640), 0);
    CU_ASSERT_EQUAL(auditors_of(section, &out, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "chmod"));
    (void)unlink(path);
    CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
    CU_ASSERT_EQUAL(auditors_of(section, &out, &err).code, TSEC_E_CONFIG);
    (void)unlink(path);
}

static const struct test_case cases[] = {
    { "an identity is made once and found again", an_identity_is_made_once_and_found_again },
    { "a file that is no identity is refused and kept",
      a_file_that_is_no_identity_is_refused_and_kept },
    { "an identity that others can read is refused", an_identity_that_others_can_read_is_refused },
};

TEST_MAIN("boot/auditors", cases)
