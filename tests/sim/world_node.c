/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes: they open, are stepped, and end in the worst way. */
#include <stdlib.h>

#include "tests/double/attest_fixed.h"
#include "tests/sim/world.h"

/* Rows move to new keys by themselves. */
static void
background(void *ctx, struct node *node)
{
    (void)ctx;
    node_reseal(node, 4);
}

static void
fill_options(const struct sim_node *n, struct node_options *o)
{
    const struct genesis_image *g = n->world->genesis;

    *o =
        (struct node_options){ .store_ops = n->world->alone ? &store_sim_alone_ops : &store_sim_ops,
                               .store = n->store,
                               .attest_ops = &attest_fixed_ops,
                               .attest = g->attest,
                               .clock = &n->world->clock.clock,
                               .origin = g->auditor.origin,
                               .build = "sim",
                               .queue_max = WORLD_QUEUE,
                               .snapshot_every = n->world->snapshots_every,
                               .patience_ns = WORLD_PATIENCE,
                               .stepped = true,
                               .background = background };
    memcpy(o->audit.recipients[0], g->auditor.recipient, sizeof(g->auditor.recipient));
    o->audit.recipients_len = 1;
    o->audit.epoch_ns = 300 * TSEC_NS_PER_S;
}

static void
let_go(struct sim_node *n)
{
    if (n->store != NULL) {
        store_sim_ops.close(n->store);
        n->store = NULL;
    }
}

bool
sim_node_open(struct sim_node *n, struct tsec_err *err)
{
    struct world *w = n->world;
    struct node_options options;

    n->store = store_sim_attach(&w->sim, n->db, n->id);
    n->within = true;
    n->opening = true;
    tsec_clock_fake_advance(&w->clock, 1); /* no two begin at one moment: ids of snapshots */
    fill_options(n, &options);
    sim_trace(&w->trace, "node %u opens", n->id);

    const tsec_rc rc = node_open(&options, &n->node, err);

    n->within = false;
    n->opening = false;
    n->condemned = false;
    n->deceived = w->scene == SCENE_ALTERED;
    n->due_ns = w->clock.mono;
    w->opens += tsec_failed(rc) ? 0 : 1;
    sim_trace(&w->trace, "node %u opened: %d", n->id, rc.code);
    if (tsec_failed(rc)) {
        n->node = NULL;
        let_go(n);
        return false;
    }
    return true;
}

void
sim_node_close(struct sim_node *n)
{
    if (n->node != NULL) {
        sim_trace(&n->world->trace, "node %u ends", n->id);
        n->within = true;
        n->opening = true;
        node_close(n->node);
        n->node = NULL;
        n->within = false;
        n->opening = false;
    }
    let_go(n);
}

void
sim_node_crash(struct sim_node *n)
{
    if (n->node != NULL) {
        sim_trace(&n->world->trace, "node %u crashes", n->id);
        store_sim_cut(n->store, INT64_MAX);
    }
    sim_node_close(n);
}

bool
sim_node_active(const struct sim_node *n)
{
    return n->node != NULL && !n->opening && node_status(n->node) == NODE_ACTIVE;
}

/* One that failed still has those to answer who wait. */
bool
sim_node_steps(const struct sim_node *n)
{
    return n->node != NULL && !n->within && n->paused_until <= n->world->clock.mono
           && (node_status(n->node) == NODE_ACTIVE || node_status(n->node) == NODE_FAILED);
}

void
sim_node_step(struct sim_node *n)
{
    struct world *w = n->world;
    int64_t wait;

    sim_trace(&w->trace, "node %u steps", n->id);
    n->within = true;
    wait = node_step(n->node);
    n->within = false;
    n->due_ns = w->clock.mono + (wait < 0 ? 0 : wait);
    w->steps++;
}

struct sim_node *
world_next(struct world *world)
{
    struct sim_node *next = NULL;

    for (unsigned i = 0; i < world->nodes_len; i++) {
        struct sim_node *n = &world->nodes[i];

        if (sim_node_steps(n) && (next == NULL || n->due_ns < next->due_ns)) {
            next = n;
        }
    }
    return next;
}

/* ---- the first time ---- */

static tsec_rc
first_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    const struct audit_entry entry = { .ts_ns = op->now_ns, .operation = "init", .allow = true };

    (void)txn;
    audit_entry_json(&entry, node_keys(op->node)->pseudonym, audit);
    return tsec_buf_check(audit, err);
}

static void
first_done(struct node_op *op, tsec_rc rc, uint64_t index, const struct tsec_err *err)
{
    (void)op, (void)rc, (void)index, (void)err;
}

void
sim_node_init(struct sim_node *n)
{
    struct node_op op = { .run = first_run, .done = first_done };
    struct tsec_err err = { 0 };
    tsec_rc rc = tsec_arena_new((size_t)1 << 20, &op.arena, &err);

    op.now_ns = n->world->clock.real;
    n->within = true;
    n->opening = true;
    sim_trace(&n->world->trace, "node %u initialises", n->id);
    if (!tsec_failed(rc)) {
        rc = node_init(n->node, &op, &err);
    }
    sim_trace(&n->world->trace, "node %u initialised: %d", n->id, rc.code);
    n->within = false;
    n->opening = false;
    n->due_ns = n->world->clock.mono;
    tsec_arena_free(op.arena);
}
