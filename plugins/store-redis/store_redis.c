/* SPDX-License-Identifier: Apache-2.0 */
/* Several servers, one Redis.  What is in it is in redis_script.h; what is asked of it, when it is
 * believed and when it is asked again, in redis_call.h. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <tsec/store.h>

#include "codec/store_check.h"
#include "redis_call.h"
#include "redis_deadline.h"
#include "redis_rows.h"

enum {
    HEALTH_EVERY_MS = 5000, /* how long what is known is good enough */
    HEALTH_MS = 1000,       /* how long a look may take */
};

struct tsec_store {
    struct redis_access access;
    struct redis_caller caller;
    atomic_int_fast64_t looked_ns;
};

/* ---- life ---- */

static void
store_close(struct tsec_store *store)
{
    if (store == NULL) {
        return;
    }
    redis_caller_done(&store->caller);
    redis_access_done(&store->access);
    free(store);
}

static tsec_rc
first_look(struct tsec_store *store, struct tsec_err *err)
{
    struct redis_link *link = NULL;
    bool fresh = false;

    TSEC_TRY(redis_pool_take(&store->caller.pool, redis_deadline_in(store->access.call_ms), &link,
                             &fresh, err));
    redis_pool_give(&store->caller.pool, link, true);
    atomic_store(&store->looked_ns, redis_now_ns());
    return TSEC_OK;
}

static tsec_rc
store_open(const struct tsec_host *host, const char *uri, struct tsec_store **out,
           struct tsec_err *err)
{
    struct tsec_store *store = calloc(1, sizeof(*store));
    tsec_rc rc;

    if (store == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a store");
    }
    rc = redis_access_read(host, uri, &store->access, err);
    if (tsec_failed(rc)) {
        free(store);
        return rc;
    }
    redis_caller_init(&store->caller, &store->access);
    rc = first_look(store, err);
    if (tsec_failed(rc)) {
        store_close(store);
        return rc;
    }
    *out = store;
    return TSEC_OK;
}

/* ---- operations ---- */

/* While it runs, what a person has to mend is no reason to give up for good: it may be mended. */
static tsec_rc
while_running(tsec_rc rc)
{
    return rc.code == TSEC_E_CONFIG ? tsec_rc_of(TSEC_E_UNAVAILABLE) : rc;
}

static tsec_rc
store_get(struct tsec_store *store, struct tsec_span key, const struct tsec_sink *out,
          struct tsec_err *err)
{
    TSEC_TRY(tsec_store_check_key(key, err));
    return while_running(redis_rows_get(&store->caller, key, out, err));
}

static tsec_rc
store_get_many(struct tsec_store *store, const struct tsec_span *keys, size_t n,
               tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    const struct redis_visitor visitor = { visit, ctx };

    TSEC_TRY(tsec_store_check_keys(keys, n, err));
    return while_running(redis_rows_many(&store->caller, keys, n, &visitor, err));
}

static tsec_rc
store_scan(struct tsec_store *store, struct tsec_span prefix, struct tsec_span after, size_t limit,
           tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    const struct redis_visitor visitor = { visit, ctx };
    struct tsec_store_bounds bounds;

    TSEC_TRY(tsec_store_check_range(prefix, after, err));
    tsec_store_bounds(prefix, after, &bounds);
    return while_running(redis_rows_scan(&store->caller, &bounds, limit, &visitor, err));
}

static tsec_rc
store_commit(struct tsec_store *store, const struct tsec_store_op *ops, size_t n,
             struct tsec_err *err)
{
    TSEC_TRY(tsec_store_check_ops(ops, n, err));
    if (n == 0) {
        return TSEC_OK;
    }
    return while_running(redis_rows_commit(&store->caller, ops, n, err));
}

/* One caller looks, and only now and then; everybody else is told what is known. */
static tsec_rc
look(struct tsec_store *store, struct tsec_err *err)
{
    int_fast64_t looked = atomic_load(&store->looked_ns);
    const int64_t now = redis_now_ns();

    if (now - looked > HEALTH_EVERY_MS * REDIS_NS_PER_MS
        && atomic_compare_exchange_strong(&store->looked_ns, &looked, now)) {
        return redis_call_check(&store->caller, HEALTH_MS, err);
    }
    return redis_pool_state(&store->caller.pool, err);
}

/* What works but was only allowed is told as a detail beside OK. */
static tsec_rc
store_health(struct tsec_store *store, struct tsec_err *err)
{
    char caution[REDIS_PROBLEM_MAX];

    TSEC_TRY(while_running(look(store, err)));
    redis_pool_caution(&store->caller.pool, caution);
    if (err != NULL && caution[0] != '\0') {
        (void)snprintf(err->detail, sizeof(err->detail), "allow_volatile: %s", caution);
    }
    return TSEC_OK;
}

/* ---- descriptor ---- */

static const struct tsec_store_ops ops_table = {
    .struct_size = (uint32_t)sizeof(struct tsec_store_ops),
    .open = store_open,
    .close = store_close,
    .get = store_get,
    .scan = store_scan,
    .commit = store_commit,
    .health = store_health,
    .get_many = store_get_many,
};

static const struct tsec_plugin plugin = {
    TSEC_PLUGIN_HEADER(TSEC_PLUGIN_STORE),
    .name = "store-redis",
    .version = PACKAGE_VERSION,
    .store = &ops_table,
};

const struct tsec_plugin *
TSEC_PLUGIN_ENTRY(void)
{
    return &plugin;
}
