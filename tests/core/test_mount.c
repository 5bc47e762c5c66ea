/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mount.h"

#include <stdio.h>

#include "tests/core/nouns.h"

static tsec_rc
defaults(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    return mount_defaults(txn, err);
}

static tsec_rc
add(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct mount mount = { .path = ctx, .type = "kv", .description = "" };

    return mount_add(txn, MOUNT_SECRETS, &mount, err);
}

struct lookup {
    const char *path;
    char found[MOUNT_PATH_MAX + 2];
    char rest[256];
};

static tsec_rc
find(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct lookup *lookup = ctx;
    const struct mount *mount = NULL;
    struct tsec_span rest;

    TSEC_TRY(mount_find(txn, MOUNT_SECRETS, tsec_span_str(lookup->path), &mount, &rest, err));
    (void)snprintf(lookup->found, sizeof(lookup->found), "%s", mount->path);
    (void)snprintf(lookup->rest, sizeof(lookup->rest), "%.*s", (int)rest.len,
                   (const char *)rest.ptr);
    return TSEC_OK;
}

static tsec_rc
drop(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct mount *mount = NULL;

    TSEC_TRY(mount_at(txn, MOUNT_SECRETS, ctx, &mount, err));
    return mount_remove(txn, MOUNT_SECRETS, mount, err);
}

static tsec_rc
move(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const char *const *paths = ctx;
    const struct mount *mount = NULL;

    TSEC_TRY(mount_at(txn, MOUNT_SECRETS, paths[0], &mount, err));
    return mount_move(txn, MOUNT_SECRETS, mount, paths[1], err);
}

static void
the_mount_of_a_path_is_found_with_the_rest(void)
{
    struct lookup in_secret = { .path = "secret/data/a/b" };
    struct lookup deep = { .path = "team/kv/x" };
    struct lookup none = { .path = "team/other/x" };
    struct lookup bare = { .path = "secret" };

    nouns_open("mem:mount");
    CU_ASSERT_EQUAL(nouns_do(defaults, NULL), 0);
    CU_ASSERT_EQUAL(nouns_do(add, (void *)(uintptr_t) "team/kv/"), 0);
    CU_ASSERT_EQUAL(nouns_do(find, &in_secret), 0);
    CU_ASSERT_STRING_EQUAL(in_secret.found, "secret/");
    CU_ASSERT_STRING_EQUAL(in_secret.rest, "data/a/b");
    CU_ASSERT_EQUAL(nouns_do(find, &deep), 0);
    CU_ASSERT_STRING_EQUAL(deep.found, "team/kv/");
    CU_ASSERT_STRING_EQUAL(deep.rest, "x");
    CU_ASSERT_EQUAL(nouns_do(find, &none), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(find, &bare), TSEC_E_NOT_FOUND);
    nouns_close();
}

static void
no_mount_lies_inside_another(void)
{
    nouns_open("mem:mount");
    CU_ASSERT_EQUAL(nouns_do(add, (void *)(uintptr_t) "a/b/"), 0);
    CU_ASSERT_EQUAL(nouns_do(add, (void *)(uintptr_t) "a/b/"), TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(nouns_do(add, (void *)(uintptr_t) "a/"), TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(nouns_do(add, (void *)(uintptr_t) "a/b/c/"), TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(nouns_do(add, (void *)(uintptr_t) "a/bb/"), 0);
    nouns_close();
}

static void
a_moved_mount_is_found_at_its_new_path_only(void)
{
    const char *paths[] = { "a/", "b/c/" };
    const char *blocked[] = { "b/c/", "d/" };
    struct lookup old = { .path = "a/x" };
    struct lookup moved = { .path = "b/c/x" };

    nouns_open("mem:mount");
    CU_ASSERT_EQUAL(nouns_do(add, (void *)(uintptr_t) "a/"), 0);
    CU_ASSERT_EQUAL(nouns_do(add, (void *)(uintptr_t) "d/"), 0);
    CU_ASSERT_EQUAL(nouns_do(move, paths), 0);
    CU_ASSERT_EQUAL(nouns_do(find, &old), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(find, &moved), 0);
    CU_ASSERT_EQUAL(nouns_do(move, blocked), TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(nouns_do(find, &moved), 0);
    CU_ASSERT_EQUAL(nouns_do(drop, (void *)(uintptr_t) "b/c/"), 0);
    CU_ASSERT_EQUAL(nouns_do(find, &moved), TSEC_E_NOT_FOUND);
    nouns_close();
}

static void
paths_that_a_mount_cannot_have_are_refused(void)
{
    static const char *const bad[] = { "",     "/",    "sys", "sys/x", "auth/x", "tee",  "audit/a",
                                       "a//b", "a/..", ".",   "a*",    "a/+/b",  "a\nb", "\xff" };
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;

    OK(tsec_arena_new(65536, &arena, NULL));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_PTR_NULL(mount_path(arena, MOUNT_SECRETS, tsec_span_str(bad[i])));
    }
    CU_ASSERT_STRING_EQUAL(mount_path(arena, MOUNT_SECRETS, tsec_span_str("/a/b/")), "a/b/");
    CU_ASSERT_STRING_EQUAL(mount_path(arena, MOUNT_AUTH, tsec_span_str("sys")), "sys/");
}

static const struct test_case cases[] = {
    { "the mount of a path is found", the_mount_of_a_path_is_found_with_the_rest },
    { "no mount lies inside another", no_mount_lies_inside_another },
    { "a moved mount is found at its new path", a_moved_mount_is_found_at_its_new_path_only },
    { "paths that a mount cannot have", paths_that_a_mount_cannot_have_are_refused },
};

TEST_MAIN("core/mount", cases)
