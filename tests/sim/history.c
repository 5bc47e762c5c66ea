/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tsec/plugin.h>

const char *
call_verb_name(enum call_verb verb)
{
    static const char *const names[] = { "-",    "put",  "cas",    "get",  "delete",
                                         "swap", "list", "refuse", "keys", "look" };

    return names[verb];
}

struct call *
history_call(struct history *history)
{
    struct call *c = NULL;

    if (history->len < HISTORY_CALLS) {
        c = &history->calls[history->len++];
        memset(c, 0, sizeof(*c));
        c->id = (uint32_t)history->len;
        c->made_at = ++history->moment;
    }
    return c;
}

struct call *
history_find(struct history *history, uint32_t id)
{
    return id == 0 || id > history->len ? NULL : &history->calls[id - 1];
}

void
history_answer(struct history *history, struct call *call, int32_t code, uint64_t index)
{
    call->answered = true;
    call->code = code;
    call->index = index;
    call->answered_at = ++history->moment;
}

/* ---- the model ---- */

static uint32_t
keys_there(const struct history_state *s)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < HISTORY_KEYS; i++) {
        bits |= s->values[i] != 0 ? 1U << i : 0;
    }
    return bits;
}

/* What the call sees, and what it leaves. */
static void
play(const struct call *c, struct history_state *s, uint32_t saw[2])
{
    uint32_t *at = &s->values[c->key];

    saw[0] = c->verb == CALL_LIST ? keys_there(s) : *at;
    saw[1] = c->verb == CALL_SWAP ? s->values[c->other] : 0;
    switch (c->verb) {
    case CALL_PUT:
        *at = c->id;
        break;
    case CALL_CAS:
        *at = *at == c->expect ? c->id : *at;
        break;
    case CALL_DELETE:
        *at = 0;
        break;
    case CALL_SWAP:
        *at = saw[1];
        s->values[c->other] = saw[0];
        break;
    case CALL_GET:
    case CALL_LIST:
    case CALL_REFUSE:
    case CALL_KEYS:
    case CALL_LOOK:
    default:
        break;
    }
}

void
history_play(struct history *history, const struct history_log *log, struct history_state *out)
{
    uint32_t saw[2];

    memset(out, 0, sizeof(*out));
    for (uint64_t i = 0; i < log->size; i++) {
        const struct call *c = history_find(history, log->calls[i]);

        if (c != NULL) {
            play(c, out, saw);
        }
    }
}

/* ---- the check ---- */

struct check {
    struct history *history;
    const struct history_log *log;
    struct history_state *states; /* before leaf i, and at the end */
    uint64_t *place;              /* of each call: its leaf + 1; 0: none */
    uint64_t *moment;             /* of each call: how many leaves it has seen; 0: not yet known */
    char *why;
};

static bool
fails(struct check *k, const struct call *c, const char *what)
{
    (void)snprintf(k->why, HISTORY_WHY,
                   "call %u, %s key %u at node %u (answer %d, index %" PRIu64 "): %s", c->id,
                   call_verb_name(c->verb), c->key, c->node, c->code, c->index, what);
    return false;
}

/* Whether it was answered OK by somebody who stood on this log. */
static bool
counts(const struct check *k, const struct call *c)
{
    const struct history_log *l = k->log;
    const bool here = c->branch == l->branch;
    const bool before = l->parent != l->branch && c->branch == l->parent && c->verb != CALL_LOOK
                        && c->index < l->fork_size;

    return c->answered && c->code == 0 && (here || before);
}

static bool
same_answer(const struct call *c, const uint32_t saw[2])
{
    const bool silent = c->verb == CALL_PUT || c->verb == CALL_REFUSE || c->verb == CALL_KEYS;

    return silent || (c->saw[0] == saw[0] && (c->verb != CALL_SWAP || c->saw[1] == saw[1]));
}

/* The calls of the log in its order: each once, none that was refused, each with its answer. */
static bool
check_order(struct check *k)
{
    const struct history_log *l = k->log;
    struct history_state now = { { 0 } };
    uint32_t saw[2];

    for (uint64_t i = 0; i < l->size; i++) {
        const struct call *c = history_find(k->history, l->calls[i]);

        k->states[i] = now;
        if (c == NULL) {
            continue;
        }
        if (k->place[c->id] != 0) {
            return fails(k, c, "stands in the log twice");
        }
        k->place[c->id] = i + 1;
        if (c->answered && c->code != 0 && c->code != TSEC_E_OUTCOME_UNKNOWN) {
            return fails(k, c, "was said not to have happened, and stands in the log");
        }
        play(c, &now, saw);
        if (counts(k, c) && c->verb != CALL_LIST && !same_answer(c, saw)) {
            return fails(k, c, "saw something else than what was there at its index");
        }
    }
    k->states[l->size] = now;
    return true;
}

static bool
check_places(struct check *k)
{
    for (size_t i = 0; i < k->history->len; i++) {
        const struct call *c = &k->history->calls[i];

        if (counts(k, c) && c->verb != CALL_LOOK
            && (k->place[c->id] == 0 || k->place[c->id] - 1 != c->index)) {
            return fails(k, c,
                         k->place[c->id] == 0 ? "was acknowledged, and is not in the log"
                                              : "stands at another index than was said");
        }
    }
    return true;
}

/* How much of the log was known to somebody before the call was made. */
static uint64_t
floor_of(const struct check *k, const struct call *c)
{
    uint64_t floor = 0;

    for (size_t i = 0; i < k->history->len; i++) {
        const struct call *before = &k->history->calls[i];

        if (counts(k, before) && before->answered_at < c->made_at
            && k->moment[before->id] > floor) {
            floor = k->moment[before->id];
        }
    }
    return floor;
}

/* The earliest moment at which the answer was so. */
static bool
find_moment(struct check *k, const struct call *c, uint64_t floor, uint64_t end)
{
    for (uint64_t at = floor; at <= end && at <= k->log->size; at++) {
        struct history_state s = k->states[at];
        uint32_t saw[2];

        play(c, &s, saw);
        if (same_answer(c, saw)) {
            k->moment[c->id] = at;
            return true;
        }
    }
    return fails(k, c, "saw what was not there at any moment between question and answer");
}

static bool
check_time(struct check *k, const struct call *c)
{
    const uint64_t floor = floor_of(k, c);
    const uint64_t place = k->place[c->id];

    if (place != 0 && place <= floor) {
        return fails(k, c, "stands before what was answered before it was asked");
    }
    if (!counts(k, c)) {
        return true;
    }
    /* A list is made when it is asked for, and told of later. */
    if (c->verb == CALL_LIST && !find_moment(k, c, floor, c->index)) {
        return false;
    }
    if (c->verb == CALL_LOOK) {
        return find_moment(k, c, floor, c->end);
    }
    k->moment[c->id] = place;
    return true;
}

static int
by_answer(const void *a, const void *b)
{
    const struct call *const *x = a;
    const struct call *const *y = b;
    const uint64_t at_x = (*x)->answered ? (*x)->answered_at : UINT64_MAX;
    const uint64_t at_y = (*y)->answered ? (*y)->answered_at : UINT64_MAX;

    return at_x < at_y ? -1 : at_x > at_y ? 1 : 0;
}

static bool
check_times(struct check *k)
{
    const struct call *sorted[HISTORY_CALLS];

    for (size_t i = 0; i < k->history->len; i++) {
        sorted[i] = &k->history->calls[i];
    }
    qsort(sorted, k->history->len, sizeof(sorted[0]), by_answer);
    for (size_t i = 0; i < k->history->len; i++) {
        if (!check_time(k, sorted[i])) {
            return false;
        }
    }
    return true;
}

bool
history_check(struct history *history, const struct history_log *log, char *why)
{
    struct check k = { .history = history, .log = log, .why = why };
    bool good;

    k.states = calloc(log->size + 1, sizeof(*k.states));
    k.place = calloc(HISTORY_CALLS + 1, sizeof(*k.place));
    k.moment = calloc(HISTORY_CALLS + 1, sizeof(*k.moment));
    if (k.states == NULL || k.place == NULL || k.moment == NULL) {
        abort();
    }
    good = check_order(&k) && check_places(&k) && check_times(&k);
    free(k.states);
    free(k.place);
    free(k.moment);
    return good;
}
