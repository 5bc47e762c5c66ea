/* SPDX-License-Identifier: Apache-2.0 */
/* What of store-sqlite the contract does not say: its files, its URIs, its neighbours. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/span.h"
#include "load/loader.h"
#include "tests/contract/store_contract.h"
#include "tests/double/fake_host.h"
#include "tests/double/temp_dir.h"

static struct store_subject subject;
static struct fake_host host;
static char path[512];
static char uri[600];

static void
new_path(void)
{
    static unsigned n;
    char name[32];

    (void)snprintf(name, sizeof(name), "own%u.db", n++);
    temp_path(name, path, sizeof(path));
    (void)snprintf(uri, sizeof(uri), "sqlite:%s", path);
}

static bool
refused(const char *at, enum tsec_code code, const char *says)
{
    struct tsec_store *store = NULL;
    struct tsec_err err = { 0 };
    const tsec_rc rc = subject.ops->open(&host.host, at, &store, &err);

    if (rc.code != (int32_t)code || store != NULL || strstr(err.detail, says) == NULL) {
        (void)fprintf(stderr, "%s: %d %s\n", at, rc.code, err.detail);
        return false;
    }
    return true;
}

static mode_t
mode_of(const char *suffix)
{
    char file[600];
    struct stat st;

    (void)snprintf(file, sizeof(file), "%s%s", path, suffix);
    return stat(file, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void
files_are_for_their_owner(void)
{
    const mode_t saved = umask(0);
    struct tsec_store *store;

    new_path();
    store = contract_open(uri);
    CU_ASSERT_EQUAL(contract_put(store, "a", "1").code, 0);
    CU_ASSERT_EQUAL(mode_of(""), 0600);
    CU_ASSERT_EQUAL(mode_of("-wal"), 0600);
    CU_ASSERT_EQUAL(mode_of("-shm"), 0600);
    CU_ASSERT_EQUAL(mode_of(".lock"), 0600);
    subject.ops->close(store);
    CU_ASSERT_EQUAL(chmod(path, 0644), 0);
    host.warnings = 0;
    CU_ASSERT_EQUAL(subject.ops->open(&host.host, uri, &store, NULL).code, 0);
    CU_ASSERT_EQUAL(host.warnings, 1);
    subject.ops->close(store);
    (void)umask(saved);
}

static void
one_file_has_three_names(void)
{
    char other[600];
    struct tsec_store *store;

    new_path();
    store = contract_open(uri);
    CU_ASSERT_EQUAL(contract_put(store, "a", "1").code, 0);
    subject.ops->close(store);
    (void)snprintf(other, sizeof(other), "sqlite://%s", path);
    store = contract_open(other);
    CU_ASSERT_TRUE(contract_holds(store, "a", "1"));
    subject.ops->close(store);
    store = contract_open(path);
    CU_ASSERT_TRUE(contract_holds(store, "a", "1"));
    subject.ops->close(store);
}

static void
a_second_server_is_kept_out(void)
{
    struct tsec_store *store;
    pid_t child;
    int status = 0;

    new_path();
    store = contract_open(uri);
    child = fork();
    if (child == 0) {
        _exit(refused(uri, TSEC_E_UNAVAILABLE, "another server has this database open") ? 0 : 1);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CU_ASSERT_TRUE(refused(uri, TSEC_E_UNAVAILABLE, "another server"));
    CU_ASSERT_EQUAL(contract_put(store, "a", "1").code, 0); /* the first goes on */
    subject.ops->close(store);
    store = contract_open(uri);
    CU_ASSERT_TRUE(contract_holds(store, "a", "1"));
    subject.ops->close(store);
}

static int
sql(const char *text)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);

    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(db, text, NULL, NULL, NULL);
    }
    (void)sqlite3_close(db);
    return rc;
}

static void
a_shell_may_read_and_write_beside(void)
{
    struct tsec_store *store;

    new_path();
    store = contract_open(uri);
    CU_ASSERT_EQUAL(contract_put(store, "a", "1").code, 0);
    CU_ASSERT_EQUAL(sql("SELECT * FROM kv"), SQLITE_OK);
    CU_ASSERT_EQUAL(sql("INSERT INTO kv VALUES (x'62', x'32')"), SQLITE_OK);
    CU_ASSERT_TRUE(contract_holds(store, "b", "2"));
    CU_ASSERT_EQUAL(contract_put(store, "a", "3").code, 0);
    CU_ASSERT_TRUE(contract_holds(store, "a", "3"));
    subject.ops->close(store);
}

static void
a_shell_that_keeps_the_lock_is_named(void)
{
    struct tsec_err err = { 0 };
    struct tsec_store *store;
    sqlite3 *db = NULL;
    const struct tsec_store_op op = { TSEC_STORE_PUT, TSEC_STORE_ANY, tsec_span_str("a"),
                                      tsec_span_str("2") };

    new_path();
    store = contract_open(uri);
    CU_ASSERT_EQUAL(contract_put(store, "a", "1").code, 0);
    CU_ASSERT_EQUAL_FATAL(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL(subject.ops->commit(store, &op, 1, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "another process is writing"));
    CU_ASSERT_TRUE(contract_holds(store, "a", "1"));
    (void)sqlite3_close(db);
    CU_ASSERT_EQUAL(subject.ops->commit(store, &op, 1, &err).code, 0);
    subject.ops->close(store);
}

/* Values that no commit can have stored, and SQL that stands in the file. */
static void
a_hostile_file_is_told(void)
{
    struct tsec_store *store;

    new_path();
    store = contract_open(uri);
    CU_ASSERT_EQUAL(contract_put(store, "a", "1").code, 0);
    subject.ops->close(store);
    CU_ASSERT_EQUAL(sql("UPDATE kv SET value = zeroblob(1052673)"), SQLITE_OK);
    store = contract_open(uri);
    CU_ASSERT_FALSE(contract_holds(store, "a", "1"));
    subject.ops->close(store);
    CU_ASSERT_EQUAL(sql("CREATE TRIGGER t AFTER INSERT ON kv BEGIN DELETE FROM kv; END"),
                    SQLITE_OK);
    CU_ASSERT_TRUE(refused(uri, TSEC_E_TAMPERED, "tables were changed"));
}

static void
a_file_that_was_replaced_is_told(void)
{
    char moved[600];
    struct tsec_err err = { 0 };
    struct tsec_store *store;

    new_path();
    store = contract_open(uri);
    CU_ASSERT_EQUAL(subject.ops->health(store, &err).code, 0);
    (void)snprintf(moved, sizeof(moved), "%s.moved", path);
    CU_ASSERT_EQUAL(rename(path, moved), 0);
    CU_ASSERT_EQUAL(subject.ops->health(store, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "restart"));
    CU_ASSERT_EQUAL(rename(moved, path), 0);
    CU_ASSERT_EQUAL(subject.ops->health(store, &err).code, 0);
    subject.ops->close(store);
}

/* The log is written back as it grows: 200 commits of 64 KiB leave it near 8 MiB, not 13. */
static void
the_log_stays_bounded(void)
{
    static unsigned char value[65536];
    char file[600];
    struct stat st = { 0 };
    struct tsec_store *store;

    new_path();
    store = contract_open(uri);
    for (unsigned i = 0; i < 200; i++) {
        const struct tsec_store_op op = { TSEC_STORE_PUT, TSEC_STORE_ANY, tsec_span_str("a"),
                                          tsec_span(value, sizeof(value)) };

        memset(value, (int)i, sizeof(value));
        CU_ASSERT_EQUAL(subject.ops->commit(store, &op, 1, NULL).code, 0);
    }
    (void)snprintf(file, sizeof(file), "%s-wal", path);
    CU_ASSERT_EQUAL(stat(file, &st), 0);
    CU_ASSERT_TRUE(st.st_size < 10 * 1024 * 1024);
    subject.ops->close(store);
}

static void
a_place_that_makes_no_sense_is_refused(void)
{
    CU_ASSERT_TRUE(refused("sqlite:", TSEC_E_CONFIG, "names no file"));
    CU_ASSERT_TRUE(refused("sqlite://host/x", TSEC_E_CONFIG, "names no host"));
    CU_ASSERT_TRUE(refused("sqlite:x?mode=ro", TSEC_E_CONFIG, "no options"));
    CU_ASSERT_TRUE(refused("sqlite::memory:", TSEC_E_CONFIG, "forget"));
    CU_ASSERT_TRUE(refused("/nonexistent/x.db", TSEC_E_CONFIG, "create it first"));
    CU_ASSERT_TRUE(refused("/", TSEC_E_CONFIG, "names no file"));
}

static const struct test_case cases[] = {
    { "files are for their owner", files_are_for_their_owner },
    { "one file has three names", one_file_has_three_names },
    { "a second server is kept out", a_second_server_is_kept_out },
    { "a shell may read and write beside", a_shell_may_read_and_write_beside },
    { "a shell that keeps the lock is named", a_shell_that_keeps_the_lock_is_named },
    { "a hostile file is told", a_hostile_file_is_told },
    { "a file that was replaced is told", a_file_that_was_replaced_is_told },
    { "the log stays bounded", the_log_stays_bounded },
    { "a place that makes no sense is refused", a_place_that_makes_no_sense_is_refused },
};

int
main(void)
{
    const struct tsec_plugin *plugin = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(
            tsec_plugin_load(PLUGIN_DIR, "store-sqlite", TSEC_PLUGIN_STORE, &plugin, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return TEST_FAIL;
    }
    subject.ops = plugin->store;
    fake_host_init(&host, NULL);
    store_contract_use(&subject);
    return test_main("store-sqlite", cases, sizeof(cases) / sizeof(cases[0]));
}
