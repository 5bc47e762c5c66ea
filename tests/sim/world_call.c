/* SPDX-License-Identifier: Apache-2.0 */
/* What nodes are asked, as transactions, and how the answer comes back. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/world.h"

enum { FIRST_GROUP = 4, SLOTS = 3 }; /* keys from there on are groups */

struct asking {
    struct node_op op;
    struct sim_node *at;
    struct call *call;
    int64_t made_ns;
    int64_t made_jumped_ns;
};

/* ---- keys and values, with a canary in both ---- */

static struct tsec_span
key_of(struct txn *txn, unsigned key)
{
    const char digit = (char)('0' + key);

    return txn_key2(txn, "sys/" WORLD_CANARY "-", tsec_span(&digit, 1));
}

static tsec_rc
read_value(struct txn *txn, unsigned key, uint32_t *value, struct tsec_err *err)
{
    struct tsec_span payload = tsec_span(NULL, 0);
    const tsec_rc rc = txn_get(txn, key_of(txn, key), &payload, err);
    char text[32] = "";

    *value = 0;
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    memcpy(text, payload.ptr, payload.len < sizeof(text) ? payload.len : sizeof(text) - 1);
    *value = (uint32_t)strtoul(text + sizeof(WORLD_CANARY), NULL, 10);
    return TSEC_OK;
}

static tsec_rc
write_value(struct txn *txn, unsigned key, uint32_t value, struct tsec_err *err)
{
    const struct tsec_span name = key_of(txn, key);
    char text[32];
    int len;

    if (value == 0) {
        return key < FIRST_GROUP ? txn_delete(txn, name, err) : txn_delete_group(txn, name, err);
    }
    len = snprintf(text, sizeof(text), WORLD_CANARY "-%u", value);
    if (key < FIRST_GROUP) {
        return txn_put(txn, name, tsec_span(text, (size_t)len), err);
    }
    return txn_put_head(txn, name, (uint16_t)(txn_head_slot(txn, name) % SLOTS + 1),
                        tsec_span(text, (size_t)len), err);
}

static tsec_rc
list_name(void *ctx, struct tsec_span name)
{
    uint32_t *bits = ctx;

    if (tsec_span_starts(name, tsec_span_str(WORLD_CANARY "-"))) {
        *bits |= 1U << (name.ptr[name.len - 1] - '0');
    }
    return TSEC_OK;
}

/* ---- what each call does ---- */

static tsec_rc
change_keys(struct txn *txn, unsigned what, struct tsec_err *err)
{
    switch (what % 3) {
    case 0:
        return txn_dek(txn, TXN_DEK_ROTATE, "*", err);
    case 1:
        return txn_dek(txn, TXN_MEK_ROTATE, "", err);
    default:
        return txn_dek(txn, TXN_DEK_RETIRE, "", err);
    }
}

static tsec_rc
run_writes(struct call *c, struct txn *txn, struct tsec_err *err)
{
    switch (c->verb) {
    case CALL_PUT:
        return write_value(txn, c->key, c->id, err);
    case CALL_CAS:
        TSEC_TRY(read_value(txn, c->key, &c->saw[0], err));
        return c->saw[0] == c->expect ? write_value(txn, c->key, c->id, err) : TSEC_OK;
    case CALL_DELETE:
        TSEC_TRY(read_value(txn, c->key, &c->saw[0], err));
        return write_value(txn, c->key, 0, err);
    case CALL_SWAP:
        TSEC_TRY(read_value(txn, c->key, &c->saw[0], err));
        TSEC_TRY(read_value(txn, c->other, &c->saw[1], err));
        TSEC_TRY(write_value(txn, c->key, c->saw[1], err));
        return write_value(txn, c->other, c->saw[0], err);
    case CALL_REFUSE:
        TSEC_TRY(write_value(txn, c->key, c->id, err));
        return TSEC_FAIL(err, TSEC_E_DENIED, "as it was meant to");
    case CALL_KEYS:
    case CALL_GET:
    case CALL_LIST:
    case CALL_LOOK:
    default:
        return change_keys(txn, c->other, err);
    }
}

static tsec_rc
run_call(struct call *c, struct txn *txn, struct tsec_err *err)
{
    c->saw[0] = c->saw[1] = 0;
    if (c->verb == CALL_GET || c->verb == CALL_LOOK) {
        return read_value(txn, c->key, &c->saw[0], err);
    }
    if (c->verb == CALL_LIST) {
        return txn_list(txn, tsec_span_str("sys/"), tsec_span(NULL, 0), 0, true, list_name,
                        &c->saw[0], err);
    }
    return run_writes(c, txn, err);
}

/* A handler that fails has no say in what it saw: only the refusal that is meant is one. */
static tsec_rc
asking_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    struct asking *a = (struct asking *)(void *)op;
    struct tsec_err why = { 0 };
    const tsec_rc rc = run_call(a->call, txn, &why);
    char id[16];

    if (tsec_failed(rc) && a->call->verb != CALL_REFUSE && a->call->verb != CALL_KEYS) {
        world_wrong(a->at->world, "call %u: its run fails (%d): %s", a->call->id, rc.code,
                    why.detail);
    }
    if (a->call->verb != CALL_LOOK) {
        const struct audit_entry entry = {
            .id = id, .ts_ns = op->now_ns, .operation = "sim", .allow = true
        };

        (void)snprintf(id, sizeof(id), "c%u", a->call->id);
        audit_entry_json(&entry, node_keys(op->node)->pseudonym, audit);
    }
    if (err != NULL) {
        *err = why;
    }
    return rc;
}

/* ---- answers ---- */

/* What a client may get for an answer besides OK: all of them ask to try again. */
static bool
fair_failure(const struct asking *a, int32_t code)
{
    static const int32_t fair[] = { TSEC_E_UNAVAILABLE,    TSEC_E_BUSY,      TSEC_E_OUTCOME_UNKNOWN,
                                    TSEC_E_ROLLBACK,       TSEC_E_READ_ONLY, TSEC_E_SEALED,
                                    TSEC_E_NOT_INITIALIZED };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(fair); i++) {
        if (code == fair[i]) {
            return true;
        }
    }
    return (code == TSEC_E_TAMPERED && a->at->deceived)
           || (a->call->verb == CALL_KEYS && (code == TSEC_E_NOT_FOUND || code == TSEC_E_CONFLICT));
}

static void
check_ok(const struct asking *a)
{
    struct world *w = a->at->world;
    const bool old = w->scene == SCENE_OLD && a->at->db == w->other;

    if (old && a->call->made_at > w->scene_moment) {
        world_wrong(w, "call %u is answered by node %u over an older image", a->call->id,
                    a->at->id);
    }
}

/* However the store behaves, nobody waits longer than the patience, but for time in which nothing
 * could be done: a call to the store that took long, a machine that stood still. */
static void
check_patience(const struct asking *a)
{
    struct world *w = a->at->world;
    const int64_t waited = w->clock.mono - a->made_ns - (w->jumped_ns - a->made_jumped_ns);

    if (a->at->still_until < a->made_ns && waited > WORLD_PATIENCE + 2 * TSEC_NS_PER_S) {
        world_wrong(w, "call %u waited %d ms", a->call->id, (int)(waited / 1000000));
    }
}

static void
answer(struct asking *a, tsec_rc rc, uint64_t index, const char *why)
{
    struct world *w = a->at->world;
    struct call *c = a->call;

    c->branch = a->at->db == w->other ? w->branch : 0;
    c->end = auditor_size(store_sim_image(a->at->db));
    history_answer(&w->history, c, rc.code, index);
    check_patience(a);
    w->unknown += rc.code == TSEC_E_OUTCOME_UNKNOWN ? 1 : 0;
    sim_trace(&w->trace, "  call %u answered: %d at %" PRIu64 " saw %u %u", c->id, rc.code,
              tsec_failed(rc) ? 0 : index, c->saw[0], c->saw[1]);
    if (!tsec_failed(rc)) {
        w->worked++;
        check_ok(a);
    } else if (!fair_failure(a, rc.code)) {
        world_wrong(w, "call %u (%s) gets %d for an answer: %s", c->id, call_verb_name(c->verb),
                    rc.code, why);
    }
    w->asking--;
    tsec_arena_free(a->op.arena);
    free(a);
}

static void
asking_done(struct node_op *op, tsec_rc rc, uint64_t index, const struct tsec_err *err)
{
    answer((struct asking *)(void *)op, rc, index, err->detail);
}

/* A compare-and-set expects what somebody saw last, as a client would. */
static uint32_t
seen_last(const struct history *h, unsigned key)
{
    for (size_t i = h->len; i > 0; i--) {
        const struct call *c = &h->calls[i - 1];

        if (c->answered && c->code == 0 && c->key == key) {
            if (c->verb == CALL_PUT) {
                return c->id;
            }
            if (c->verb == CALL_GET || c->verb == CALL_LOOK) {
                return c->saw[0];
            }
        }
    }
    return 0;
}

void
world_ask(struct sim_node *n, const struct call_plan *plan)
{
    struct world *w = n->world;
    struct asking *a = calloc(1, sizeof(*a));
    struct call *c = a == NULL ? NULL : history_call(&w->history);
    struct tsec_err err = { 0 };
    bool pending = false;

    if (c == NULL || tsec_failed(tsec_arena_new((size_t)1 << 20, &a->op.arena, &err))) {
        free(a);
        return;
    }
    c->verb = plan->verb;
    c->key = plan->key;
    c->other = plan->other;
    c->node = n->id;
    c->expect = c->verb == CALL_CAS ? seen_last(&w->history, c->key) : 0;
    *a = (struct asking){ .op = { .arena = a->op.arena, .run = asking_run, .done = asking_done },
                          .at = n,
                          .call = c,
                          .made_ns = w->clock.mono,
                          .made_jumped_ns = w->jumped_ns };
    a->op.now_ns = w->clock.real;
    w->asking++;
    sim_trace(&w->trace, "call %u: %s %u %u at node %u", c->id, call_verb_name(c->verb), c->key,
              c->other, n->id);

    const tsec_rc rc = node_submit(n->node, &a->op, &pending, &err);

    if (tsec_failed(rc) || !pending) {
        answer(a, rc, 0, err.detail);
    } else {
        n->due_ns = w->clock.mono;
    }
}

/* ---- beside the ledger ---- */

static tsec_rc
view_values(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct history_state *s = ctx;

    for (unsigned i = 0; i < HISTORY_KEYS; i++) {
        TSEC_TRY(read_value(txn, i, &s->values[i], err));
    }
    return TSEC_OK;
}

bool
sim_node_values(struct sim_node *n, struct history_state *out)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;

    return !tsec_failed(tsec_arena_new((size_t)1 << 20, &arena, NULL))
           && !tsec_failed(node_view(n->node, arena, n->world->clock.real, view_values, out, NULL));
}
