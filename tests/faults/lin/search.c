/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/lin/search.h"

#include "tests/faults/lin/memo.h"
#include "tests/faults/lin/timeline.h"

#include <stdlib.h>

/* The value of a write that nobody read: one is like the other. */
#define UNSEEN UINT32_MAX

/* How far to look for an operation that a step makes impossible. */
enum { LOOK_AHEAD = 64 };

/* What may come next: an operation of the list, and where none fits one of unknown outcome. */
enum choice { LISTED, COMPARE, PUT, DELETION, NOTHING };

struct candidate {
    enum choice choice;
    struct lin_event *call; /* of a listed one; else the return that it must come before */
};

/* One step that was taken, to be taken back. */
struct frame {
    struct candidate taken;
    struct lin_state before;
};

struct search {
    struct lin_timeline line;
    struct lin_memo memo;
    struct lin_state state;
    struct lin_hash listed; /* which of the list were taken */
    size_t puts, deletions; /* how many of unknown outcome were taken */
    size_t left;            /* of the list */
    struct frame *frames;
    size_t depth;
};

static void
toggle(struct search *s, size_t op)
{
    s->listed.a ^= lin_mix(2 * (uint64_t)op);
    s->listed.b ^= lin_mix(2 * (uint64_t)op + 1);
}

/* The whole configuration: what was taken, and what the register holds. */
static struct lin_hash
configuration(const struct search *s)
{
    const uint64_t state =
        lin_mix(((uint64_t)s->state.version << 32) | s->state.value) + (s->state.any ? 1 : 0);
    const uint64_t unknown = lin_mix(((uint64_t)s->puts << 32) | (uint64_t)s->deletions);

    return (struct lin_hash){ s->listed.a ^ lin_mix(state + 3 * unknown),
                              s->listed.b ^ lin_mix(5 * state + unknown) };
}

/* The operation of unknown outcome that stands for its kind here; NULL when there is none. */
static const struct lin_op *
unknown_op(const struct search *s, enum choice choice)
{
    switch (choice) {
    case COMPARE:
        return lin_timeline_compare(&s->line, s->state.version);
    case PUT:
        return s->puts < s->line.n_puts ? &s->line.puts[s->puts] : NULL;
    case DELETION:
        return s->deletions < s->line.n_deletions ? &s->line.deletions[s->deletions] : NULL;
    case LISTED:
    case NOTHING:
        break;
    }
    return NULL;
}

/* Versions only grow: whether one that is still to come was told of an earlier version. */
static bool
too_far(const struct search *s, uint32_t version)
{
    const struct lin_event *event = s->line.head.after;

    for (int i = 0; i < LOOK_AHEAD && event != NULL; i++, event = event->after) {
        const struct lin_op *op = &s->line.ops[event->op];
        const uint32_t made = op->kind == LIN_GET ? 0 : 1;

        if (event->pair != NULL && op->kind != LIN_DELETE && !op->conflict
            && op->version < version + made) {
            return true;
        }
    }
    return false;
}

static bool
step_of(const struct search *s, const struct candidate *c, struct lin_state *after)
{
    if (c->choice == LISTED) {
        return lin_step(&s->state, &s->line.ops[c->call->op], after);
    }

    const struct lin_op *op = unknown_op(s, c->choice);

    /* In its order of time: nothing that is still to come may have returned before its call. */
    if (op == NULL || op->call > c->call->time || !lin_step_unknown(&s->state, op, after)) {
        return false;
    }
    if (op->kind == LIN_DELETE) {
        return true;
    }
    after->value = UNSEEN;
    return !too_far(s, after->version);
}

static void
count(struct search *s, const struct candidate *c, bool taken)
{
    const size_t by = taken ? 1 : (size_t)-1;

    if (c->choice == LISTED) {
        toggle(s, c->call->op);
        s->left -= by;
    } else if (c->choice == PUT) {
        s->puts += by;
    } else if (c->choice == DELETION) {
        s->deletions += by;
    }
}

/* Takes the step when it is possible and leads to where the search has not been. */
static bool
take(struct search *s, const struct candidate *c)
{
    const struct lin_state before = s->state;
    struct lin_state after;

    if (!step_of(s, c, &after)) {
        return false;
    }
    count(s, c, true);
    s->state = after;
    if (!lin_memo_add(&s->memo, configuration(s))) {
        count(s, c, false);
        s->state = before;
        return false;
    }
    if (c->choice == LISTED) {
        lin_timeline_lift(c->call);
    }
    s->frames[s->depth++] = (struct frame){ *c, before };
    return true;
}

static struct candidate
first(const struct search *s)
{
    return (struct candidate){ LISTED, s->line.head.after };
}

/* After the calls before the first return come those of unknown outcome. */
static struct candidate
next(struct candidate c)
{
    if (c.choice == LISTED) {
        c.call = c.call->after;
    } else {
        c.choice++;
    }
    return c;
}

static bool
advance(struct search *s)
{
    struct candidate c = first(s);

    for (;;) {
        if (c.choice == LISTED && c.call->pair == NULL) {
            c.choice = COMPARE;
        }
        if (c.choice != NOTHING) {
            if (take(s, &c)) {
                return true;
            }
            c = next(c);
            continue;
        }
        /* A dead end: the last step is taken back, and what comes after it is tried. */
        if (s->depth == 0) {
            return false;
        }

        const struct frame *last = &s->frames[--s->depth];

        c = last->taken;
        count(s, &c, false);
        s->state = last->before;
        if (c.choice == LISTED) {
            lin_timeline_restore(c.call);
        }
        c = next(c);
    }
}

enum lin_verdict
lin_search(const struct lin_op *ops, size_t n, const struct lin_view *view)
{
    struct search s = { .memo = { .limit = view->memo_limit }, .state = { .any = view->from > 0 } };
    enum lin_verdict verdict = LIN_UNDECIDED;

    if (lin_timeline_make(&s.line, ops, n, view)) {
        s.left = s.line.n;
        s.frames = calloc(n + 1, sizeof(*s.frames));
        while (s.frames != NULL && s.left > 0 && advance(&s)) {
        }
        if (s.frames != NULL) {
            verdict = s.left == 0 ? LIN_ACCEPTED : s.memo.full ? LIN_UNDECIDED : LIN_REFUSED;
        }
    }
    free(s.frames);
    lin_memo_clear(&s.memo);
    lin_timeline_free(&s.line);
    return verdict;
}
