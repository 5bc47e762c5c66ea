/* SPDX-License-Identifier: Apache-2.0 */
/* What passes on its way to the store: told to the trace, and held against what may never be. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "codec/pack.h"
#include "tests/sim/store_sim_internal.h"

enum { SEGMENT_KEY_LEN = 9 };

static void
wrong(struct store_sim *sim, const char *what)
{
    if (sim->wrong == NULL) {
        sim->wrong = what;
        sim_trace(sim->trace, "  WRONG: %s", what);
    }
}

static bool
holds(struct tsec_span bytes, const char *canary)
{
    return bytes.len > 0 && memmem(bytes.ptr, bytes.len, canary, strlen(canary)) != NULL;
}

static bool
is_segment(const struct tsec_store_op *op)
{
    return op->key.len == SEGMENT_KEY_LEN && op->key.ptr[0] == 'e' && op->verb == TSEC_STORE_PUT;
}

static uint64_t
number_in(struct tsec_span key)
{
    struct tsec_reader in = tsec_reader(tsec_span(key.ptr + 1, key.len - 1));

    return tsec_read_u64(&in);
}

static void
watch_segment(struct tsec_store *store, const struct tsec_store_op *op)
{
    const uint64_t first = number_in(op->key);

    for (size_t i = 0; i < store->doubts_len; i++) {
        const struct doubt *d = &store->doubts[i];

        if (d->first == first && !tsec_span_equal(tsec_span(d->segment, d->len), op->value)) {
            wrong(store->sim, "offers other leaves where a commit of some may have happened");
        }
    }
}

void
sim_watch(struct tsec_store *store, const struct tsec_store_op *ops, size_t n)
{
    struct store_sim *sim = store->sim;

    if (sim->random == NULL) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (sim->canary != NULL
            && (holds(ops[i].key, sim->canary) || holds(ops[i].value, sim->canary))) {
            wrong(sim, "stores plaintext");
        }
        if (is_segment(&ops[i])) {
            watch_segment(store, &ops[i]);
        }
    }
}

/* ---- doubts ---- */

static void
doubt_keep(struct tsec_store *store, const struct tsec_store_op *op)
{
    struct doubt *d = &store->doubts[store->doubts_len % DOUBTS_MAX];

    for (size_t i = 0; i < store->doubts_len; i++) {
        if (store->doubts[i].first == number_in(op->key)) {
            return;
        }
    }
    if (store->doubts_len == DOUBTS_MAX) { /* the oldest goes */
        free(store->doubts[0].segment);
        memmove(&store->doubts[0], &store->doubts[1], (DOUBTS_MAX - 1) * sizeof(*d));
        store->doubts_len--;
        d = &store->doubts[store->doubts_len];
    }
    d->segment = malloc(op->value.len + 1);
    if (d->segment == NULL) {
        abort();
    }
    memcpy(d->segment, op->value.ptr, op->value.len);
    d->len = op->value.len;
    d->first = number_in(op->key);
    store->doubts_len++;
}

/* Whose leaves are there is known then: what came of the own is no question any more. */
void
sim_shown(struct tsec_store *store, const struct database_record *record)
{
    if (record->key.len != SEGMENT_KEY_LEN || record->key.ptr[0] != 'e' || store->db->lies) {
        return;
    }
    for (size_t i = 0; i < store->doubts_len; i++) {
        struct doubt *d = &store->doubts[i];

        if (d->first == number_in(record->key)
            && !tsec_span_equal(tsec_span(d->segment, d->len), record->value)) {
            free(d->segment);
            *d = store->doubts[--store->doubts_len];
            return;
        }
    }
}

void
sim_doubts_done(struct tsec_store *store)
{
    while (store->doubts_len > 0) {
        free(store->doubts[--store->doubts_len].segment);
    }
}

/* ---- the trace ---- */

void
sim_tell_question(struct tsec_store *store, const char *what, struct tsec_span key, tsec_rc rc)
{
    struct store_sim *sim = store->sim;

    if (sim->random == NULL) {
        return;
    }
    if (key.len == SEGMENT_KEY_LEN && key.ptr[0] == 'e') {
        sim_trace(sim->trace, "  %u: %s e%" PRIu64 ": %d", store->id, what, number_in(key),
                  rc.code);
    } else {
        sim_trace(sim->trace, "  %u: %s %c: %d", store->id, what, key.len == 0 ? '-' : key.ptr[0],
                  rc.code);
    }
}

void
sim_tell_commit(struct tsec_store *store, const struct tsec_store_op *ops, size_t n, tsec_rc rc)
{
    struct store_sim *sim = store->sim;

    if (sim->random == NULL) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (is_segment(&ops[i])) {
            sim_trace(sim->trace, "  %u: commit e%" PRIu64 " with %zu: %d", store->id,
                      number_in(ops[i].key), n, rc.code);
            if (rc.code == TSEC_E_OUTCOME_UNKNOWN) {
                doubt_keep(store, &ops[i]);
            }
            return;
        }
    }
    sim_trace(sim->trace, "  %u: commit of %zu: %d", store->id, n, rc.code);
}
