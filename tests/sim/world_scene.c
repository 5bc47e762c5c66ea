/* SPDX-License-Identifier: Apache-2.0 */
/* What a host may do to its databases: put back an older one, run two, alter what it shows. */
#include <inttypes.h>

#include "codec/pack.h"
#include "tests/sim/world.h"

static void
point(struct sim_node *n, struct store_sim_database *db)
{
    n->db = db;
    if (n->store != NULL) {
        store_sim_point(n->store, db);
    }
}

static uint64_t
size_known(const struct sim_node *n)
{
    struct node_health health = { 0 };

    if (n->node != NULL && !n->opening) {
        node_health(n->node, &health);
    }
    return health.ledger_size;
}

/* ---- an older image ---- */

/* Only one that every node would know for older: one that saw no more may go on from it. */
static bool
old_for_all(struct world *w)
{
    const uint64_t size = w->earlier == NULL ? UINT64_MAX : auditor_size(w->earlier);

    for (unsigned i = 0; i < w->nodes_len; i++) {
        const struct sim_node *n = &w->nodes[i];

        if (n->node != NULL && (!sim_node_active(n) || size_known(n) <= size)) {
            return false;
        }
    }
    return size > 0 && w->earlier != NULL;
}

static void
begin_old(struct world *w)
{
    if (!old_for_all(w)) {
        return;
    }
    w->scene = SCENE_OLD;
    w->branch++;
    w->other = store_sim_database(&w->sim, database_copy(w->earlier));
    w->scene_moment = w->history.moment;
    sim_trace(&w->trace, "an older database is put back, of %" PRIu64 " leaves",
              auditor_size(w->earlier));
    for (unsigned i = 0; i < w->nodes_len; i++) {
        point(&w->nodes[i], w->other);
    }
}

/* ---- two copies ---- */

static void
begin_fork(struct world *w)
{
    w->scene = SCENE_FORK;
    w->branch++;
    w->other = store_sim_database(&w->sim, database_copy(store_sim_image(w->main)));
    w->fork_size = auditor_size(store_sim_image(w->main));
    sim_trace(&w->trace, "the database is copied, at %" PRIu64 " leaves", w->fork_size);
    for (unsigned i = 0; i < w->nodes_len; i++) {
        if (sim_random_below(&w->random, 2) == 0) {
            sim_trace(&w->trace, "node %u stands on the copy", i + 1);
            point(&w->nodes[i], w->other);
        }
    }
}

/* Whether the copy's log has something, of what the node knows, that the true one has not. */
static bool
knows_other(struct world *w, const struct sim_node *n)
{
    const struct database *copy = store_sim_image(w->other);
    const struct database *truth = store_sim_image(w->main);
    const uint64_t known = size_known(n);
    struct database_record theirs;
    struct database_record ours;

    for (size_t i = database_lower(copy, tsec_span("e", 1));
         database_at(copy, i, &theirs) && theirs.key.ptr[0] == 'e'; i++) {
        struct tsec_reader in = tsec_reader(tsec_span(theirs.key.ptr + 1, theirs.key.len - 1));

        if (tsec_read_u64(&in) < known
            && (!database_find(truth, theirs.key, &ours)
                || !tsec_span_equal(theirs.value, ours.value))) {
            return true;
        }
    }
    return false;
}

static void
end_fork(struct world *w)
{
    struct history_log log = { .branch = w->branch, .parent = 0, .fork_size = w->fork_size };

    (void)world_explained(w, w->other, &log);
    for (unsigned i = 0; i < w->nodes_len; i++) {
        struct sim_node *n = &w->nodes[i];

        if (n->db == w->other) {
            n->condemned = n->node != NULL && (n->condemned || knows_other(w, n));
            sim_trace(&w->trace, "node %u is back%s", n->id,
                      n->condemned ? ", and knows too much" : "");
        }
    }
}

/* ---- records that are shown otherwise ---- */

static void
begin_altered(struct world *w)
{
    struct lie lie;

    if (!lie_draw(&lie, store_sim_image(w->main), &w->random)) {
        return;
    }
    w->scene = SCENE_ALTERED;
    sim_trace(&w->trace, "a record is altered: '%c', %d", lie.key[0], (int)lie.kind);
    store_sim_lie(w->main, &lie);
    for (unsigned i = 0; i < w->nodes_len; i++) {
        w->nodes[i].deceived = true;
    }
}

/* ---- one at a time ---- */

void
world_scene_begin(struct world *world)
{
    const uint32_t which = 1 + sim_random_below(&world->random, 4);

    if ((world->scenes & (1U << which)) == 0 || world->depth > 0) {
        return;
    }
    if (which == SCENE_OLD) {
        begin_old(world);
    } else if (which == SCENE_FORK) {
        begin_fork(world);
    } else if (which == SCENE_ALTERED) {
        begin_altered(world);
    } else {
        world_probe(world);
    }
}

void
world_scene_end(struct world *world)
{
    struct world *w = world;

    if (w->scene == SCENE_FORK) {
        end_fork(w);
    }
    if (w->scene == SCENE_ALTERED) {
        store_sim_lie(w->main, NULL);
    }
    sim_trace(&w->trace, "the true database is back");
    for (unsigned i = 0; i < w->nodes_len; i++) {
        point(&w->nodes[i], w->main);
    }
    w->other = NULL;
    w->scene = SCENE_NONE;
}

/* ---- a start over an altered copy ---- */

static void
check_values(struct world *w, struct sim_node *n)
{
    struct history_state want;
    struct history_state got;
    static struct auditor_log read;
    struct tsec_err err = { 0 };
    struct history_log log = { .calls = read.calls };

    if (tsec_failed(auditor_read(&w->genesis->auditor, store_sim_image(n->db), &read, &err))) {
        world_wrong(w, "a node opens what an auditor does not: %s", err.detail);
        return;
    }
    log.size = read.size;
    history_play(&w->history, &log, &want);
    if (!sim_node_values(n, &got) || memcmp(&want, &got, sizeof(got)) != 0) {
        world_wrong(w, "a node opens an altered database, and shows other values");
    }
}

void
world_probe(struct world *world)
{
    struct world *w = world;
    const struct store_sim_rates rates = w->sim.rates;
    struct database *copy = database_copy(store_sim_image(w->main));
    struct sim_node probe = { .world = w, .id = 9 };
    struct tsec_err err = { 0 };
    struct lie lie;

    memset(&w->sim.rates, 0, sizeof(w->sim.rates));
    probe.db = store_sim_database(&w->sim, copy);
    if (lie_draw(&lie, copy, &w->random)) {
        sim_trace(&w->trace, "a copy has an altered '%c', %d", lie.key[0], (int)lie.kind);
        lie_apply(&lie, copy);
    }
    if (sim_node_open(&probe, &err)) {
        if (sim_node_active(&probe)) { /* what lies before a snapshot is checked by and by */
            sim_node_step(&probe);
        }
        if (sim_node_active(&probe)) {
            check_values(w, &probe);
        }
        sim_node_crash(&probe);
    }
    w->sim.rates = rates;
}
