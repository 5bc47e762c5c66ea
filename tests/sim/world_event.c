/* SPDX-License-Identifier: Apache-2.0 */
/* What happens next: drawn from the seed. */
#include "tests/sim/world.h"

enum { DEPTH_MAX = 2 };

/* ---- weather ---- */

/* Each fault by itself: absent in half of the runs, rare, or frequent. */
static unsigned
draw_rate(struct sim_random *random, unsigned often)
{
    static const unsigned parts[] = { 0, 0, 0, 10, 4, 1 };
    const unsigned part = parts[sim_random_below(random, TSEC_ARRAY_LEN(parts))];

    return part == 0 ? 0 : often / part;
}

void
world_weather(struct world *world)
{
    struct sim_random *r = &world->random;
    struct store_sim_rates *rates = &world->sim.rates;

    world->stormy = sim_random_below(r, 3) > 0;
    *rates = (struct store_sim_rates){ .meanwhile = rates->meanwhile };
    if (world->stormy) {
        rates->refuse = draw_rate(r, 300);
        rates->read_only = draw_rate(r, 100);
        rates->unknown_never = draw_rate(r, 200);
        rates->unknown_applied = draw_rate(r, 200);
        rates->unknown_later = draw_rate(r, 300);
        rates->slow = draw_rate(r, 100);
    }
    sim_trace(&world->trace, "weather: %u %u %u %u %u %u", rates->refuse, rates->read_only,
              rates->unknown_never, rates->unknown_applied, rates->unknown_later, rates->slow);
}

/* ---- who ---- */

static struct sim_node *
any_node(struct world *w)
{
    return &w->nodes[sim_random_below(&w->random, w->nodes_len)];
}

/* One of those that run, or NULL. */
static struct sim_node *
any_running(struct world *w)
{
    struct sim_node *n = any_node(w);

    return n->node != NULL && !n->opening ? n : NULL;
}

/* ---- what ---- */

static void
ask(struct world *w)
{
    static const enum call_verb often[] = {
        CALL_PUT,  CALL_PUT,  CALL_PUT,    CALL_GET,  CALL_GET,    CALL_GET,  CALL_CAS,
        CALL_CAS,  CALL_CAS,  CALL_DELETE, CALL_SWAP, CALL_LIST,   CALL_LOOK, CALL_LOOK,
        CALL_LOOK, CALL_SWAP, CALL_DELETE, CALL_KEYS, CALL_REFUSE,
    };
    struct sim_node *n = any_running(w);
    struct call_plan plan;

    plan.verb = often[sim_random_below(&w->random, TSEC_ARRAY_LEN(often))];
    plan.key = sim_random_below(&w->random, HISTORY_KEYS);
    plan.other = (plan.key + 1 + sim_random_below(&w->random, HISTORY_KEYS - 1)) % HISTORY_KEYS;
    if (n != NULL) {
        world_ask(n, &plan);
    }
}

static void
step_any(struct world *w)
{
    struct sim_node *n = any_running(w);

    if (n != NULL && sim_node_steps(n)) {
        sim_node_step(n);
    }
}

/* Time goes on to where somebody wants to be called. */
static void
step_next(struct world *w)
{
    struct sim_node *n = world_next(w);

    if (n != NULL) {
        if (n->due_ns > w->clock.mono) {
            world_pass(w, n->due_ns - w->clock.mono, false);
        }
        sim_node_step(n);
    } else {
        world_pass(w, TSEC_NS_PER_S, true);
    }
}

static void
time_passes(struct world *w)
{
    const int64_t most = sim_random_below(&w->random, 10) == 0 ? 30000 : 1000;

    world_pass(w, sim_random_between(&w->random, 1, most) * 1000000, true);
}

/* A node opens only where it cannot be misled: what it knows ended with its last life. */
static void
open_any(struct world *w)
{
    struct sim_node *n = any_node(w);
    struct tsec_err err = { 0 };

    if (n->node != NULL || n->opening || w->scene == SCENE_OLD || w->scene == SCENE_ALTERED) {
        return;
    }
    if (sim_node_open(n, &err) && node_status(n->node) == NODE_UNINITIALIZED) {
        sim_node_init(n);
    }
}

static void
crash_any(struct world *w)
{
    struct sim_node *n = any_running(w);

    if (n != NULL && !n->within) {
        sim_node_crash(n);
    }
}

static void
end_any(struct world *w)
{
    struct sim_node *n = any_running(w);

    if (n != NULL && !n->within) {
        sim_node_close(n);
    }
}

/* A virtual machine that stands still, and then goes on as if nothing had been. */
static void
pause_any(struct world *w)
{
    struct sim_node *n = any_running(w);
    const int64_t ms = sim_random_between(&w->random, 1, 90000);

    if (n != NULL && !n->within) {
        sim_trace(&w->trace, "node %u stands still for %d ms", n->id, (int)ms);
        n->paused_until = w->clock.mono + ms * 1000000;
        n->still_until = n->paused_until;
    }
}

static void
strangers_come(struct world *w)
{
    struct sim_node *n = any_running(w);

    if (n != NULL) {
        node_stranger(n->node, "192.0.2.1", "no token");
    }
}

static void
cut_any(struct world *w)
{
    struct sim_node *n = any_running(w);
    const int64_t ms = sim_random_between(&w->random, 1, 15000);

    if (n != NULL && n->store != NULL) {
        sim_trace(&w->trace, "node %u is cut off for %d ms", n->id, (int)ms);
        store_sim_cut(n->store, w->clock.mono + ms * 1000000);
    }
}

static void
restart_database(struct world *w)
{
    sim_trace(&w->trace, "the database restarts");
    store_sim_restart(&w->sim, w->main);
}

static void
remember(struct world *w)
{
    sim_trace(&w->trace, "a backup is made");
    database_free(w->earlier);
    w->earlier = database_copy(store_sim_image(w->main));
}

static void
change_scene(struct world *w)
{
    if (w->scene == SCENE_NONE) {
        world_scene_begin(w);
    } else {
        world_scene_end(w);
    }
}

static const struct event {
    unsigned weight;
    void (*happen)(struct world *world);
} events[] = {
    { 380, step_next },     { 300, ask },         { 80, step_any },        { 50, time_passes },
    { 50, open_any },       { 10, crash_any },    { 5, end_any },          { 6, pause_any },
    { 10, strangers_come }, { 15, cut_any },      { 8, restart_database }, { 20, world_weather },
    { 15, remember },       { 25, change_scene },
};

void
world_event(struct world *world)
{
    unsigned all = 0;
    uint32_t at;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(events); i++) {
        all += events[i].weight;
    }
    at = sim_random_below(&world->random, all);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(events); i++) {
        if (at < events[i].weight) {
            events[i].happen(world);
            return;
        }
        at -= events[i].weight;
    }
}

/* ---- within a call to the store ---- */

static bool
init_another(struct world *w)
{
    for (unsigned i = 0; i < w->nodes_len; i++) {
        struct sim_node *n = &w->nodes[i];

        if (n->node != NULL && !n->within && node_status(n->node) == NODE_UNINITIALIZED) {
            sim_node_init(n);
            return true;
        }
    }
    return false;
}

void
world_meanwhile(void *ctx)
{
    struct world *w = ctx;
    const uint32_t what = sim_random_below(&w->random, 8);

    if (w->depth >= DEPTH_MAX) {
        return;
    }
    w->depth++;
    sim_trace(&w->trace, "  meanwhile:");
    if (w->racing && what < 7 && init_another(w)) {
        w->depth--;
        return;
    }
    if (what < 3) {
        ask(w);
    } else if (what < 7) {
        step_any(w);
    } else {
        open_any(w);
    }
    w->depth--;
}
