/* SPDX-License-Identifier: Apache-2.0 */
/* What lies before the snapshot that a start began at: read beside the service, and held against
 * it. */
#include <unistd.h>

#include "core/node_internal.h"

enum { WAIT_STEP_MS = 50, HISTORY_WAIT_MIN_MS = 100, HISTORY_WAIT_MAX_MS = 60000 };

/* Less when the flag becomes true meanwhile. */
static void
wait_ms(unsigned ms, const atomic_bool *stop)
{
    for (unsigned past = 0; past < ms && !atomic_load(stop); past += WAIT_STEP_MS) {
        (void)usleep(WAIT_STEP_MS * 1000);
    }
}

/* False: it is to be tried again. */
static bool
check_once(struct node *node)
{
    struct active *a = &node->active;
    struct tsec_err err = { 0 };
    const tsec_rc rc = ledger_check_history(a->ledger, &a->history_stop, &err);

    if (!tsec_failed(rc)) {
        if (!atomic_load(&a->history_stop)) {
            atomic_store(&a->seen_behind, false);
        }
        return true;
    }
    node_notice(node, "the ledger before the snapshot does not check", &err);
    if (rc.code == TSEC_E_TAMPERED || rc.code == TSEC_E_ROLLBACK || rc.code == TSEC_E_TOO_LARGE) {
        node_fail(node, &err);
        return true;
    }
    return false;
}

/* What cannot be read now is read later: a store that refuses just this must not get its way. */
static void *
history_main(void *arg)
{
    struct node *node = arg;
    struct active *a = &node->active;
    unsigned wait = HISTORY_WAIT_MIN_MS;

    while (!atomic_load(&a->history_stop) && !check_once(node)) {
        wait_ms(wait, &a->history_stop);
        wait = wait * 2 > HISTORY_WAIT_MAX_MS ? HISTORY_WAIT_MAX_MS : wait * 2;
    }
    return NULL;
}

void
node_history_start(struct node *node)
{
    struct active *a = &node->active;

    atomic_store(&a->history_stop, false);
    a->history_due = ledger_from(a->ledger) > 0 && node->options.stepped;
    if (!node->options.stepped && ledger_from(a->ledger) > 0) {
        a->history_running = pthread_create(&a->history, NULL, history_main, node) == 0;
    }
}

void
node_history_step(struct node *node)
{
    if (node->active.history_due) {
        node->active.history_due = !check_once(node);
    }
}

void
node_history_stop(struct active *active)
{
    if (active->history_running) {
        atomic_store(&active->history_stop, true);
        (void)pthread_join(active->history, NULL);
        active->history_running = false;
    }
}
