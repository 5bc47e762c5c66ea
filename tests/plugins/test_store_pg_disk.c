/* SPDX-License-Identifier: Apache-2.0 */
/* The database's disk is full, which ends a transaction with 53100, or PostgreSQL altogether when
 * it is the log that does not fit. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/plugins/pg_trial.h"

enum { ROWS_MAX = 400, VALUE_LEN = 256 * 1024 };

static char filler[256];

/* Leaves so many KiB. */
static void
fill_up(unsigned leave_kib)
{
    static const char zeros[65536];
    const int fd = open(filler, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    off_t size = 0;
    ssize_t n;

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    while ((n = write(fd, zeros, sizeof(zeros))) > 0) {
        size += n;
    }
    CU_ASSERT_EQUAL(ftruncate(fd, size > leave_kib * 1024L ? size - leave_kib * 1024L : 0), 0);
    (void)close(fd);
}

/* A server that ended for want of room is started again, as its supervisor would. */
static void
see_that_it_runs(void)
{
    int status;

    if (pg_trial_rig.pid == 0 || waitpid(pg_trial_rig.pid, &status, WNOHANG) != 0) {
        pg_trial_rig.pid = 0;
        CU_ASSERT_TRUE_FATAL(pg_rig_start(&pg_trial_rig));
    }
}

static int32_t
put_big(struct tsec_store *store, unsigned i, const uint8_t *value)
{
    char key[16];
    struct tsec_store_op op;

    (void)snprintf(key, sizeof(key), "k%04u", i);
    op = pg_trial_op(TSEC_STORE_PUT, TSEC_STORE_ABSENT, key, "");
    op.value = tsec_span(value, VALUE_LEN);
    return store_pg_plugin.store->commit(store, &op, 1, NULL).code;
}

static size_t
length_of(struct tsec_store *store, unsigned i)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&buf);
    char key[16];

    (void)snprintf(key, sizeof(key), "k%04u", i);
    return store_pg_plugin.store->get(store, tsec_span_str(key), &sink, NULL).code == 0 ? buf.len
                                                                                        : 0;
}

static void
a_full_disk_loses_nothing_and_ends(void)
{
    struct pg_trial t;
    struct tsec_store *store;
    uint8_t *value = calloc(1, VALUE_LEN);
    int32_t code[ROWS_MAX];
    unsigned n = 0;
    bool refused = false;
    bool again = false;

    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    (void)snprintf(filler, sizeof(filler), "%s/filler", pg_trial_rig.folder);
    pg_trial_init(&t, NULL, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    fill_up(4096);
    while (n < ROWS_MAX && !refused) {
        code[n] = put_big(store, n, value);
        CU_ASSERT_TRUE(code[n] == 0 || code[n] == TSEC_E_UNAVAILABLE
                       || code[n] == TSEC_E_OUTCOME_UNKNOWN);
        refused = code[n] != 0;
        n++;
    }
    CU_ASSERT_TRUE(refused);
    CU_ASSERT_TRUE(n > 1);
    (void)unlink(filler);
    (void)usleep(300000);
    see_that_it_runs();
    for (int i = 0; i < 1000 && !again; i++) {
        again = pg_trial_put(store, TSEC_STORE_ANY, "again", "1") == 0;
        (void)usleep(5000);
    }
    CU_ASSERT_TRUE(again);
    for (unsigned i = 0; i < n; i++) {
        const size_t len = length_of(store, i);

        CU_ASSERT_TRUE(len == 0 || len == VALUE_LEN);
        CU_ASSERT_FALSE(code[i] == 0 && len == 0);
        CU_ASSERT_FALSE(code[i] == TSEC_E_UNAVAILABLE && len != 0);
    }
    (void)printf("(%u commits, the last %d) ", n, code[n - 1]);
    free(value);
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

static const struct test_case cases[] = {
    { "a full disk loses nothing, and ends", a_full_disk_loses_nothing_and_ends },
};

int
main(void)
{
    const int ready =
        pg_rig_open_small(&pg_trial_rig, "min_wal_size = 32MB\nmax_wal_size = 32MB\n", 160);

    return ready == TEST_PASS ? test_main("store-pg on a full disk", cases, TSEC_ARRAY_LEN(cases))
                              : ready;
}
