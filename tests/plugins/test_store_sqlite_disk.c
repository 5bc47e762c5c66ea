/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that fills up, fails, or cannot be written. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "load/loader.h"
#include "tests/contract/store_contract.h"
#include "tests/double/temp_dir.h"
#include "tests/plugins/fault_vfs.h"

static struct store_subject subject;

static void
fresh(char *uri, size_t size)
{
    static unsigned n;

    (void)snprintf(uri, size, "sqlite:%s/disk%u.db", temp_dir(), n++);
}

/* Eight records of 4 KiB, all of byte `fill`, in one commit. */
static int32_t
commit_eight(struct tsec_store *store, unsigned char fill, struct tsec_err *err)
{
    static unsigned char value[4096];
    char keys[8][8];
    struct tsec_store_op ops[8];

    memset(value, fill, sizeof(value));
    for (size_t i = 0; i < 8; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
        ops[i] = (struct tsec_store_op){ TSEC_STORE_PUT, TSEC_STORE_ANY, tsec_span_str(keys[i]),
                                         tsec_span(value, sizeof(value)) };
    }
    return subject.ops->commit(store, ops, 8, err).code;
}

/* The byte of which all eight are; -1: they differ. */
static int
fill_of(struct tsec_store *store)
{
    int fill = -2;

    for (size_t i = 0; i < 8; i++) {
        TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(8192);
        const struct tsec_sink sink = tsec_buf_sink(&buf);
        char key[8];

        (void)snprintf(key, sizeof(key), "k%zu", i);
        if (tsec_failed(subject.ops->get(store, tsec_span_str(key), &sink, NULL)) || buf.len == 0
            || (fill != -2 && buf.ptr[0] != fill)) {
            return -1;
        }
        fill = buf.ptr[0];
    }
    return fill;
}

/* Writes new records until one is refused; true when it was for want of room, said so, and the
 * records of before are whole. */
static bool
fills_up(struct tsec_store *store)
{
    static unsigned char value[64 * 1024];
    struct tsec_err err = { 0 };
    int32_t code = 0;

    for (unsigned i = 0; i < 1000 && code == 0; i++) {
        char key[24];
        struct tsec_store_op op = { TSEC_STORE_PUT, TSEC_STORE_ANY, { NULL, 0 }, { NULL, 0 } };

        (void)snprintf(key, sizeof(key), "fill%u", i);
        memset(value, (int)i, sizeof(value));
        op.key = tsec_span_str(key);
        op.value = tsec_span(value, sizeof(value));
        code = subject.ops->commit(store, &op, 1, &err).code;
    }
    if (code != TSEC_E_UNAVAILABLE || strstr(err.detail, "disk is full") == NULL) {
        (void)fprintf(stderr, "filling up: %d %s\n", code, err.detail);
        return false;
    }
    return fill_of(store) == 'a';
}

static void
at_exit_of(pid_t child, const char *what)
{
    int status = 0;

    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == TEST_SKIP) {
        (void)fprintf(stderr, "%s: not checked here ", what);
        return;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        (void)fprintf(stderr, "%s: status %d ", what, status);
    }
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A step's number is the child's exit status. */
static int
meet_file_limit(const char *uri)
{
    struct rlimit limit = { 1024 * 1024, RLIM_INFINITY };
    struct tsec_store *store = contract_open(uri);

    (void)signal(SIGXFSZ, SIG_IGN);
    if (commit_eight(store, 'a', NULL) != 0) {
        return 2;
    }
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        return TEST_SKIP;
    }
    if (!fills_up(store)) {
        return 3;
    }
    limit.rlim_cur = RLIM_INFINITY;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || commit_eight(store, 'b', NULL) != 0
        || fill_of(store) != 'b') {
        return 4;
    }
    subject.ops->close(store);
    store = contract_open(uri);
    return fill_of(store) == 'b' ? 0 : 5;
}

static void
a_file_that_may_not_grow(void)
{
    char uri[512];
    pid_t child;

    fresh(uri, sizeof(uri));
    child = fork();
    if (child == 0) {
        _exit(meet_file_limit(uri));
    }
    at_exit_of(child, "file size limit");
}

/* A disk of its own in a mount namespace of its own: nothing is left behind. */
static int
meet_full_disk(void)
{
    char dir[512];
    char ballast[600];
    char uri[600];
    struct tsec_store *store;
    struct tsec_err err = { 0 };
    FILE *f;

    temp_path("small", dir, sizeof(dir));
    if (geteuid() != 0 || mkdir(dir, 0700) != 0 || unshare(CLONE_NEWNS) != 0
        || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
        || mount("tmpfs", dir, "tmpfs", 0, "size=4m") != 0) {
        return TEST_SKIP;
    }
    (void)snprintf(ballast, sizeof(ballast), "%s/ballast", dir);
    (void)snprintf(uri, sizeof(uri), "sqlite:%s/full.db", dir);
    f = fopen(ballast, "w");
    if (f == NULL || ftruncate(fileno(f), 0) != 0) {
        return 2;
    }
    for (size_t i = 0; i < 1024 * 1024; i++) {
        (void)fputc('x', f);
    }
    (void)fclose(f);
    store = contract_open(uri);
    if (commit_eight(store, 'a', NULL) != 0 || tsec_failed(subject.ops->health(store, NULL))) {
        return 3;
    }
    if (!fills_up(store) || subject.ops->health(store, &err).code != TSEC_E_UNAVAILABLE) {
        return 4;
    }
    (void)unlink(ballast);
    if (commit_eight(store, 'b', &err) != 0 || fill_of(store) != 'b') {
        (void)fprintf(stderr, "%s\n", err.detail);
        return 5;
    }
    subject.ops->close(store);
    if (mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY, "size=4m") != 0) {
        return TEST_SKIP;
    }
    return subject.ops->open(NULL, uri, &store, &err).code == TSEC_E_READ_ONLY ? 0 : 6;
}

static void
a_disk_that_is_full(void)
{
    const pid_t child = fork();

    if (child == 0) {
        _exit(meet_full_disk());
    }
    at_exit_of(child, "full disk");
}

static bool
opens_with(const char *uri, enum tsec_code code, const char *says)
{
    struct tsec_store *store = NULL;
    struct tsec_err err = { 0 };
    const tsec_rc rc = subject.ops->open(NULL, uri, &store, &err);

    if (rc.code != (int32_t)code || strstr(err.detail, says) == NULL) {
        (void)fprintf(stderr, "%s: %d %s\n", uri, rc.code, err.detail);
        return false;
    }
    return true;
}

/* As a user who may not write: root may, and the owner may not when the file says so. */
static int
meet_no_rights(const char *dir, const char *uri)
{
    char other[600];

    (void)snprintf(other, sizeof(other), "sqlite:%s/none.db", dir);
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) {
        return TEST_SKIP;
    }
    return opens_with(uri, TSEC_E_READ_ONLY, "right to write")
                   && opens_with(other, TSEC_E_READ_ONLY, "right to write")
               ? 0
               : 2;
}

static void
a_file_or_folder_that_may_not_be_written(void)
{
    char dir[512];
    char uri[600];
    struct tsec_store *store;
    pid_t child;

    temp_path("sealed", dir, sizeof(dir));
    CU_ASSERT_EQUAL_FATAL(mkdir(dir, 0755), 0);
    (void)snprintf(uri, sizeof(uri), "sqlite:%s/ro.db", dir);
    store = contract_open(uri);
    CU_ASSERT_EQUAL(commit_eight(store, 'a', NULL), 0);
    subject.ops->close(store);
    CU_ASSERT_EQUAL(chmod(temp_dir(), 0755), 0);
    CU_ASSERT_EQUAL(chmod(uri + strlen("sqlite:"), 0444), 0);
    CU_ASSERT_EQUAL(chmod(dir, 0555), 0);
    child = fork();
    if (child == 0) {
        _exit(meet_no_rights(dir, uri));
    }
    at_exit_of(child, "no rights");
    CU_ASSERT_EQUAL(chmod(dir, 0755), 0);
}

/* The nth write or flush of a commit fails, for all n until none is met: what the answer promised
 * is what is there, now and after the database was opened again. */
static void
fail_everywhere(enum fault_vfs_call call, int result, int after)
{
    char uri[512];
    struct tsec_store *store;
    unsigned unknown = 0;
    int met = 1;

    fresh(uri, sizeof(uri));
    store = contract_open(uri);
    CU_ASSERT_EQUAL(commit_eight(store, 1, NULL), 0);
    for (unsigned n = 1; n < 200 && met; n++) {
        const int before = fill_of(store);
        const unsigned char fill = (unsigned char)(n + 1);
        int32_t code;
        int now;

        fault_vfs_at(call, n, result, after);
        code = commit_eight(store, fill, NULL);
        met = fault_vfs_clear();
        now = fill_of(store);
        unknown += code == TSEC_E_OUTCOME_UNKNOWN ? 1 : 0;
        CU_ASSERT_TRUE(code == 0 || code == TSEC_E_UNAVAILABLE || code == TSEC_E_OUTCOME_UNKNOWN);
        CU_ASSERT_TRUE(code != 0 || now == fill);
        CU_ASSERT_TRUE(code != TSEC_E_UNAVAILABLE || now == before);
        CU_ASSERT_TRUE(now == before || now == fill);
        subject.ops->close(store);
        store = contract_open(uri);
        CU_ASSERT_EQUAL(fill_of(store), now);
    }
    CU_ASSERT_FALSE(met);
    CU_ASSERT_TRUE(result == SQLITE_FULL || unknown > 0);
    subject.ops->close(store);
}

static void
writes_that_find_no_room(void)
{
    fail_everywhere(FAULT_VFS_WRITE, SQLITE_FULL, 0);
    fail_everywhere(FAULT_VFS_WRITE, SQLITE_FULL, 1);
}

static void
writes_that_fail(void)
{
    fail_everywhere(FAULT_VFS_WRITE, SQLITE_IOERR_WRITE, 0);
    fail_everywhere(FAULT_VFS_WRITE, SQLITE_IOERR_WRITE, 1);
}

static void
flushes_that_fail(void)
{
    fail_everywhere(FAULT_VFS_SYNC, SQLITE_IOERR_FSYNC, 0);
    fail_everywhere(FAULT_VFS_SYNC, SQLITE_IOERR_FSYNC, 1);
}

/* While the disk stays broken every call says so; then the store works again. */
static void
a_disk_that_stays_broken(void)
{
    char uri[512];
    struct tsec_store *store;

    fresh(uri, sizeof(uri));
    store = contract_open(uri);
    CU_ASSERT_EQUAL(commit_eight(store, 1, NULL), 0);
    fault_vfs_at(FAULT_VFS_SYNC, 1, SQLITE_IOERR_FSYNC, 1);
    CU_ASSERT_EQUAL(commit_eight(store, 2, NULL), TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(commit_eight(store, 3, NULL), TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(subject.ops->health(store, NULL).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(fill_of(store), -1);
    (void)fault_vfs_clear();
    CU_ASSERT_EQUAL(subject.ops->health(store, NULL).code, 0);
    CU_ASSERT_TRUE(fill_of(store) == 1 || fill_of(store) == 2);
    CU_ASSERT_EQUAL(commit_eight(store, 4, NULL), 0);
    CU_ASSERT_EQUAL(fill_of(store), 4);
    subject.ops->close(store);
}

static const struct test_case cases[] = {
    { "a file that may not grow: refused, and works again", a_file_that_may_not_grow },
    { "a disk that is full: refused, and works again", a_disk_that_is_full },
    { "a file or folder that may not be written", a_file_or_folder_that_may_not_be_written },
    { "every write may find no room", writes_that_find_no_room },
    { "every write may fail", writes_that_fail },
    { "every flush may fail", flushes_that_fail },
    { "a disk that stays broken", a_disk_that_stays_broken },
};

int
main(void)
{
    const struct tsec_plugin *plugin = NULL;
    struct tsec_err err = { 0 };

    if (fault_vfs_install() != 0
        || tsec_failed(
            tsec_plugin_load(PLUGIN_DIR, "store-sqlite", TSEC_PLUGIN_STORE, &plugin, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return TEST_FAIL;
    }
    subject = (struct store_subject){ .ops = plugin->store, .fresh = fresh };
    store_contract_use(&subject);
    return test_main("store-sqlite on a bad disk", cases, sizeof(cases) / sizeof(cases[0]));
}
