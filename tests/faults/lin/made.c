/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/lin/made.h"

#include "tests/faults/lin/memo.h"

#include <stdlib.h>

/* An operation takes so many ticks at most on either side of its effect; effects are so far apart.
 */
enum { SPREAD = 100 };

uint64_t
made_below(uint64_t *seed, uint64_t n)
{
    *seed += 1;
    return lin_mix(*seed) % n;
}

static enum lin_kind
kind_of(uint64_t chance)
{
    return chance < 40 ? LIN_GET : chance < 70 ? LIN_PUT : chance < 94 ? LIN_CAS : LIN_DELETE;
}

/* What a working register answers, and what it holds then. */
static void
answer(struct made *made, struct lin_op *op, struct lin_state *state)
{
    switch (op->kind) {
    case LIN_GET:
        op->version = state->version;
        op->value = state->value;
        return;
    case LIN_DELETE:
        state->value = 0;
        return;
    case LIN_CAS:
        op->expected = state->version;
        if (made_below(&made->seed, 3) == 0) {
            op->expected = (uint32_t)made_below(&made->seed, state->version + 2);
        }
        op->conflict = op->expected != state->version;
        if (op->conflict) {
            return;
        }
        break;
    case LIN_PUT:
        break;
    }
    op->version = ++state->version;
    state->value = op->value;
}

/* Its outcome is not told, and if it did nothing it is as if it had never happened. */
static void
lose(struct lin_op *op)
{
    op->ret = LIN_NEVER;
    op->version = 0;
    op->conflict = false;
}

struct made
made_history(uint64_t seed, const struct made_shape *shape)
{
    struct made made = { .ops = calloc(shape->ops, sizeof(*made.ops)),
                         .n = shape->ops,
                         .seed = seed };
    uint64_t *busy = calloc(shape->clients, sizeof(*busy));
    struct lin_state state = { 0 };
    size_t last = shape->ops;
    uint64_t now = SPREAD;

    for (uint32_t i = 0; made.ops != NULL && busy != NULL && i < shape->ops; i++) {
        struct lin_op op = { .kind = kind_of(made_below(&made.seed, 100)),
                             .value = i + 1,
                             .line = i };
        const size_t client = (size_t)made_below(&made.seed, shape->clients);

        now = (now > busy[client] ? now : busy[client]) + 1
              + made_below(&made.seed, SPREAD / shape->clients + 1);
        op.call = now
                  - made_below(&made.seed,
                               1 + (now - busy[client] > SPREAD ? SPREAD : now - busy[client]));
        op.ret = now + made_below(&made.seed, SPREAD);
        busy[client] = op.ret;
        if (op.kind == LIN_GET || op.kind == LIN_DELETE) {
            op.value = 0;
        }

        const bool lost = op.kind != LIN_GET && made_below(&made.seed, 100) < shape->lost_percent;

        if (lost && made_below(&made.seed, 2) == 0) {
            lose(&op);
            made.ops[--last] = op;
            continue;
        }
        answer(&made, &op, &state);
        if (lost) {
            lose(&op);
        }
        made.ops[made.effective++] = op;
    }
    free(busy);
    return made;
}

void
made_free(struct made *made)
{
    free(made->ops);
    *made = (struct made){ 0 };
}
