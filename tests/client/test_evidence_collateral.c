/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_collateral.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/client/evidence_double.h"
#include "tests/test.h"

struct scene {
    char folder[64];
    struct evidence_verifier *verifier;
    struct evidence_collateral sum;
    struct tsec_err err;
};

static void
scene_open(struct scene *s)
{
    *s = (struct scene){ .verifier = NULL };
    (void)snprintf(s->folder, sizeof(s->folder), "/tmp/tee-secrets-collateral.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(s->folder));
    CU_ASSERT_EQUAL_FATAL(
        evidence_verifier_open(evidence_double_plugins, NULL, "nitro", &s->verifier, &s->err).code,
        0);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static void
scene_close(struct scene *s)
{
    evidence_verifier_free(s->verifier);
    (void)nftw(s->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/** A file of the scene's folder; its path. */
static const char *
put_file(const struct scene *s, const char *name, const char *text)
{
    static char path[128];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", s->folder, name);
    f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs(text, f);
    (void)fclose(f);
    return path;
}

static int32_t
load(struct scene *s, const char *path)
{
    return evidence_collateral_load(s->verifier, path, &s->sum, &s->err).code;
}

static void
a_folder_gives_what_is_recognised_in_the_order_of_names(void)
{
    struct scene s;
    char path[128];

    scene_open(&s);
    (void)put_file(&s, "b.txt", "COLL b");
    (void)put_file(&s, "a.jpg", "COLL a");
    (void)put_file(&s, ".hidden", "COLL .");
    (void)put_file(&s, "readme", "something else");
    (void)put_file(&s, "empty", "");
    (void)snprintf(path, sizeof(path), "%s/folder", s.folder);
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    (void)put_file(&s, "folder/c", "COLL c");
    CU_ASSERT_EQUAL(load(&s, s.folder), 0);
    CU_ASSERT_EQUAL(evidence_double_seen.collateral, 3);
    CU_ASSERT_STRING_EQUAL(evidence_double_seen.last_collateral, "COLL b");
    CU_ASSERT_EQUAL(s.sum.taken, 3);
    CU_ASSERT_EQUAL(s.sum.passed_over, 2);
    CU_ASSERT_STRING_EQUAL(s.sum.unknown, "");
    scene_close(&s);
}

static void
links_are_followed_to_files_and_pipes_are_never_read(void)
{
    struct scene s;
    char path[128];
    char target[128];

    scene_open(&s);
    (void)snprintf(target, sizeof(target), "%s", put_file(&s, "target", "COLL x"));
    (void)snprintf(path, sizeof(path), "%s/link", s.folder);
    CU_ASSERT_EQUAL(symlink(target, path), 0);
    (void)snprintf(path, sizeof(path), "%s/dangling", s.folder);
    CU_ASSERT_EQUAL(symlink("/nonexistent/file", path), 0);
    (void)snprintf(path, sizeof(path), "%s/pipe", s.folder);
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    CU_ASSERT_EQUAL(load(&s, s.folder), 0);
    CU_ASSERT_EQUAL(s.sum.taken, 2);
    scene_close(&s);
}

static void
a_file_named_by_itself_that_is_not_recognised_is_remembered(void)
{
    struct scene s;

    scene_open(&s);
    CU_ASSERT_EQUAL(load(&s, put_file(&s, "good", "COLL")), 0);
    CU_ASSERT_STRING_EQUAL(s.sum.unknown, "");
    CU_ASSERT_EQUAL(load(&s, put_file(&s, "bad", "something else")), 0);
    CU_ASSERT_EQUAL(load(&s, put_file(&s, "worse", "")), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(s.sum.unknown, "/bad: nothing known"));
    CU_ASSERT_EQUAL(s.sum.taken, 1);
    scene_close(&s);
}

static void
what_cannot_be_read_is_a_failure(void)
{
    struct scene s;
    char path[128];

    scene_open(&s);
    (void)snprintf(path, sizeof(path), "%s/missing", s.folder);
    CU_ASSERT_EQUAL(load(&s, path), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(load(&s, put_file(&s, "much", "too much")), TSEC_E_TOO_LARGE);
    scene_close(&s);
}

static void
a_file_past_the_limit_is_refused_by_itself_and_passed_over_in_a_folder(void)
{
    struct scene s;
    char path[128];

    scene_open(&s);
    (void)snprintf(path, sizeof(path), "%s", put_file(&s, "large", "COLL"));
    CU_ASSERT_EQUAL(truncate(path, (off_t)TSEC_COLLATERAL_MAX + 1), 0);
    CU_ASSERT_EQUAL(load(&s, path), TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(load(&s, s.folder), 0);
    CU_ASSERT_EQUAL(s.sum.taken, 0);
    CU_ASSERT_EQUAL(s.sum.passed_over, 1);
    CU_ASSERT_EQUAL(load(&s, "/dev/zero"), TSEC_E_TOO_LARGE);
    scene_close(&s);
}

static void
a_folder_of_too_many_files_is_refused(void)
{
    struct scene s;

    scene_open(&s);
    for (int i = 0; i <= EVIDENCE_FOLDER_FILES; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "%d", i);
        (void)put_file(&s, name, "");
    }
    CU_ASSERT_EQUAL(load(&s, s.folder), TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(s.sum.taken, 0);
    scene_close(&s);
}

static void
a_verifier_without_use_for_collateral_reads_none(void)
{
    struct scene s;

    scene_open(&s);
    evidence_verifier_free(s.verifier);
    s.verifier = NULL;
    CU_ASSERT_EQUAL_FATAL(
        evidence_verifier_open(evidence_double_small_plugins, NULL, "nitro", &s.verifier, &s.err)
            .code,
        0);
    CU_ASSERT_EQUAL(load(&s, put_file(&s, "bad", "something else")), 0);
    CU_ASSERT_STRING_EQUAL(s.sum.unknown, "");
    CU_ASSERT_EQUAL(load(&s, "/nonexistent/file"), TSEC_E_NOT_FOUND);
    scene_close(&s);
}

static const struct test_case cases[] = {
    { "a folder gives what is recognised, in the order of names",
      a_folder_gives_what_is_recognised_in_the_order_of_names },
    { "links are followed to files, and pipes are never read",
      links_are_followed_to_files_and_pipes_are_never_read },
    { "a file named by itself that is not recognised is remembered",
      a_file_named_by_itself_that_is_not_recognised_is_remembered },
    { "what cannot be read is a failure", what_cannot_be_read_is_a_failure },
    { "a file past the limit is refused by itself, and passed over in a folder",
      a_file_past_the_limit_is_refused_by_itself_and_passed_over_in_a_folder },
    { "a folder of too many files is refused", a_folder_of_too_many_files_is_refused },
    { "a verifier without use for collateral reads none",
      a_verifier_without_use_for_collateral_reads_none },
};

TEST_MAIN("client/evidence_collateral", cases)
