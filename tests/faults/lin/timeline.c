/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/lin/timeline.h"

#include <stdlib.h>

static int
order(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int
by_call(const void *a, const void *b)
{
    const struct lin_op *x = a, *y = b;

    return order(x->call, y->call);
}

static int
by_expected(const void *a, const void *b)
{
    const struct lin_op *x = a, *y = b;
    const int first = order(x->expected, y->expected);

    return first != 0 ? first : by_call(a, b);
}

static int
by_value(const void *a, const void *b)
{
    const struct lin_op *x = *(const struct lin_op *const *)a;
    const struct lin_op *y = *(const struct lin_op *const *)b;
    const int first = order(x->value, y->value);

    return first != 0 ? first : order(x->ret, y->ret);
}

/* Calls before returns at one time: they overlap. */
static int
by_time(const void *a, const void *b)
{
    const struct lin_event *x = a, *y = b;
    const int first = order(x->time, y->time);

    return first != 0 ? first : (x->pair == NULL) - (y->pair == NULL);
}

/* The first read, by its return, that saw this value; of reads sorted by value. */
static const struct lin_op *
reader_of(const struct lin_op **reads, size_t n, uint32_t value)
{
    size_t low = 0, high = n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (reads[middle]->value < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && reads[low]->value == value ? reads[low] : NULL;
}

/* A write of unknown outcome whose value was read did happen, before that read returned, and made
 * the version that was read. */
static void
learn(struct lin_op *op, const struct lin_op **reads, size_t n_reads)
{
    if (op->ret != LIN_NEVER || (op->kind != LIN_PUT && op->kind != LIN_CAS)) {
        return;
    }

    const struct lin_op *read = reader_of(reads, n_reads, op->value);

    if (read != NULL) {
        op->ret = read->ret < op->call ? op->call : read->ret;
        op->version = read->version;
        op->conflict = false;
    }
}

/* What of the history the view shows, as it shows it; what a read of unknown outcome would have
 * been told is nothing. */
static size_t
look(struct lin_op *out, const struct lin_op *ops, size_t n, const struct lin_view *view)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        struct lin_op op = ops[i];

        if (op.call > view->until || op.ret < view->from) {
            continue;
        }
        if (op.ret > view->until) {
            op.ret = LIN_NEVER;
        }
        /* A check-and-set that is told a conflict changes nothing, whenever it is told. */
        if (op.ret == LIN_NEVER && (op.kind == LIN_GET || op.conflict)) {
            continue;
        }
        out[kept++] = op;
    }
    return kept;
}

/* The four arrays one after the other; out has n places. */
static void
sort_out(struct lin_timeline *line, const struct lin_op *seen, size_t n)
{
    struct lin_op *next = line->memory;

    line->ops = next;
    for (size_t i = 0; i < n; i++) {
        if (seen[i].ret != LIN_NEVER) {
            *next++ = seen[i];
        }
    }
    line->n = (size_t)(next - line->ops);

    static const enum lin_kind kinds[] = { LIN_PUT, LIN_DELETE, LIN_CAS };
    struct lin_op **arrays[] = { &line->puts, &line->deletions, &line->compares };
    size_t *lengths[] = { &line->n_puts, &line->n_deletions, &line->n_compares };

    for (size_t k = 0; k < 3; k++) {
        *arrays[k] = next;
        for (size_t i = 0; i < n; i++) {
            if (seen[i].ret == LIN_NEVER && seen[i].kind == kinds[k]) {
                *next++ = seen[i];
            }
        }
        *lengths[k] = (size_t)(next - *arrays[k]);
        qsort(*arrays[k], *lengths[k], sizeof(**arrays[k]),
              kinds[k] == LIN_CAS ? by_expected : by_call);
    }
}

static bool
link_events(struct lin_timeline *line)
{
    const size_t n = 2 * line->n;
    struct lin_event **returns = calloc(line->n + 1, sizeof(struct lin_event *));

    line->events = calloc(n + 1, sizeof(*line->events));
    if (returns == NULL || line->events == NULL) {
        free(returns);
        return false;
    }
    for (size_t i = 0; i < line->n; i++) {
        /* Any pointer: the sort moves events, and tells calls by having one. */
        line->events[2 * i] = (struct lin_event){ line->ops[i].call, i, &line->head, NULL, NULL };
        line->events[2 * i + 1] = (struct lin_event){ line->ops[i].ret, i, NULL, NULL, NULL };
    }
    qsort(line->events, n, sizeof(*line->events), by_time);

    struct lin_event *last = &line->head;

    for (size_t i = n; i-- > 0;) {
        struct lin_event *event = &line->events[i];

        if (event->pair == NULL) {
            returns[event->op] = event;
        } else {
            event->pair = returns[event->op];
        }
    }
    for (size_t i = 0; i < n; i++) {
        line->events[i].before = last;
        last->after = &line->events[i];
        last = &line->events[i];
    }
    free(returns);
    return true;
}

static size_t
collect_reads(const struct lin_op **reads, const struct lin_op *ops, size_t n)
{
    size_t n_reads = 0;

    for (size_t i = 0; i < n; i++) {
        if (ops[i].kind == LIN_GET && ops[i].value != 0) {
            reads[n_reads++] = &ops[i];
        }
    }
    qsort(reads, n_reads, sizeof(*reads), by_value);
    return n_reads;
}

bool
lin_timeline_make(struct lin_timeline *line, const struct lin_op *ops, size_t n,
                  const struct lin_view *view)
{
    struct lin_op *seen = calloc(n + 1, sizeof(*seen));
    const struct lin_op **reads = calloc(n + 1, sizeof(*reads));
    bool made = false;

    *line = (struct lin_timeline){ .memory = calloc(n + 1, sizeof(*line->memory)) };
    if (seen != NULL && reads != NULL && line->memory != NULL) {
        /* What a read tells holds for the whole; of a cut-off beginning too. */
        struct lin_view past = *view;

        past.from = 0;

        const size_t n_past = look(line->memory, ops, n, &past);
        const size_t n_reads = collect_reads(reads, line->memory, n_past);

        for (size_t i = 0; i < n_past; i++) {
            if (line->memory[i].kind != LIN_GET) {
                learn(&line->memory[i], reads, n_reads);
            }
        }
        sort_out(line, seen, look(seen, line->memory, n_past, view));
        made = link_events(line);
    }
    free(seen);
    free(reads);
    if (!made) {
        lin_timeline_free(line);
    }
    return made;
}

static void
take(struct lin_event *event)
{
    event->before->after = event->after;
    if (event->after != NULL) {
        event->after->before = event->before;
    }
}

static void
give(struct lin_event *event)
{
    event->before->after = event;
    if (event->after != NULL) {
        event->after->before = event;
    }
}

void
lin_timeline_lift(struct lin_event *call)
{
    take(call);
    take(call->pair);
}

void
lin_timeline_restore(struct lin_event *call)
{
    give(call->pair);
    give(call);
}

const struct lin_op *
lin_timeline_compare(const struct lin_timeline *line, uint32_t version)
{
    size_t low = 0, high = line->n_compares;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (line->compares[middle].expected < version) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < line->n_compares && line->compares[low].expected == version ? &line->compares[low]
                                                                             : NULL;
}

void
lin_timeline_free(struct lin_timeline *line)
{
    free(line->memory);
    free(line->events);
    *line = (struct lin_timeline){ 0 };
}
