/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypto/crypto.h"
#include "tests/double/attest_fixed.h"

/* ---- the beginning of every run ---- */

static tsec_rc
make_cluster(struct world *w, struct tsec_err *err)
{
    struct sim_node *n = &w->nodes[0];

    n->db = store_sim_database(&w->sim, database_new());
    if (!sim_node_open(n, err)) {
        return tsec_rc_of(TSEC_E_INTERNAL);
    }
    sim_node_init(n);
    return sim_node_active(n) ? TSEC_OK : TSEC_FAIL(err, TSEC_E_INTERNAL, "no cluster");
}

tsec_rc
genesis_image_make(struct genesis_image *genesis, struct tsec_err *err)
{
    struct world *w = calloc(1, sizeof(*w));
    tsec_rc rc;

    TSEC_TRY(tsec_crypto_setup(err));
    TSEC_TRY(auditor_init(&genesis->auditor, "sim.example/ledger/1", err));
    TSEC_TRY(attest_fixed_ops.open(NULL, &genesis->attest, err));
    if (w == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "genesis");
    }
    world_init(w, genesis, 0, false);
    rc = make_cluster(w, err);
    if (!tsec_failed(rc)) {
        genesis->image = database_copy(store_sim_image(w->nodes[0].db));
    }
    world_done(w);
    free(w);
    return rc;
}

void
genesis_image_done(struct genesis_image *genesis)
{
    database_free(genesis->image);
    genesis->image = NULL;
}

/* ---- a run ---- */

static void
pass_slowly(void *ctx, int64_t ns)
{
    world_pass(ctx, ns, true);
}

void
world_init(struct world *world, const struct genesis_image *genesis, uint64_t seed, bool loud)
{
    struct world *w = world;

    memset(w, 0, offsetof(struct world, trace));
    memset(&w->sim, 0, sizeof(*w) - offsetof(struct world, sim));
    w->seed = seed;
    w->genesis = genesis;
    w->random.at = seed * 2;
    w->store_random.at = seed * 2 + 1;
    tsec_clock_fake_init(&w->clock, INT64_C(1790000000) * TSEC_NS_PER_S);
    w->clock.mono = 0;
    sim_trace_init(&w->trace, loud);
    w->sim.random = &w->store_random;
    w->sim.clock = &w->clock;
    w->sim.trace = &w->trace;
    w->sim.canary = WORLD_CANARY;
    w->sim.meanwhile = world_meanwhile;
    w->sim.pass = pass_slowly;
    w->sim.ctx = w;
    w->nodes_len = 1;
    for (unsigned i = 0; i < WORLD_NODES; i++) {
        w->nodes[i].world = w;
        w->nodes[i].id = i + 1;
    }
}

void
world_done(struct world *world)
{
    for (unsigned i = 0; i < WORLD_NODES; i++) {
        sim_node_crash(&world->nodes[i]);
    }
    database_free(world->earlier);
    world->earlier = NULL;
    store_sim_done(&world->sim);
}

void
world_pass(struct world *world, int64_t ns, bool jump)
{
    tsec_clock_fake_advance(&world->clock, ns);
    world->trace.now_ns = world->clock.mono;
    world->jumped_ns += jump ? ns : 0;
}

void
world_wrong(struct world *world, const char *fmt, ...)
{
    va_list args;

    if (world->wrong[0] != '\0') {
        return;
    }
    va_start(args, fmt);
    (void)vsnprintf(world->wrong, sizeof(world->wrong), fmt, args);
    va_end(args);
    sim_trace(&world->trace, "WRONG: %s", world->wrong);
}
