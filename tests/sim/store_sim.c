/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/store_sim.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "codec/store_check.h"
#include "tests/sim/store_sim_internal.h"

const char *
store_sim_bug_name(enum store_sim_bug bug)
{
    static const char *const names[STORE_SIM_BUGS] = {
        "sound",
        "drops an acknowledged commit",
        "does half of a commit",
        "forgets to expect a key absent",
        "forgets to expect a key present",
        "refuses a commit and does it",
        "answers from an earlier moment",
        "does a late commit without looking",
    };

    return names[bug];
}

/* ---- chance ---- */

bool
sim_chance(const struct store_sim *sim, unsigned permille)
{
    return sim->random != NULL && sim_random_chance(sim->random, permille);
}

static int64_t
now_of(const struct store_sim *sim)
{
    return sim->clock == NULL ? 0 : sim->clock->mono;
}

void
sim_pass(struct store_sim *sim, int64_t ns)
{
    if (sim->pass != NULL) {
        sim->pass(sim->ctx, ns);
    } else {
        tsec_clock_fake_advance(sim->clock, ns);
    }
}

/* ---- a call begins and ends ---- */

/* Half a second as a rule; now and then longer than anybody waits. */
static void
maybe_slow(struct store_sim *sim)
{
    if (sim_chance(sim, sim->rates.slow)) {
        const int64_t most = sim_random_below(sim->random, 8) == 0 ? 12000 : 500;
        const int64_t ms = sim_random_between(sim->random, 1, most);

        sim_trace(sim->trace, "  the store takes %d ms", (int)ms);
        sim_pass(sim, ms * 1000000);
    }
}

static void
maybe_meanwhile(struct store_sim *sim)
{
    if (sim->meanwhile != NULL && sim_chance(sim, sim->rates.meanwhile)) {
        sim->meanwhile(sim->ctx);
    }
}

static tsec_rc
enter(struct tsec_store *store, struct tsec_err *err)
{
    struct store_sim *sim = store->sim;

    if (sim->random == NULL) {
        return TSEC_OK;
    }
    sim->calls++;
    maybe_slow(sim);
    maybe_meanwhile(sim);
    sim_deliver(sim);
    if (now_of(sim) < store->cut_until) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "cut off");
    }
    if (sim_chance(sim, sim->rates.refuse)) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "refused");
    }
    return TSEC_OK;
}

static void
leave(struct tsec_store *store)
{
    struct store_sim *sim = store->sim;

    if (sim->random != NULL) {
        maybe_meanwhile(sim);
        maybe_slow(sim);
    }
}

static const struct database *
shown_by_lie(struct store_sim_database *db)
{
    if (db->shown == NULL || db->shown_changes != database_changes(db->now)) {
        database_free(db->shown);
        db->shown = database_copy(db->now);
        db->shown_changes = database_changes(db->now);
        lie_apply(&db->lie, db->shown);
    }
    return db->shown;
}

/* What questions are answered from. */
static const struct database *
shown(const struct tsec_store *store)
{
    struct store_sim_database *db = store->db;
    const bool stale = store->sim->bug == STORE_SIM_STALE && db->before != NULL;

    if (db->lies) {
        return shown_by_lie(db);
    }
    return stale && sim_chance(store->sim, BUG_CHANCE) ? db->before : db->now;
}

/* ---- questions ---- */

tsec_rc
sim_get(struct tsec_store *store, struct tsec_span key, const struct tsec_sink *out,
        struct tsec_err *err)
{
    struct database_record found;
    tsec_rc rc = tsec_store_check_key(key, err);

    if (!tsec_failed(rc)) {
        rc = enter(store, err);
    }
    if (!tsec_failed(rc)) {
        sim_lock();
        rc = database_find(shown(store), key, &found)
                 ? out->write(out->ctx, found.value)
                 : TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such key");
        if (!tsec_failed(rc)) {
            sim_shown(store, &found);
        }
        sim_unlock();
    }
    sim_tell_question(store, "get", key, rc);
    leave(store);
    return rc;
}

static tsec_rc
visit_many(const struct database *db, const struct tsec_span *keys, size_t n,
           tsec_store_visit_fn visit, void *ctx)
{
    struct database_record found;
    tsec_rc rc = TSEC_OK;

    for (size_t i = 0; i < n && !tsec_failed(rc); i++) {
        if (database_find(db, keys[i], &found)) {
            rc = visit(ctx, found.key, found.value);
        }
    }
    return rc;
}

tsec_rc
sim_get_many(struct tsec_store *store, const struct tsec_span *keys, size_t n,
             tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    tsec_rc rc = tsec_store_check_keys(keys, n, err);

    if (!tsec_failed(rc)) {
        rc = enter(store, err);
    }
    if (!tsec_failed(rc)) {
        sim_lock();
        rc = visit_many(shown(store), keys, n, visit, ctx);
        sim_unlock();
    }
    sim_tell_question(store, "get many", n == 0 ? tsec_span(NULL, 0) : keys[0], rc);
    leave(store);
    return rc;
}

static tsec_rc
visit_range(const struct database *db, struct tsec_span prefix, struct tsec_span after,
            size_t limit, const struct visitor *visitor)
{
    const struct tsec_span from = tsec_span_compare(after, prefix) > 0 ? after : prefix;
    struct database_record found;
    tsec_rc rc = TSEC_OK;

    for (size_t i = database_lower(db, from);
         limit > 0 && !tsec_failed(rc) && database_at(db, i, &found); i++) {
        if (tsec_span_equal(found.key, after)) {
            continue;
        }
        if (!tsec_span_starts(found.key, prefix)) {
            break;
        }
        limit--;
        rc = visitor->visit(visitor->ctx, found.key, found.value);
    }
    return rc;
}

tsec_rc
sim_scan(struct tsec_store *store, struct tsec_span prefix, struct tsec_span after, size_t limit,
         tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    const struct visitor visitor = { visit, ctx };
    tsec_rc rc = tsec_store_check_range(prefix, after, err);

    if (!tsec_failed(rc)) {
        rc = enter(store, err);
    }
    if (!tsec_failed(rc)) {
        sim_lock();
        rc = visit_range(shown(store), prefix, after, limit, &visitor);
        sim_unlock();
    }
    sim_tell_question(store, "scan", prefix, rc);
    leave(store);
    return rc;
}

/* ---- commits ---- */

/* What becomes of one that reached the database. */
static enum fate
draw_fate(struct store_sim *sim)
{
    const struct store_sim_rates *r = &sim->rates;

    if (sim->random == NULL) {
        return FATE_DONE;
    }
    if (sim_chance(sim, r->read_only)) {
        return FATE_READ_ONLY;
    }
    if (sim_chance(sim, r->unknown_never)) {
        return FATE_UNKNOWN_NEVER;
    }
    if (sim_chance(sim, r->unknown_applied)) {
        return FATE_UNKNOWN_APPLIED;
    }
    if (sim_chance(sim, r->unknown_later)) {
        return FATE_UNKNOWN_LATER;
    }
    return sim->bug != STORE_SIM_SOUND && sim_chance(sim, BUG_CHANCE) ? FATE_BUG : FATE_DONE;
}

static tsec_rc
unknown(struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_OUTCOME_UNKNOWN, "the connection was lost during a commit");
}

static tsec_rc
misbehave(struct tsec_store *store, const struct tsec_store_op *ops, size_t n, struct tsec_err *err)
{
    const enum store_sim_bug bug = store->sim->bug;

    if (bug == STORE_SIM_DROPS) {
        return TSEC_OK;
    }
    TSEC_TRY(
        sim_apply(store->sim, store->db, ops, n, bug == STORE_SIM_HALF ? DATABASE_HALF : 0, err));
    return bug == STORE_SIM_DENIES ? TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "refused") : TSEC_OK;
}

static tsec_rc
meet(struct tsec_store *store, enum fate fate, const struct tsec_store_op *ops, size_t n,
     struct tsec_err *err)
{
    struct store_sim *sim = store->sim;
    tsec_rc rc;

    switch (fate) {
    case FATE_READ_ONLY:
        return TSEC_FAIL(err, TSEC_E_READ_ONLY, "no writes now");
    case FATE_UNKNOWN_APPLIED:
        rc = sim_apply(sim, store->db, ops, n, 0, err);
        sim_trace(sim->trace, "  done all the same: %d", rc.code);
        return unknown(err);
    case FATE_UNKNOWN_LATER:
        sim_zombie(store, ops, n);
        return unknown(err);
    case FATE_UNKNOWN_NEVER:
        return unknown(err);
    case FATE_BUG:
        return misbehave(store, ops, n, err);
    case FATE_DONE:
    default:
        return sim_apply(sim, store->db, ops, n, 0, err);
    }
}

/* One that is refused before it is sent leaves no doubt; one that is cut off may. */
static tsec_rc
doubt(struct tsec_store *store, tsec_rc rc, struct tsec_err *err)
{
    return store->sim->random != NULL && sim_random_below(store->sim->random, 4) == 0 ? unknown(err)
                                                                                      : rc;
}

tsec_rc
sim_commit(struct tsec_store *store, const struct tsec_store_op *ops, size_t n,
           struct tsec_err *err)
{
    tsec_rc rc = tsec_store_check_ops(ops, n, err);

    if (!tsec_failed(rc)) {
        sim_watch(store, ops, n);
        rc = enter(store, err);
        if (tsec_failed(rc)) {
            rc = doubt(store, rc, err);
        } else {
            const enum fate fate = draw_fate(store->sim);

            sim_lock();
            rc = meet(store, fate, ops, n, err);
            sim_unlock();
        }
    }
    sim_tell_commit(store, ops, n, rc);
    leave(store);
    return rc;
}

tsec_rc
sim_health(struct tsec_store *store, struct tsec_err *err)
{
    return enter(store, err);
}
