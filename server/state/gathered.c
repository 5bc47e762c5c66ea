/* SPDX-License-Identifier: Apache-2.0 */
#include "state/gathered.h"

#include <stdlib.h>

#include "base/siphash.h"
#include "crypto/rand.h"
#include "state/state_internal.h"

enum { BUCKETS = 64, STRAYS_MAX = 65536 };

tsec_rc
gathered_new(struct gathered **out, struct tsec_err *err)
{
    struct gathered *g = calloc(1, sizeof(*g));

    if (g != NULL) {
        g->buckets = calloc(BUCKETS, sizeof(struct expected *));
        g->buckets_len = BUCKETS;
    }
    if (g == NULL || g->buckets == NULL) {
        free(g);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "replay");
    }
    tsec_rand_bytes((uint8_t *)g->seed, sizeof(g->seed));
    *out = g;
    return TSEC_OK;
}

static void
expected_free(struct expected *e)
{
    if (e->want == WANT_NOTHING) {
        row_unref(e->row);
    }
    free(e);
}

void
gathered_clear(struct gathered *gathered)
{
    struct gathered *g = gathered;
    struct gathered empty = { .buckets_len = BUCKETS, .seed = { g->seed[0], g->seed[1] } };
    struct expected **small =
        g->buckets_len == BUCKETS ? NULL : calloc(BUCKETS, sizeof(struct expected *));

    for (size_t i = 0; i < g->buckets_len; i++) {
        while (g->buckets[i] != NULL) {
            struct expected *e = g->buckets[i];

            g->buckets[i] = e->next;
            expected_free(e);
        }
    }
    keyring_free(g->keyring);
    empty.buckets = small == NULL ? g->buckets : small;
    if (small == NULL) {
        empty.buckets_len = g->buckets_len;
    } else { /* what follows is a few rows, and must not cost what a start did */
        free(g->buckets);
    }
    *g = empty;
}

void
gathered_free(struct gathered *gathered)
{
    if (gathered != NULL) {
        gathered_clear(gathered);
        free(gathered->buckets);
        free(gathered);
    }
}

/* ---- finding ---- */

/* The rks of rows that the log does not know are the host's choice. */
static size_t
bucket_of(const struct gathered *g, const uint8_t *rk)
{
    return (size_t)(tsec_siphash(g->seed, tsec_span(rk, ROW_KEY_LEN)) & (g->buckets_len - 1));
}

static struct expected **
expected_at(const struct gathered *g, const uint8_t *rk)
{
    struct expected **at = &g->buckets[bucket_of(g, rk)];

    while (*at != NULL
           && !tsec_span_equal(tsec_span((*at)->rk, ROW_KEY_LEN), tsec_span(rk, ROW_KEY_LEN))) {
        at = &(*at)->next;
    }
    return at;
}

struct expected *
gathered_find(const struct gathered *gathered, const uint8_t *rk)
{
    return *expected_at(gathered, rk);
}

struct expected *
gathered_next(const struct gathered *gathered, struct gathered_at *at)
{
    struct expected *e = at->last == NULL ? NULL : at->last->next;

    while (e == NULL && at->bucket < gathered->buckets_len) {
        e = gathered->buckets[at->bucket++];
    }
    at->last = e;
    return e;
}

/* ---- gathering ---- */

/* When there is no memory for more buckets the chains grow instead. */
static void
gathered_grow(struct gathered *g)
{
    struct expected **old = g->buckets;
    const size_t len = g->buckets_len;
    struct expected **fresh = calloc(len * 4, sizeof(struct expected *));

    if (fresh == NULL) {
        return;
    }
    g->buckets = fresh;
    g->buckets_len = len * 4;
    for (size_t i = 0; i < len; i++) {
        struct expected *e = old[i];

        while (e != NULL) {
            struct expected *next = e->next;
            struct expected **at = &fresh[bucket_of(g, e->rk)];

            e->next = *at;
            *at = e;
            e = next;
        }
    }
    free(old);
}

/* The entry of that rk, made when there is none. */
static tsec_rc
gathered_entry(struct gathered *g, const uint8_t *rk, struct expected **out, struct tsec_err *err)
{
    struct expected **at = expected_at(g, rk);
    struct expected *e = *at;

    if (e == NULL) {
        e = calloc(1, sizeof(*e));
        if (e == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "replay");
        }
        memcpy(e->rk, rk, sizeof(e->rk)); /* before it may be moved to another bucket */
        *at = e;
        if (++g->len > g->buckets_len * 2) {
            gathered_grow(g);
        }
    } else if (e->want == WANT_NOTHING) {
        row_unref(e->row); /* found for nothing: it was changed again */
    }
    *out = e;
    return TSEC_OK;
}

static tsec_rc
gathered_put(struct gathered *g, const struct mutation *m, struct tsec_err *err)
{
    struct expected *e = NULL;

    TSEC_TRY(gathered_entry(g, m->rk, &e, err));
    memcpy(e->hash, m->hash, sizeof(e->hash));
    e->version = m->version;
    e->class = m->class;
    e->want = WANT_ROW;
    return TSEC_OK;
}

static tsec_rc
gathered_delete(struct gathered *g, const uint8_t *rk, bool resident, struct tsec_err *err)
{
    struct expected *e = gathered_find(g, rk);

    if (!resident && (e == NULL || !e->found)) {
        gathered_remove(g, rk); /* came and went */
        return TSEC_OK;
    }
    TSEC_TRY(gathered_entry(g, rk, &e, err));
    e->want = resident ? WANT_GONE : WANT_EXPLAINED; /* it was seen: look whether it went */
    return TSEC_OK;
}

tsec_rc
gathered_mutation(struct gathered *gathered, const struct mutation *m, bool resident,
                  struct tsec_err *err)
{
    if (m->op == MUTATION_DELETE) {
        return gathered_delete(gathered, m->rk, resident, err);
    }
    if (m->op == MUTATION_PUT && m->class >= ROW_CLASS_MIN && m->class <= ROW_CLASS_MAX) {
        return gathered_put(gathered, m, err);
    }
    return TSEC_FAIL(err, TSEC_E_TAMPERED, "a ledger leaf says something unknown");
}

void
gathered_rotation(struct gathered *gathered, uint64_t version, const uint8_t hash[TSEC_SHA256_LEN])
{
    keyring_free(gathered->keyring);
    gathered->keyring = NULL;
    gathered->has_rotation = true;
    gathered->keyring_version = version;
    memcpy(gathered->keyring_hash, hash, TSEC_SHA256_LEN);
}

tsec_rc
gathered_stray(struct gathered *gathered, const uint8_t *rk, struct tsec_err *err)
{
    struct expected *e = NULL;

    if (gathered->strays >= STRAYS_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "too many rows that the ledger does not know");
    }
    TSEC_TRY(gathered_entry(gathered, rk, &e, err));
    e->want = WANT_EXPLAINED;
    e->found = true;
    gathered->strays++;
    return TSEC_OK;
}

void
gathered_remove(struct gathered *gathered, const uint8_t *rk)
{
    struct expected **at = expected_at(gathered, rk);
    struct expected *e = *at;

    if (e != NULL) {
        *at = e->next;
        expected_free(e);
        gathered->len--;
    }
}

void
gathered_found(struct expected *expected, struct row *row)
{
    expected->row = row_ref(row);
    expected->want = WANT_NOTHING;
    expected->found = false;
}

void
gathered_keyring(struct gathered *gathered, struct keyring **keyring)
{
    struct gathered_at at = { .last = NULL };

    for (struct expected *e = gathered_next(gathered, &at); e != NULL;
         e = gathered_next(gathered, &at)) {
        if (e->want == WANT_NOTHING) {
            struct row *row = e->row;

            e->version = row->version;
            e->want = WANT_ROW;
            row_unref(row);
        }
    }
    keyring_free(gathered->keyring);
    gathered->keyring = TSEC_TAKE(*keyring);
}

void
gathered_behind(struct gathered *gathered, enum behind how, const uint8_t *rk)
{
    if (gathered->behind != BEHIND_NOT) {
        return;
    }
    gathered->behind = how;
    if (how != BEHIND_KEYRING) {
        memcpy(gathered->behind_rk, rk, sizeof(gathered->behind_rk));
    }
}
