/* SPDX-License-Identifier: Apache-2.0 */
#include "core/store_watch.h"

#include <pthread.h>
#include <stdlib.h>

/* A refusal to write is believed for so long; then it is enough that the database answers, so that
 * a server that nobody writes to does not call itself broken for ever. */
#define REFUSAL_NS (30 * TSEC_NS_PER_S)

enum call { CALL_READ, CALL_COMMIT, CALL_HEALTH };

struct tsec_store {
    struct store_watch_options to;
    struct tsec_store_ops ops;
    pthread_mutex_t lock;
    struct store_watch_status status;
    bool refused;            /* it can be read and not written */
    int64_t refused_mono_ns; /* last */
    bool by_health;          /* nothing but health() says so */
};

struct store_watch {
    struct tsec_store store;
};

static bool
is_away(tsec_rc rc)
{
    return rc.code == TSEC_E_UNAVAILABLE || rc.code == TSEC_E_OUTCOME_UNKNOWN
           || rc.code == TSEC_E_READ_ONLY;
}

static bool
is_answer(tsec_rc rc)
{
    return !tsec_failed(rc) || rc.code == TSEC_E_NOT_FOUND || rc.code == TSEC_E_CONFLICT;
}

/* What can be read may still refuse to be written; and what says that it is well may only not have
 * noticed yet. */
static bool
is_proof(const struct tsec_store *s, enum call call)
{
    switch (call) {
    case CALL_COMMIT:
        return true;
    case CALL_READ:
        return !s->refused || tsec_clock_mono_ns(s->to.clock) - s->refused_mono_ns >= REFUSAL_NS;
    case CALL_HEALTH:
    default:
        return s->by_health;
    }
}

static void
begin_outage(struct tsec_store *s)
{
    s->status.failing = true;
    s->status.since_ns = tsec_clock_real_ns(s->to.clock);
    s->status.outages++;
    s->refused = false;
    s->by_health = true;
}

static void
count_failure(struct tsec_store *s, enum call call, tsec_rc rc, const struct tsec_err *err)
{
    if (!s->status.failing) {
        begin_outage(s);
    }
    s->status.failures += call == CALL_HEALTH ? 0 : 1;
    s->status.why = *err;
    s->status.why.code = rc.code;
    if (rc.code == TSEC_E_READ_ONLY) {
        s->refused = true;
        s->refused_mono_ns = tsec_clock_mono_ns(s->to.clock);
    }
    s->by_health = s->by_health && call == CALL_HEALTH;
}

static void
note(struct tsec_store *s, enum call call, tsec_rc rc, const struct tsec_err *err)
{
    struct store_watch_status now;
    int64_t lasted_ns = 0;
    bool changed = false;

    (void)pthread_mutex_lock(&s->lock);
    if (is_away(rc)) {
        changed = !s->status.failing;
        count_failure(s, call, rc, err);
    } else if (is_answer(rc) && s->status.failing && is_proof(s, call)) {
        const int64_t at = tsec_clock_real_ns(s->to.clock);

        changed = true;
        lasted_ns = at - s->status.since_ns;
        s->status.failing = false;
        s->status.since_ns = at;
    }
    now = s->status;
    (void)pthread_mutex_unlock(&s->lock);
    if (changed && s->to.changed != NULL) {
        s->to.changed(s->to.ctx, &now, lasted_ns);
    }
}

/* What the store said; a visitor may have said something to the same place by itself. */
static void
tell(struct tsec_err *err, const struct tsec_err *said)
{
    if (err != NULL && (said->code != TSEC_OK_CODE || said->detail[0] != '\0')) {
        *err = *said;
    }
}

static tsec_rc
watch_get(struct tsec_store *s, struct tsec_span key, const struct tsec_sink *out,
          struct tsec_err *err)
{
    struct tsec_err said = { 0 };
    const tsec_rc rc = s->to.ops->get(s->to.store, key, out, &said);

    note(s, CALL_READ, rc, &said);
    tell(err, &said);
    return rc;
}

static tsec_rc
watch_get_many(struct tsec_store *s, const struct tsec_span *keys, size_t n,
               tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    struct tsec_err said = { 0 };
    const tsec_rc rc = s->to.ops->get_many(s->to.store, keys, n, visit, ctx, &said);

    note(s, CALL_READ, rc, &said);
    tell(err, &said);
    return rc;
}

static tsec_rc
watch_scan(struct tsec_store *s, struct tsec_span prefix, struct tsec_span after, size_t limit,
           tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    struct tsec_err said = { 0 };
    const tsec_rc rc = s->to.ops->scan(s->to.store, prefix, after, limit, visit, ctx, &said);

    note(s, CALL_READ, rc, &said);
    tell(err, &said);
    return rc;
}

static tsec_rc
watch_commit(struct tsec_store *s, const struct tsec_store_op *ops, size_t n, struct tsec_err *err)
{
    struct tsec_err said = { 0 };
    const tsec_rc rc = s->to.ops->commit(s->to.store, ops, n, &said);

    note(s, CALL_COMMIT, rc, &said);
    tell(err, &said);
    return rc;
}

static tsec_rc
watch_health(struct tsec_store *s, struct tsec_err *err)
{
    struct tsec_err said = { 0 };
    const tsec_rc rc = s->to.ops->health(s->to.store, &said);

    note(s, CALL_HEALTH, rc, &said);
    tell(err, &said);
    return rc;
}

static bool
watch_exclusive(struct tsec_store *s)
{
    return s->to.ops->exclusive(s->to.store);
}

tsec_rc
store_watch_new(const struct store_watch_options *options, struct store_watch **out,
                struct tsec_err *err)
{
    struct store_watch *watch = calloc(1, sizeof(*watch));

    if (watch == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a watch over the store");
    }
    watch->store.to = *options;
    watch->store.ops = (struct tsec_store_ops){
        .struct_size = sizeof(struct tsec_store_ops),
        .get = watch_get,
        .scan = watch_scan,
        .commit = watch_commit,
        .health = watch_health,
        .get_many = TSEC_HAS(options->ops, get_many) ? watch_get_many : NULL,
        .exclusive = TSEC_HAS(options->ops, exclusive) ? watch_exclusive : NULL,
    };
    watch->store.status.since_ns = tsec_clock_real_ns(options->clock);
    (void)pthread_mutex_init(&watch->store.lock, NULL);
    *out = watch;
    return TSEC_OK;
}

void
store_watch_free(struct store_watch *watch)
{
    if (watch != NULL) {
        (void)pthread_mutex_destroy(&watch->store.lock);
        free(watch);
    }
}

const struct tsec_store_ops *
store_watch_ops(const struct store_watch *watch)
{
    return &watch->store.ops;
}

struct tsec_store *
store_watch_store(struct store_watch *watch)
{
    return &watch->store;
}

void
store_watch_status(struct store_watch *watch, struct store_watch_status *out)
{
    struct tsec_store *s = &watch->store;

    (void)pthread_mutex_lock(&s->lock);
    *out = s->status;
    (void)pthread_mutex_unlock(&s->lock);
}

static tsec_rc
drop_bytes(void *ctx, struct tsec_span bytes)
{
    (void)ctx;
    (void)bytes;
    return TSEC_OK;
}

void
store_watch_probe(struct store_watch *watch)
{
    const struct tsec_sink sink = { .write = drop_bytes };
    struct store_watch_status now;

    store_watch_status(watch, &now);
    if (now.failing) {
        (void)watch_get(&watch->store, tsec_span("?", 1), &sink, NULL).code;
    }
}
