/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping up with what other servers write: leaves first, then the rows they name, then both become
 * visible at once. */
#include "core/node_internal.h"

#define FOLLOW_TURN_NS (TSEC_NS_PER_S / 20)

bool
node_is_alone(const struct node *node)
{
    const struct node_options *o = &node->options;

    return TSEC_HAS(o->store_ops, exclusive) && o->store_ops->exclusive(o->store);
}

static tsec_rc
follow_leaf(void *ctx, uint64_t index, struct tsec_span leaf, struct tsec_err *err)
{
    struct active *active = ctx;

    audit_replay(active->audit, leaf);
    node_snapshot_met(active, leaf);
    return state_replay(active->state, index, leaf, err);
}

static struct state_source
source_of(const struct node *node, struct active *active)
{
    return (struct state_source){
        .ops = node->options.store_ops,
        .store = node->options.store,
        .root = tsec_secret_bytes(active->root),
    };
}

/* What was read is shown when every row it names was found as it says.  A row that is newer belongs
 * to a leaf that was not read yet. */
static tsec_rc
fetch(struct node *node, struct active *active, struct tsec_err *err)
{
    const struct state_source source = source_of(node, active);

    TSEC_TRY(state_fetch(active->state, &source, &active->rows_behind, err));
    if (!active->rows_behind) {
        state_follow_publish(active->state);
        ledger_follow_publish(active->ledger);
        node_seen_keep(node, active);
        active->following = false;
    }
    return TSEC_OK;
}

static tsec_rc
step(struct node *node, struct active *active, enum ledger_follow *read, struct tsec_err *err)
{
    TSEC_TRY(ledger_follow(active->ledger, follow_leaf, active, read, err));
    if (*read == LEDGER_END && active->rows_behind) {
        return state_behind(active->state, err); /* nothing newer explains them */
    }
    if (*read != LEDGER_END) {
        active->following = true;
        active->rows_behind = false; /* what was read since may explain them: look again first */
    }
    return *read == LEDGER_MORE || !active->following ? TSEC_OK : fetch(node, active, err);
}

static tsec_rc
follow(struct node *node, struct active *active, int64_t until_mono_ns, bool *moved,
       struct tsec_err *err)
{
    enum ledger_follow read = LEDGER_MORE;

    TSEC_TRY(step(node, active, &read, err));
    *moved = read != LEDGER_END;
    while (active->following) {
        if (tsec_clock_mono_ns(node->options.clock) >= until_mono_ns) {
            return TSEC_FAIL(err, TSEC_E_BUSY, "there is more to read");
        }
        TSEC_TRY(step(node, active, &read, err));
        *moved = true;
    }
    return TSEC_OK;
}

static void
forget(struct active *active)
{
    ledger_follow_drop(active->ledger);
    state_follow_drop(active->state);
    active->following = false;
    active->rows_behind = false;
}

tsec_rc
node_follow(struct node *node, bool *moved, struct tsec_err *err)
{
    struct active *active = &node->active;
    const int64_t until = tsec_clock_mono_ns(node->options.clock) + FOLLOW_TURN_NS;
    const tsec_rc rc = follow(node, active, until, moved, err);

    if (!tsec_failed(rc) || rc.code == TSEC_E_BUSY) {
        return rc;
    }
    forget(active);
    if (rc.code == TSEC_E_ROLLBACK) { /* parts of a snapshot may have gone to that database */
        (void)atomic_fetch_add(&active->snapshots_met, 1);
    }
    if (rc.code == TSEC_E_TAMPERED) {
        node_fail(node, err);
    }
    return rc;
}

tsec_rc
active_catch_up(struct node *node, struct active *active, struct tsec_err *err)
{
    bool moved = false;

    return follow(node, active, INT64_MAX, &moved, err);
}
