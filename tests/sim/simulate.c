/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/simulate.h"

#include <stdio.h>
#include <stdlib.h>

enum { EVENTS_MIN = 60, EVENTS_MAX = 320, RACE_ONE_IN = 8 };

/* What kind of run it is. */
static void
set_up(struct world *w)
{
    static const unsigned often[] = { 0, 60, 200, 400 };
    struct sim_random *r = &w->random;

    w->nodes_len = 1 + sim_random_below(r, WORLD_NODES);
    w->racing = w->nodes_len > 1 && sim_random_below(r, RACE_ONE_IN) == 0;
    w->alone = w->nodes_len == 1 && sim_random_below(r, 3) == 0;
    w->scenes = w->alone || sim_random_below(r, 2) == 0 ? 0 : 1U << (1 + sim_random_below(r, 4));
    w->snapshots_every = sim_random_below(r, 3) > 0 ? 0 : 20 + 20 * sim_random_below(r, 3);
    w->sim.rates.meanwhile = often[sim_random_below(r, TSEC_ARRAY_LEN(often))];
    w->main =
        store_sim_database(&w->sim, w->racing ? database_new() : database_copy(w->genesis->image));
    for (unsigned i = 0; i < w->nodes_len; i++) {
        w->nodes[i].db = w->main;
    }
    sim_trace(&w->trace, "seed %llu: %u nodes, scenes %x, racing %d, alone %d, snapshots %u",
              (unsigned long long)w->seed, w->nodes_len, w->scenes, (int)w->racing, (int)w->alone,
              (unsigned)w->snapshots_every);
}

/* Two that begin at once, over an empty store. */
static void
race(struct world *w)
{
    const unsigned meanwhile = w->sim.rates.meanwhile;
    struct tsec_err err = { 0 };

    w->sim.rates.meanwhile = 0;
    for (unsigned i = 0; i < w->nodes_len; i++) {
        if (w->nodes[i].node == NULL) {
            (void)sim_node_open(&w->nodes[i], &err);
        }
    }
    if (sim_random_below(&w->random, 2) == 0) {
        world_weather(w);
    }
    w->sim.rates.meanwhile = 500;
    for (unsigned i = 0; i < w->nodes_len; i++) {
        struct sim_node *n = &w->nodes[i];

        if (n->node != NULL && node_status(n->node) == NODE_UNINITIALIZED) {
            sim_node_init(n);
        }
        if (!sim_node_active(n)) {
            sim_node_crash(n);
        }
    }
    w->sim.rates.meanwhile = meanwhile;
    world_weather(w);
}

static void
begin(struct world *w)
{
    struct tsec_err err = { 0 };

    if (w->racing) {
        race(w);
        return;
    }
    for (unsigned i = 0; i < w->nodes_len; i++) {
        if (w->nodes[i].node == NULL && !sim_node_open(&w->nodes[i], &err)) {
            world_wrong(w, "node %u does not open: %s", i + 1, err.detail);
        }
    }
    world_weather(w);
}

static void
report(const struct world *w, struct simulated *out)
{
    out->digest = w->trace.digest;
    out->steps = w->steps;
    out->store_calls = w->sim.calls;
    out->asked = w->history.len;
    out->worked = w->worked;
    out->opens = w->opens;
    out->unknown = w->unknown;
    out->unsettled = w->sim.unsettled;
    out->zombies = w->sim.zombies;
    memcpy(out->wrong, w->wrong, sizeof(out->wrong));
}

void
simulate(const struct genesis_image *genesis, uint64_t seed, enum store_sim_bug bug, bool loud,
         struct simulated *out)
{
    static struct world w;
    uint64_t events;

    memset(out, 0, sizeof(*out));
    world_init(&w, genesis, seed, loud);
    w.sim.bug = bug;
    set_up(&w);
    events = (uint64_t)sim_random_between(&w.random, EVENTS_MIN, EVENTS_MAX);
    begin(&w);
    while (out->events < events && w.wrong[0] == '\0' && w.sim.wrong == NULL) {
        world_event(&w);
        out->events++;
    }
    if (w.wrong[0] == '\0') {
        world_verdict(&w);
    }
    report(&w, out);
    if (out->wrong[0] != '\0' && bug == STORE_SIM_SOUND && !loud) {
        sim_trace_tell(&w.trace);
    }
    w.sim.bug = STORE_SIM_SOUND;
    world_done(&w);
    if (w.asking != 0 && out->wrong[0] == '\0') {
        (void)snprintf(out->wrong, sizeof(out->wrong), "%u calls were never answered", w.asking);
    }
}
