/* SPDX-License-Identifier: Apache-2.0 */
/* Databases and handles, and the commits that come through late. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/store_sim_internal.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
sim_lock(void)
{
    (void)pthread_mutex_lock(&lock);
}

void
sim_unlock(void)
{
    (void)pthread_mutex_unlock(&lock);
}

static void *
must(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

/* ---- late commits ---- */

static unsigned
left_out(const struct store_sim *sim)
{
    return sim->bug == STORE_SIM_NO_ABSENT    ? DATABASE_NO_ABSENT
           : sim->bug == STORE_SIM_NO_PRESENT ? DATABASE_NO_PRESENT
                                              : 0;
}

tsec_rc
sim_apply(struct store_sim *sim, struct store_sim_database *db, const struct tsec_store_op *ops,
          size_t n, unsigned leave_out, struct tsec_err *err)
{
    if (sim->bug == STORE_SIM_STALE) {
        database_free(db->before);
        db->before = database_copy(db->now);
    }
    return database_apply(db->now, ops, n, leave_out | left_out(sim), err);
}

static struct tsec_span
keep(uint8_t **at, struct tsec_span span)
{
    const struct tsec_span kept = tsec_span(*at, span.len);

    if (span.len > 0) {
        memcpy(*at, span.ptr, span.len);
    }
    *at += span.len;
    return kept;
}

void
sim_zombie(struct tsec_store *store, const struct tsec_store_op *ops, size_t n)
{
    struct store_sim *sim = store->sim;
    struct zombie *z = must(calloc(1, sizeof(*z)));
    size_t bytes = 1;
    uint8_t *at;

    for (size_t i = 0; i < n; i++) {
        bytes += ops[i].key.len + ops[i].value.len;
    }
    at = z->bytes = must(malloc(bytes));
    z->ops = must(calloc(n + 1, sizeof(*z->ops)));
    for (size_t i = 0; i < n; i++) {
        z->ops[i] = ops[i];
        z->ops[i].key = keep(&at, ops[i].key);
        z->ops[i].value =
            ops[i].verb == TSEC_STORE_PUT ? keep(&at, ops[i].value) : tsec_span(NULL, 0);
    }
    z->n = n;
    z->handle = store->id;
    z->due_calls = UINT64_MAX;
    z->due_ns = INT64_MAX;
    sim_trace(sim->trace, "  it is still under way");
    if (sim_random_below(sim->random, 3) > 0) {
        const int64_t most = sim_random_below(sim->random, 2) == 0 ? 3 : 40;

        z->due_calls = sim->calls + (uint64_t)sim_random_between(sim->random, 1, most);
    } else {
        const int64_t most_ms = sim_random_below(sim->random, 2) == 0 ? 50 : 20000;

        z->due_ns = sim->clock->mono + sim_random_between(sim->random, 0, most_ms) * 1000000;
    }
    sim->unsettled++;
    z->next = store->db->zombies;
    store->db->zombies = z;
}

static void
zombie_free(struct zombie *z)
{
    free(z->ops);
    free(z->bytes);
    free(z);
}

static void
zombie_try(struct store_sim *sim, struct store_sim_database *db, struct zombie *z)
{
    static const unsigned blind = DATABASE_NO_ABSENT | DATABASE_NO_PRESENT;
    const tsec_rc rc =
        sim_apply(sim, db, z->ops, z->n, sim->bug == STORE_SIM_BLIND_ZOMBIE ? blind : 0, NULL);

    sim->zombies += tsec_failed(rc) ? 0 : 1;
    sim_trace(sim->trace, "  a late commit of %u comes through: %d", z->handle, rc.code);
    zombie_free(z);
}

void
sim_deliver(struct store_sim *sim)
{
    for (struct store_sim_database *db = sim->databases; db != NULL; db = db->next) {
        struct zombie **at = &db->zombies;

        while (*at != NULL) {
            struct zombie *z = *at;

            if (sim->calls < z->due_calls && sim->clock->mono < z->due_ns) {
                at = &z->next;
                continue;
            }
            *at = z->next;
            zombie_try(sim, db, z);
        }
    }
}

static void
end_zombies(struct store_sim *sim, struct store_sim_database *db, bool may_live)
{
    while (db->zombies != NULL) {
        struct zombie *z = db->zombies;

        db->zombies = z->next;
        if (may_live && sim_random_below(sim->random, 2) == 0) {
            zombie_try(sim, db, z);
        } else {
            zombie_free(z);
        }
    }
}

void
store_sim_restart(struct store_sim *sim, struct store_sim_database *db)
{
    end_zombies(sim, db, true);
}

void
store_sim_calm(struct store_sim *sim)
{
    memset(&sim->rates, 0, sizeof(sim->rates));
    for (struct store_sim_database *db = sim->databases; db != NULL; db = db->next) {
        end_zombies(sim, db, true);
    }
    for (struct tsec_store *h = sim->handles; h != NULL; h = h->next) {
        h->cut_until = 0;
    }
}

/* ---- databases and handles ---- */

struct store_sim_database *
store_sim_database(struct store_sim *sim, struct database *image)
{
    struct store_sim_database *db = must(calloc(1, sizeof(*db)));

    db->sim = sim;
    db->now = image;
    db->next = sim->databases;
    sim->databases = db;
    return db;
}

struct database *
store_sim_image(struct store_sim_database *db)
{
    return db->now;
}

void
store_sim_lie(struct store_sim_database *db, const struct lie *lie)
{
    db->lies = lie != NULL;
    database_free(db->shown);
    db->shown = NULL;
    if (lie != NULL) {
        db->lie = *lie;
    }
}

struct tsec_store *
store_sim_attach(struct store_sim *sim, struct store_sim_database *db, unsigned id)
{
    struct tsec_store *store = must(calloc(1, sizeof(*store)));

    store->sim = sim;
    store->db = db;
    store->id = id;
    sim_lock();
    store->next = sim->handles;
    sim->handles = store;
    sim_unlock();
    return store;
}

void
store_sim_point(struct tsec_store *store, struct store_sim_database *db)
{
    store->db = db;
}

struct store_sim_database *
store_sim_pointed(const struct tsec_store *store)
{
    return store->db;
}

void
store_sim_cut(struct tsec_store *store, int64_t until_mono_ns)
{
    store->cut_until = until_mono_ns;
}

static void
sim_close(struct tsec_store *store)
{
    struct tsec_store **at = &store->sim->handles;

    sim_lock();
    while (*at != store) {
        at = &(*at)->next;
    }
    *at = store->next;
    sim_unlock();
    sim_doubts_done(store);
    free(store);
}

void
store_sim_done(struct store_sim *sim)
{
    while (sim->databases != NULL) {
        struct store_sim_database *db = sim->databases;

        sim->databases = db->next;
        end_zombies(sim, db, false);
        database_free(db->now);
        database_free(db->before);
        database_free(db->shown);
        free(db);
    }
}

/* ---- by URI, without faults: for the contract ---- */

static struct store_sim plain;

static tsec_rc
sim_open(const struct tsec_host *host, const char *uri, struct tsec_store **out,
         struct tsec_err *err)
{
    struct store_sim_database *db = plain.databases;

    (void)host;
    if (strncmp(uri, "sim:", 4) != 0 || strlen(uri) >= sizeof(db->name)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "not a simulated store: %s", uri);
    }
    while (db != NULL && strcmp(db->name, uri) != 0) {
        db = db->next;
    }
    if (db == NULL) {
        db = store_sim_database(&plain, database_new());
        memcpy(db->name, uri, strlen(uri) + 1);
    }
    *out = store_sim_attach(&plain, db, 0);
    return TSEC_OK;
}

void
store_sim_forget(void)
{
    store_sim_done(&plain);
}

static bool
sim_exclusive(struct tsec_store *store)
{
    (void)store;
    return true;
}

const struct tsec_store_ops store_sim_alone_ops = {
    .struct_size = (uint32_t)sizeof(struct tsec_store_ops),
    .open = sim_open,
    .close = sim_close,
    .get = sim_get,
    .scan = sim_scan,
    .commit = sim_commit,
    .health = sim_health,
    .get_many = sim_get_many,
    .exclusive = sim_exclusive,
};

const struct tsec_store_ops store_sim_ops = {
    .struct_size = (uint32_t)sizeof(struct tsec_store_ops),
    .open = sim_open,
    .close = sim_close,
    .get = sim_get,
    .scan = sim_scan,
    .commit = sim_commit,
    .health = sim_health,
    .get_many = sim_get_many,
};
