/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "conf/check.h"
#include "crypto/hash.h"
#include "tests/conf/sample.h"

#define HEX64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* A file with those bytes; `path` receives its name. */
static void
write_list(char path[64], const char *bytes)
{
    (void)snprintf(path, 64, "/tmp/tee-secrets-list-XXXXXX");

    const int fd = mkstemp(path);

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
    (void)close(fd);
}

static void
with_list(char text[1024], const char *path)
{
    (void)snprintf(text, 1024,
                   "backend:\n  type: tee\n  tee:\n    provider: aws_nitro\n"
                   "    storage: {database_uri: \"sqlite:x\"}\n"
                   "    attestation: {allowed_measurements: [\"fleet@%s\", \"" HEX64 "\"]}\n",
                   path);
}

static void
a_list_in_a_file_is_read_and_part_of_the_digest(void)
{
    static const char bytes[] =
        "# ours\n" HEX64 "\n\nnitro:pcr1=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa \r\n";
    char path[64];
    char text[1024];
    uint8_t list_digest[TSEC_SHA384_LEN];
    uint8_t expected[TSEC_SHA384_LEN];

    write_list(path, bytes);
    with_list(text, path);
    TSEC_AUTO(conf_free) struct tsec_conf *conf = sample_loaded(text);
    (void)unlink(path);

    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    CU_ASSERT_EQUAL_FATAL(conf->measurements.len, 3);
    CU_ASSERT_STRING_EQUAL(conf->measurements.items[0].key, "fleet");
    CU_ASSERT_STRING_EQUAL(conf->measurements.items[0].value, HEX64);
    CU_ASSERT_EQUAL(strlen(conf->measurements.items[1].value), 96 + sizeof("nitro:pcr1=") - 1);
    CU_ASSERT_PTR_NULL(conf->measurements.items[2].key);
    tsec_sha384(tsec_span_str(bytes), list_digest);
    tsec_hash_parts(TSEC_SHA384,
                    (const struct tsec_span[]){ tsec_span_str(text),
                                                tsec_span(list_digest, sizeof(list_digest)) },
                    2, expected);
    CU_ASSERT_EQUAL(memcmp(conf->digest, expected, sizeof(expected)), 0);
}

static void
a_bad_line_of_a_list_is_named_by_file_and_line(void)
{
    static const char *const bad[] = { "measurement1", "other@/etc/passwd", "abc:def" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
        struct tsec_err err = { 0 };
        char bytes[128];
        char path[64];
        char text[1024];
        char place[80];

        (void)snprintf(bytes, sizeof(bytes), "\n%s\n", bad[i]);
        write_list(path, bytes);
        with_list(text, path);
        (void)snprintf(place, sizeof(place), "%s:2:1: ", path);
        CU_ASSERT_EQUAL(sample_parse(text, &conf, &err).code, TSEC_E_CONFIG);
        CU_ASSERT_EQUAL(strncmp(err.detail, place, strlen(place)), 0);
        (void)unlink(path);
    }
}

static void
a_list_that_is_not_there_stops_the_start(void)
{
    char text[1024];

    with_list(text, "/nonexistent/list");
    CU_ASSERT_TRUE(sample_refused(text, "f.yaml:6:42: /nonexistent/list cannot be opened: No such "
                                        "file or directory"));
}

static const struct test_case cases[] = {
    { "a list in a file is read and part of the digest",
      a_list_in_a_file_is_read_and_part_of_the_digest },
    { "a bad line of a list is named by file and line",
      a_bad_line_of_a_list_is_named_by_file_and_line },
    { "a list that is not there stops the start", a_list_that_is_not_there_stops_the_start },
};

TEST_MAIN("conf/check_allowed", cases)
