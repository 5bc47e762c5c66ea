/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a run: faults end, everybody must come to rest, and everything must follow from the
 * log. */
#include <inttypes.h>
#include <stdlib.h>

#include "tests/sim/world.h"

enum { STEPS_MAX = 20000 };
#define SLACK (3 * TSEC_NS_PER_S)

bool
world_explained(struct world *world, struct store_sim_database *db, struct history_log *log)
{
    static struct auditor_log read;
    char why[HISTORY_WHY] = "";
    struct tsec_err err = { 0 };

    if (tsec_failed(auditor_read(&world->genesis->auditor, store_sim_image(db), &read, &err))) {
        world_wrong(world, "an auditor does not read the log of branch %u: %s", log->branch,
                    err.detail);
        return false;
    }
    log->calls = read.calls;
    log->size = read.size;
    if (!history_check(&world->history, log, why)) {
        world_wrong(world, "branch %u: %s", log->branch, why);
        return false;
    }
    return true;
}

/* ---- coming to rest ---- */

static bool
at_rest(struct world *w)
{
    const uint64_t size = auditor_size(store_sim_image(w->main));

    for (unsigned i = 0; i < w->nodes_len; i++) {
        struct node_health health;

        node_health(w->nodes[i].node, &health);
        if (health.status != NODE_ACTIVE || health.ledger_size != size) {
            return false;
        }
    }
    return w->asking == 0;
}

static void
not_at_rest(struct world *w)
{
    for (unsigned i = 0; i < w->nodes_len; i++) {
        struct node_health health;

        node_health(w->nodes[i].node, &health);
        sim_trace(&w->trace, "node %u: status %d, %" PRIu64 " leaves, %zu queued, last: %s", i + 1,
                  (int)health.status, health.ledger_size, health.ledger.queued,
                  health.ledger.last_error.detail);
    }
    world_wrong(w,
                "%u calls are without an answer, or a node does not catch up, %d s after all "
                "faults ended",
                w->asking, (int)((WORLD_PATIENCE + SLACK) / TSEC_NS_PER_S));
}

/* Time goes on until all is answered and everybody knows the whole log; and for a second, in which
 * those whose store was away must notice that it is back. */
static void
come_to_rest(struct world *w)
{
    const int64_t noticed = w->clock.mono + TSEC_NS_PER_S;
    const int64_t until = w->clock.mono + WORLD_PATIENCE + SLACK;

    for (unsigned steps = 0; steps < STEPS_MAX && !(w->clock.mono >= noticed && at_rest(w));
         steps++) {
        struct sim_node *n = world_next(w);

        if (n == NULL || n->due_ns > until) {
            break;
        }
        if (n->due_ns > w->clock.mono) {
            world_pass(w, n->due_ns - w->clock.mono, false);
        }
        sim_node_step(n);
    }
    if (!at_rest(w)) {
        not_at_rest(w);
    }
}

/* A node that does not run, or may rightly have given up, starts again; no other may need to. */
static void
bring_up(struct world *w, struct sim_node *n)
{
    struct tsec_err err = { 0 };

    if (n->node != NULL && (n->condemned || (n->deceived && !sim_node_active(n)))) {
        sim_node_crash(n);
    }
    if (n->node != NULL && node_status(n->node) == NODE_UNINITIALIZED) {
        sim_node_init(n);
        if (!sim_node_active(n)) { /* somebody else was first, so that there is a cluster to open */
            sim_node_crash(n);
        }
    }
    if (n->node == NULL && !sim_node_open(n, &err)) {
        world_wrong(w, "node %u does not open: %s", n->id, err.detail);
    } else if (node_status(n->node) == NODE_UNINITIALIZED) {
        sim_node_init(n);
    }
    if (n->node != NULL && !sim_node_active(n)) {
        (void)node_failure(n->node, &err);
        world_wrong(w, "node %u does not run (%d): %s", n->id, (int)node_status(n->node),
                    err.detail);
    }
}

/* ---- every node is asked, and must answer ---- */

static void
ask_all(struct world *w)
{
    static const struct call_plan plans[] = {
        { CALL_LOOK, 0, 0 }, { CALL_PUT, 1, 0 }, { CALL_LIST, 0, 0 },
        { CALL_GET, 2, 0 },  { CALL_CAS, 1, 0 }, { CALL_LOOK, 1, 0 },
    };
    const size_t first = w->history.len;

    for (unsigned i = 0; i < w->nodes_len; i++) {
        for (size_t p = 0; p < TSEC_ARRAY_LEN(plans); p++) {
            world_ask(&w->nodes[i], &plans[p]);
        }
    }
    come_to_rest(w);
    for (size_t i = first; i < w->history.len; i++) {
        const struct call *c = &w->history.calls[i];

        if (!c->answered || c->code != 0) {
            world_wrong(w, "call %u, at a node that rests, with no faults left, gets %d", c->id,
                        c->answered ? c->code : -1);
        }
    }
}

/* ---- one state ---- */

static void
checkpoint_of(struct sim_node *n, struct tsec_buf *note)
{
    tsec_buf_reset(note);
    if (tsec_failed(node_checkpoint(n->node, note, NULL))) {
        world_wrong(n->world, "node %u has no checkpoint", n->id);
    }
}

static void
compare(struct world *w, struct sim_node *n, const struct history_state *want)
{
    struct sim_node *first = &w->nodes[0];
    TSEC_AUTO_BUF struct tsec_buf a = TSEC_BUF_INIT(8192);
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(8192);
    struct history_state got = { { 0 } };
    struct node_health mine;
    struct node_health theirs;

    node_health(first->node, &mine);
    node_health(n->node, &theirs);
    checkpoint_of(first, &a);
    checkpoint_of(n, &b);
    if (!tsec_span_equal(tsec_buf_span(&a), tsec_buf_span(&b))) {
        world_wrong(w, "nodes %u and %u sign different logs", first->id, n->id);
    }
    if (mine.state.rows != theirs.state.rows || mine.state.bytes != theirs.state.bytes) {
        world_wrong(w, "nodes %u and %u hold %zu rows of %zu bytes and %zu of %zu", first->id,
                    n->id, mine.state.rows, mine.state.bytes, theirs.state.rows,
                    theirs.state.bytes);
    }
    if (!sim_node_values(n, &got) || memcmp(&got, want, sizeof(got)) != 0) {
        world_wrong(w, "node %u holds other values than the log says", n->id);
    }
}

static void
compare_all(struct world *w)
{
    struct history_log log = { .calls = NULL };
    struct history_state want;

    if (!world_explained(w, w->main, &log)) {
        return;
    }
    history_play(&w->history, &log, &want);
    for (unsigned i = 0; i < w->nodes_len; i++) {
        compare(w, &w->nodes[i], &want);
    }
}

/* One that reads and checks everything from the beginning must come to the same. */
static void
start_one_afresh(struct world *w)
{
    struct sim_node *n = &w->nodes[w->nodes_len - 1];

    sim_node_crash(n);
    bring_up(w, n);
    if (w->wrong[0] == '\0') {
        come_to_rest(w);
    }
}

void
world_verdict(struct world *world)
{
    struct world *w = world;

    if (w->scene != SCENE_NONE) {
        world_scene_end(w);
    }
    store_sim_calm(&w->sim);
    sim_trace(&w->trace, "all faults end");
    for (unsigned i = 0; i < w->nodes_len && w->wrong[0] == '\0'; i++) {
        w->nodes[i].paused_until = 0;
        bring_up(w, &w->nodes[i]);
    }
    for (unsigned round = 0; round < 3 && w->wrong[0] == '\0'; round++) {
        if (round == 1) {
            ask_all(w);
        } else if (round == 2) {
            start_one_afresh(w);
        }
        if (w->wrong[0] == '\0') {
            come_to_rest(w);
        }
        if (w->wrong[0] == '\0') {
            compare_all(w);
        }
    }
    if (w->sim.wrong != NULL) {
        world_wrong(w, "a node %s", w->sim.wrong);
    }
}
