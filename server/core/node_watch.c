/* SPDX-License-Identifier: Apache-2.0 */
/* A server that started over an empty store: another may initialise it. */
#include <time.h>

#include "core/node_internal.h"

enum { LOOK_MS = 500, LOOK_STEP_MS = 50 };

static tsec_rc
found_one(void *ctx, struct tsec_span key, struct tsec_span value)
{
    (void)key;
    (void)value;
    *(bool *)ctx = true;
    return TSEC_OK;
}

tsec_rc
node_store_has(const struct node *node, const char *prefix, bool *has, struct tsec_err *err)
{
    const struct node_options *o = &node->options;

    *has = false;
    return o->store_ops->scan(o->store, tsec_span(prefix, 1), tsec_span(NULL, 0), 1, found_one, has,
                              err);
}

void
node_watch_look(struct node *node)
{
    struct tsec_err err = { 0 };
    bool initialized = false;

    if (tsec_failed(node_store_has(node, "k", &initialized, &err)) || !initialized) {
        return;
    }
    (void)pthread_mutex_lock(&node->life);
    (void)pthread_rwlock_wrlock(&node->lock);
    if (node->status == NODE_UNINITIALIZED && tsec_failed(node_activate(node, &err))) {
        node_notice(node, "the cluster that another server made does not open", &err);
    }
    (void)pthread_rwlock_unlock(&node->lock);
    (void)pthread_mutex_unlock(&node->life);
}

static void
pause_until_next(struct node *node)
{
    const struct timespec step = { .tv_nsec = LOOK_STEP_MS * 1000000L };

    for (int ms = 0; ms < LOOK_MS && !atomic_load(&node->watch_stop); ms += LOOK_STEP_MS) {
        (void)nanosleep(&step, NULL);
    }
}

static void *
watch_main(void *arg)
{
    struct node *node = arg;

    (void)pthread_setname_np(pthread_self(), "watcher");
    while (!atomic_load(&node->watch_stop) && node_status(node) == NODE_UNINITIALIZED) {
        node_watch_look(node);
        pause_until_next(node);
    }
    return NULL;
}

tsec_rc
node_watch_start(struct node *node, struct tsec_err *err)
{
    if (node->options.stepped || node_is_alone(node)) {
        return TSEC_OK;
    }
    node->watching = pthread_create(&node->watcher, NULL, watch_main, node) == 0;
    return node->watching ? TSEC_OK
                          : TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the watcher's thread does not start");
}

void
node_watch_stop(struct node *node)
{
    if (node->watching) {
        atomic_store(&node->watch_stop, true);
        (void)pthread_join(node->watcher, NULL);
        node->watching = false;
    }
}
