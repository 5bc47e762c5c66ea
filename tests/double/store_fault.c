/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/store_fault.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tests/double/store_mem.h"

struct instruction {
    unsigned countdown; /* 0: none */
    enum store_fault fault;
    enum tsec_code code;
};

struct tsec_store {
    const struct tsec_store_ops *ops;
    struct tsec_store *inner;
    pthread_mutex_t lock;
    enum tsec_code down; /* TSEC_OK_CODE: up */
    struct instruction next[STORE_CALLS];
    unsigned calls[STORE_CALLS];
};

static const struct tsec_store_ops *behind = &store_mem_ops;
static struct tsec_store *last;

/* What this call meets. */
struct verdict {
    bool pass;
    tsec_rc answer; /* OK: that of the store behind */
};

static struct verdict
judge(struct tsec_store *store, enum store_call call, struct tsec_err *err)
{
    struct instruction *next = &store->next[call];
    struct verdict v = { .pass = true, .answer = TSEC_OK };

    (void)pthread_mutex_lock(&store->lock);
    store->calls[call]++;
    if (next->countdown > 0 && --next->countdown == 0) {
        v.pass = next->fault == STORE_FAULT_LOSE_APPLIED;
        v.answer = TSEC_FAIL(err, next->code, "a fault was asked for at this call");
    }
    if (store->down != TSEC_OK_CODE) {
        v.pass = false;
        v.answer = TSEC_FAIL(err, store->down, "the store was made to be down");
    }
    (void)pthread_mutex_unlock(&store->lock);
    return v;
}

static tsec_rc
fault_open(const struct tsec_host *host, const char *uri, struct tsec_store **out,
           struct tsec_err *err)
{
    struct tsec_store *store;
    tsec_rc rc;

    if (strncmp(uri, "fault:", 6) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "not a faulty store, write fault:URI: %s", uri);
    }
    store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a store");
    }
    store->ops = behind;
    rc = behind->open(host, uri + 6, &store->inner, err);
    if (tsec_failed(rc)) {
        free(store);
        return rc;
    }
    (void)pthread_mutex_init(&store->lock, NULL);
    last = store;
    *out = store;
    return TSEC_OK;
}

static void
fault_close(struct tsec_store *store)
{
    if (store == NULL) {
        return;
    }
    store->ops->close(store->inner);
    (void)pthread_mutex_destroy(&store->lock);
    last = last == store ? NULL : last;
    free(store);
}

static tsec_rc
fault_get(struct tsec_store *store, struct tsec_span key, const struct tsec_sink *out,
          struct tsec_err *err)
{
    const struct verdict v = judge(store, STORE_CALL_GET, err);
    tsec_rc rc = v.answer;

    if (v.pass) {
        rc = store->ops->get(store->inner, key, out, err);
    }
    return tsec_failed(v.answer) ? v.answer : rc;
}

/* Counts, and is refused, as one get. */
static tsec_rc
fault_get_many(struct tsec_store *store, const struct tsec_span *keys, size_t n,
               tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    const struct verdict v = judge(store, STORE_CALL_GET, err);
    tsec_rc rc = v.answer;

    if (v.pass) {
        rc = store->ops->get_many(store->inner, keys, n, visit, ctx, err);
    }
    return tsec_failed(v.answer) ? v.answer : rc;
}

static tsec_rc
fault_scan(struct tsec_store *store, struct tsec_span prefix, struct tsec_span after, size_t limit,
           tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    const struct verdict v = judge(store, STORE_CALL_SCAN, err);
    tsec_rc rc = v.answer;

    if (v.pass) {
        rc = store->ops->scan(store->inner, prefix, after, limit, visit, ctx, err);
    }
    return tsec_failed(v.answer) ? v.answer : rc;
}

static tsec_rc
fault_commit(struct tsec_store *store, const struct tsec_store_op *ops, size_t n,
             struct tsec_err *err)
{
    const struct verdict v = judge(store, STORE_CALL_COMMIT, err);
    tsec_rc rc = v.answer;

    if (v.pass) {
        rc = store->ops->commit(store->inner, ops, n, err);
    }
    return tsec_failed(v.answer) ? v.answer : rc;
}

static tsec_rc
fault_health(struct tsec_store *store, struct tsec_err *err)
{
    const struct verdict v = judge(store, STORE_CALL_HEALTH, err);

    return tsec_failed(v.answer) ? v.answer : store->ops->health(store->inner, err);
}

const struct tsec_store_ops store_fault_ops = {
    .struct_size = (uint32_t)sizeof(struct tsec_store_ops),
    .open = fault_open,
    .close = fault_close,
    .get = fault_get,
    .scan = fault_scan,
    .commit = fault_commit,
    .health = fault_health,
    .get_many = fault_get_many,
};

const struct tsec_plugin store_fault_plugin = {
    TSEC_PLUGIN_HEADER(TSEC_PLUGIN_STORE),
    .name = "store-fault",
    .version = "0",
    .store = &store_fault_ops,
};

void
store_fault_behind(const struct tsec_store_ops *ops)
{
    behind = ops;
}

void
store_fault_at(struct tsec_store *store, enum store_call call, unsigned nth, enum store_fault fault,
               enum tsec_code code)
{
    (void)pthread_mutex_lock(&store->lock);
    store->next[call] = (struct instruction){ .countdown = nth, .fault = fault, .code = code };
    (void)pthread_mutex_unlock(&store->lock);
}

void
store_fault_down(struct tsec_store *store, enum tsec_code code)
{
    (void)pthread_mutex_lock(&store->lock);
    store->down = code;
    (void)pthread_mutex_unlock(&store->lock);
}

void
store_fault_clear(struct tsec_store *store)
{
    (void)pthread_mutex_lock(&store->lock);
    store->down = TSEC_OK_CODE;
    memset(store->next, 0, sizeof(store->next));
    (void)pthread_mutex_unlock(&store->lock);
}

unsigned
store_fault_calls(struct tsec_store *store, enum store_call call)
{
    unsigned calls;

    (void)pthread_mutex_lock(&store->lock);
    calls = store->calls[call];
    (void)pthread_mutex_unlock(&store->lock);
    return calls;
}

struct tsec_store *
store_fault_last(void)
{
    return last;
}
