/* SPDX-License-Identifier: Apache-2.0 */
#include "store-sqlite/place.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/double/temp_dir.h"
#include "tests/test.h"

static void
a_uri_names_a_path(void)
{
    static const struct {
        const char *uri;
        const char *path; /* NULL: refused */
        const char *folder;
    } t[] = {
        { "sqlite:/a/b.db", "/a/b.db", "/a" },
        { "sqlite:///a/b.db", "/a/b.db", "/a" },
        { "sqlite:b.db", "b.db", "." },
        { "/b.db", "/b.db", "/" },
        { "x/y/z.db", "x/y/z.db", "x/y" },
        { "sqlite:a b.db", "a b.db", "." },
        { "sqlite://b.db", NULL, NULL },
        { "sqlite:", NULL, NULL },
        { "sqlite:///", NULL, NULL },
        { "", NULL, NULL },
        { "sqlite:/a/b.db?x=1", NULL, NULL },
        { "sqlite:/a/b.db#x", NULL, NULL },
        { "sqlite::memory:", NULL, NULL },
        { ":memory:", NULL, NULL },
        { "/a/b/", NULL, NULL },
    };
    static struct place place;

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        const tsec_rc rc = place_parse(t[i].uri, &place, NULL);

        CU_ASSERT_EQUAL(rc.code, t[i].path == NULL ? TSEC_E_CONFIG : 0);
        CU_ASSERT_TRUE(
            t[i].path == NULL
            || (strcmp(place.path, t[i].path) == 0 && strcmp(place.folder, t[i].folder) == 0));
    }
}

static void
a_path_that_is_too_long_is_refused(void)
{
    static struct place place;
    static char uri[PATH_MAX + 1];

    memset(uri, 'a', PATH_MAX - 1);
    CU_ASSERT_EQUAL(place_parse(uri, &place, NULL).code, TSEC_E_CONFIG);
    uri[PATH_MAX - 17] = '\0';
    CU_ASSERT_EQUAL(place_parse(uri, &place, NULL).code, 0);
}

static int32_t
take(const char *name, struct tsec_err *err)
{
    static struct place place;
    char path[512];
    tsec_rc rc;

    temp_path(name, path, sizeof(path));
    rc = place_parse(path, &place, err);
    if (!tsec_failed(rc)) {
        rc = place_take(&place, err);
        place_release(&place);
        place_release(&place);
    }
    return rc.code;
}

static void
what_is_no_file_is_refused(void)
{
    char path[512];
    char link[512];
    struct tsec_err err = { 0 };

    temp_path("folder.db", path, sizeof(path));
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    CU_ASSERT_EQUAL(take("folder.db", &err), TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "a folder"));
    temp_path("fifo.db", path, sizeof(path));
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    CU_ASSERT_EQUAL(take("fifo.db", &err), TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "not a regular file"));
    temp_path("link.db", link, sizeof(link));
    CU_ASSERT_EQUAL(symlink("real.db", link), 0);
    CU_ASSERT_EQUAL(take("link.db", &err), TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "symbolic link"));
    CU_ASSERT_EQUAL(take("none/x.db", &err), TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "does not exist"));
    CU_ASSERT_EQUAL(take("fine.db", &err), 0);
    CU_ASSERT_EQUAL(take("fine.db", &err), 0);
}

static void
the_lock_keeps_others_out(void)
{
    static struct place one;
    static struct place two;
    char path[512];

    temp_path("locked.db", path, sizeof(path));
    CU_ASSERT_EQUAL(place_parse(path, &one, NULL).code, 0);
    CU_ASSERT_EQUAL(place_parse(path, &two, NULL).code, 0);
    CU_ASSERT_EQUAL(place_take(&one, NULL).code, 0);
    CU_ASSERT_EQUAL(place_take(&two, NULL).code, TSEC_E_UNAVAILABLE);
    place_release(&two);
    CU_ASSERT_EQUAL(place_check(&one, NULL).code, 0);
    place_release(&one);
    CU_ASSERT_EQUAL(place_take(&two, NULL).code, 0);
    place_release(&two);
}

static const struct test_case cases[] = {
    { "a URI names a path", a_uri_names_a_path },
    { "a path that is too long is refused", a_path_that_is_too_long_is_refused },
    { "what is no file is refused", what_is_no_file_is_refused },
    { "the lock keeps others out", the_lock_keeps_others_out },
};

TEST_MAIN("store-sqlite/place", cases)
