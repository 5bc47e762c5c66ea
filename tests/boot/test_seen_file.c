/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/seen_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/double/temp_dir.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

struct found {
    size_t files;
    size_t records;
    uint8_t newest; /* the largest number of a record */
    char where[256];
};

static void
each(void *ctx, const struct tsec_span records[2], const char *where)
{
    struct found *f = ctx;

    f->files++;
    (void)snprintf(f->where, sizeof(f->where), "%s", where);
    for (int i = 0; i < 2; i++) {
        if (records[i].len == SEEN_RECORD_LEN) {
            f->records++;
            f->newest = records[i].ptr[15] > f->newest ? records[i].ptr[15] : f->newest;
        }
    }
}

static struct found
recall(const struct seen_file *file)
{
    const struct node_seen *seen = seen_file_seen(file);
    struct found f = { .files = 0 };

    OK(seen->recall(seen->ctx, each, &f, NULL));
    return f;
}

/* Its number is the last byte of the size. */
static void
keep(const struct seen_file *file, uint8_t number)
{
    const struct node_seen *seen = seen_file_seen(file);
    uint8_t record[SEEN_RECORD_LEN] = { 'T' };

    record[15] = number;
    seen->keep(seen->ctx, tsec_span(record, sizeof(record)));
    seen->settle(seen->ctx);
}

static const char *
path_of(const char *name)
{
    static char path[512];

    (void)snprintf(path, sizeof(path), "%s/%s", temp_dir(), name);
    return path;
}

static void
the_two_newest_records_are_found_again(void)
{
    struct seen_file *f = NULL;
    struct found found;

    OK(seen_file_open(path_of("seen"), &f, NULL));
    CU_ASSERT_TRUE(seen_file_new(f));
    CU_ASSERT_EQUAL(recall(f).records, 0);
    for (uint8_t n = 1; n <= 5; n++) {
        keep(f, n);
        found = recall(f);
        CU_ASSERT_EQUAL(found.newest, n);
        CU_ASSERT_EQUAL(found.records, n == 1 ? 1 : 2);
    }
    seen_file_close(f);
    OK(seen_file_open(path_of("seen"), &f, NULL));
    CU_ASSERT_FALSE(seen_file_new(f));
    found = recall(f);
    CU_ASSERT_EQUAL(found.newest, 5);
    CU_ASSERT_STRING_EQUAL(found.where, path_of("seen"));
    keep(f, 6); /* over the older of the two */
    found = recall(f);
    CU_ASSERT_EQUAL(found.newest, 6);
    CU_ASSERT_EQUAL(found.records, 2);
    seen_file_close(f);
    (void)unlink(path_of("seen"));
}

static void
each_server_writes_its_own_and_reads_all(void)
{
    struct seen_file *a = NULL;
    struct seen_file *b = NULL;

    OK(seen_file_open(path_of("seen"), &a, NULL));
    OK(seen_file_open(path_of("seen"), &b, NULL));
    CU_ASSERT_STRING_EQUAL(seen_file_path(b), path_of("seen.1"));
    keep(a, 3);
    keep(b, 9);
    CU_ASSERT_EQUAL(recall(a).newest, 9);
    CU_ASSERT_EQUAL(recall(a).files, 2);
    seen_file_close(b);
    seen_file_close(a);
    OK(seen_file_open(path_of("seen"), &a, NULL));
    CU_ASSERT_STRING_EQUAL(seen_file_path(a), path_of("seen"));
    CU_ASSERT_EQUAL(recall(a).newest, 9);
    seen_file_close(a);
    (void)unlink(path_of("seen"));
    (void)unlink(path_of("seen.1"));
}

static void
servers_without_number_do_not_share_a_folder(void)
{
    struct seen_file *files[SEEN_FILES_MAX];
    struct seen_file *more = NULL;

    for (int i = 0; i < SEEN_FILES_MAX; i++) {
        OK(seen_file_open(path_of("many"), &files[i], NULL));
    }
    CU_ASSERT_EQUAL(seen_file_open(path_of("many"), &more, NULL).code, TSEC_E_CONFIG);
    for (int i = 0; i < SEEN_FILES_MAX; i++) {
        (void)unlink(seen_file_path(files[i]));
        seen_file_close(files[i]);
    }
}

static void
what_cannot_be_opened_is_said(void)
{
    struct seen_file *f = NULL;
    struct tsec_err err = { 0 };
    char name[5000];

    CU_ASSERT_EQUAL(seen_file_open(path_of("no/such/folder"), &f, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "no/such/folder"));
    CU_ASSERT_EQUAL_FATAL(symlink("elsewhere", path_of("link")), 0);
    CU_ASSERT_EQUAL(seen_file_open(path_of("link"), &f, NULL).code, TSEC_E_CONFIG);
    (void)unlink(path_of("link"));
    CU_ASSERT_EQUAL_FATAL(mkdir(path_of("dir"), 0700), 0);
    CU_ASSERT_EQUAL(seen_file_open(path_of("dir"), &f, NULL).code, TSEC_E_CONFIG);
    (void)rmdir(path_of("dir"));
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    CU_ASSERT_EQUAL(seen_file_open(name, &f, NULL).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NULL(f);
    seen_file_close(NULL);
}

static void
a_file_that_is_there_and_cannot_be_read_is_not_passed_over(void)
{
    struct seen_file *f = NULL;
    struct found found = { .files = 0 };

    OK(seen_file_open(path_of("seen"), &f, NULL));
    CU_ASSERT_EQUAL_FATAL(symlink("elsewhere", path_of("seen.4")), 0);

    const struct node_seen *seen = seen_file_seen(f);

    CU_ASSERT_EQUAL(seen->recall(seen->ctx, each, &found, NULL).code, TSEC_E_CONFIG);
    (void)unlink(path_of("seen.4"));
    seen_file_close(f);
    (void)unlink(path_of("seen"));
}

static void
only_its_owner_reads_it(void)
{
    struct seen_file *f = NULL;
    struct stat st;

    OK(seen_file_open(path_of("seen"), &f, NULL));
    CU_ASSERT_EQUAL_FATAL(stat(path_of("seen"), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    seen_file_close(f);
    (void)unlink(path_of("seen"));
}

static const struct test_case cases[] = {
    { "the two newest records are found again", the_two_newest_records_are_found_again },
    { "each server writes its own and reads all", each_server_writes_its_own_and_reads_all },
    { "servers without number do not share a folder",
      servers_without_number_do_not_share_a_folder },
    { "what cannot be opened is said", what_cannot_be_opened_is_said },
    { "a file that is there and cannot be read is not passed over",
      a_file_that_is_there_and_cannot_be_read_is_not_passed_over },
    { "only its owner reads it", only_its_owner_reads_it },
};

TEST_MAIN("boot/seen_file", cases)
