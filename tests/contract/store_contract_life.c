/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/contract/store_contract.h"

static struct tsec_store *
open_fresh(char *uri, size_t size)
{
    contract_subject->fresh(uri, size);
    return contract_open(uri);
}

void
contract_survives_reopening(void)
{
    char uri[512];
    struct tsec_store *store = open_fresh(uri, sizeof(uri));
    const struct tsec_store_op gone = {
        TSEC_STORE_DELETE, TSEC_STORE_ANY, tsec_span_str("b"), { NULL, 0 }
    };

    CU_ASSERT_EQUAL(contract_put(store, "a", "1").code, 0);
    CU_ASSERT_EQUAL(contract_put(store, "b", "1").code, 0);
    CU_ASSERT_EQUAL(contract_put(store, "a", "2").code, 0);
    CU_ASSERT_EQUAL(contract_subject->ops->commit(store, &gone, 1, NULL).code, 0);
    contract_subject->ops->close(store);
    store = contract_open(uri);
    CU_ASSERT_TRUE(contract_holds(store, "a", "2"));
    CU_ASSERT_TRUE(contract_holds(store, "b", NULL));
    contract_subject->ops->close(store);
}

/* ---- kill -9 ---- */

/* Commits pairs for ever, and says each number once its commit returned. */
static void
commit_until_killed(const char *uri, int out)
{
    struct tsec_store *store = contract_open(uri);

    for (uint32_t i = 0;; i++) {
        char key[2][24];
        struct tsec_store_op ops[2];

        for (size_t k = 0; k < 2; k++) {
            (void)snprintf(key[k], sizeof(key[k]), "%c%u", k == 0 ? 'x' : 'y', i);
            ops[k] = (struct tsec_store_op){ TSEC_STORE_PUT, TSEC_STORE_ABSENT,
                                             tsec_span_str(key[k]), tsec_span_str(key[k]) };
        }
        if (tsec_failed(contract_subject->ops->commit(store, ops, 2, NULL))
            || write(out, &i, sizeof(i)) != (ssize_t)sizeof(i)) {
            _exit(1);
        }
    }
}

/* The number of the last commit that returned. */
static uint32_t
kill_after(pid_t child, int in, unsigned commits)
{
    uint32_t seen = 0;
    uint32_t last = UINT32_MAX;
    int status = 0;

    while (read(in, &seen, sizeof(seen)) == (ssize_t)sizeof(seen)) {
        last = seen;
        if (seen == commits) {
            (void)kill(child, SIGKILL);
        }
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return last;
}

static void
check_pairs(const char *uri, uint32_t last)
{
    struct tsec_store *store = contract_open(uri);
    char x[24];
    char y[24];

    for (uint32_t i = 0; i <= last; i++) {
        (void)snprintf(x, sizeof(x), "x%u", i);
        (void)snprintf(y, sizeof(y), "y%u", i);
        CU_ASSERT_TRUE(contract_holds(store, x, x));
        CU_ASSERT_TRUE(contract_holds(store, y, y));
    }
    /* The next one was under way: there whole, or not at all. */
    (void)snprintf(x, sizeof(x), "x%u", last + 1);
    (void)snprintf(y, sizeof(y), "y%u", last + 1);
    CU_ASSERT_EQUAL(contract_holds(store, x, NULL), contract_holds(store, y, NULL));
    CU_ASSERT_EQUAL(contract_put(store, "still", "works").code, 0);
    contract_subject->ops->close(store);
}

void
contract_survives_kill(void)
{
    static const unsigned rounds[] = { 1, 7, 40 };

    for (size_t i = 0; contract_subject->other_process && i < TSEC_ARRAY_LEN(rounds); i++) {
        char uri[512];
        int fds[2];
        pid_t child;
        uint32_t last;

        contract_subject->fresh(uri, sizeof(uri));
        CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
        child = fork();
        if (child == 0) {
            (void)close(fds[0]);
            commit_until_killed(uri, fds[1]);
        }
        (void)close(fds[1]);
        last = kill_after(child, fds[0], rounds[i]);
        (void)close(fds[0]);
        CU_ASSERT_TRUE_FATAL(last != UINT32_MAX);
        check_pairs(uri, last);
    }
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 25 };

struct racer {
    struct tsec_store *store;
    unsigned won;
    unsigned wrong;
};

static void *
race(void *ctx)
{
    struct racer *racer = ctx;

    for (unsigned i = 0; i < ROUNDS; i++) {
        char key[24];
        struct tsec_store_op op = { TSEC_STORE_PUT, TSEC_STORE_ABSENT, { NULL, 0 }, { NULL, 0 } };
        int32_t code;

        (void)snprintf(key, sizeof(key), "segment%u", i);
        op.key = tsec_span_str(key);
        op.value = op.key;
        code = contract_subject->ops->commit(racer->store, &op, 1, NULL).code;
        racer->won += code == 0 ? 1 : 0;
        racer->wrong += code != 0 && code != TSEC_E_CONFLICT ? 1 : 0;
        racer->wrong += contract_holds(racer->store, key, key) ? 0 : 1;
    }
    return NULL;
}

void
contract_one_of_many_wins(void)
{
    char uri[512];
    struct tsec_store *store = open_fresh(uri, sizeof(uri));
    struct racer racers[THREADS];
    pthread_t threads[THREADS];
    unsigned won = 0;

    for (size_t i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){ .store = store };
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
        won += racers[i].won;
        CU_ASSERT_EQUAL(racers[i].wrong, 0);
    }
    CU_ASSERT_EQUAL(won, ROUNDS);
    contract_subject->ops->close(store);
}

/* One writer raises two records in one commit; readers may never see one lower than what was
 * returned before they looked, nor a scan that started later see a lower one. */
struct tide {
    struct tsec_store *store;
    atomic_uint returned;
    atomic_bool over;
    atomic_uint wrong;
    atomic_uint looks;
};

struct pair {
    unsigned seen[2];
    size_t n;
};

static tsec_rc
note_number(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct pair *pair = ctx;

    (void)key;
    if (pair->n < 2 && value.len == sizeof(unsigned)) {
        memcpy(&pair->seen[pair->n++], value.ptr, sizeof(unsigned));
    }
    return TSEC_OK;
}

static void *
watch(void *ctx)
{
    struct tide *tide = ctx;

    while (!atomic_load(&tide->over)) {
        const unsigned before = atomic_load(&tide->returned);
        struct pair pair = { .n = 0 };
        const tsec_rc rc = contract_subject->ops->scan(
            tide->store, tsec_span_str("t"), tsec_span("", 0), 10, note_number, &pair, NULL);

        if (tsec_failed(rc) || pair.n != 2 || pair.seen[0] < before || pair.seen[1] < before) {
            atomic_fetch_add(&tide->wrong, 1);
        }
        atomic_fetch_add(&tide->looks, 1);
    }
    return NULL;
}

static int32_t
raise_to(struct tsec_store *store, unsigned level)
{
    const struct tsec_span value = tsec_span(&level, sizeof(level));
    const struct tsec_store_op ops[] = {
        { TSEC_STORE_PUT, TSEC_STORE_ANY, tsec_span_str("t1"), value },
        { TSEC_STORE_PUT, TSEC_STORE_ANY, tsec_span_str("t2"), value },
    };

    return contract_subject->ops->commit(store, ops, 2, NULL).code;
}

void
contract_readers_see_what_returned(void)
{
    char uri[512];
    struct tide tide = { .store = open_fresh(uri, sizeof(uri)) };
    pthread_t threads[THREADS];

    CU_ASSERT_EQUAL(raise_to(tide.store, 0), 0);
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, watch, &tide), 0);
    }
    for (unsigned level = 1; level <= 100; level++) {
        CU_ASSERT_EQUAL(raise_to(tide.store, level), 0);
        atomic_store(&tide.returned, level);
    }
    while (atomic_load(&tide.looks) < 10) {
        (void)usleep(1000);
    }
    atomic_store(&tide.over, true);
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    CU_ASSERT_EQUAL(atomic_load(&tide.wrong), 0);
    contract_subject->ops->close(tide.store);
}

void
contract_another_handle_sees(void)
{
    char uri[512];
    struct tsec_store *one = open_fresh(uri, sizeof(uri));

    if (contract_subject->shared) {
        struct tsec_store *two = contract_open(uri);

        for (unsigned i = 0; i < 10; i++) {
            char key[24];

            (void)snprintf(key, sizeof(key), "k%u", i);
            CU_ASSERT_EQUAL(contract_put(i % 2 == 0 ? one : two, key, key).code, 0);
            CU_ASSERT_TRUE(contract_holds(i % 2 == 0 ? two : one, key, key));
        }
        contract_subject->ops->close(two);
    }
    contract_subject->ops->close(one);
}
