/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/lin/register.h"

static struct lin_state
holding(uint32_t version, uint32_t value)
{
    return (struct lin_state){ .version = version, .value = value };
}

/* A version made is the next one; after a cut-off beginning whichever it was told. */
static bool
wrote(const struct lin_state *state, const struct lin_op *op, struct lin_state *after)
{
    *after = holding(op->version, op->value);
    return op->version != 0 && (state->any || op->version - 1 == state->version);
}

static bool
compared(const struct lin_state *state, const struct lin_op *op, struct lin_state *after)
{
    if (op->conflict) {
        *after = *state;
        return state->any || state->version != op->expected;
    }
    return op->version - 1 == op->expected && wrote(state, op, after);
}

bool
lin_step(const struct lin_state *state, const struct lin_op *op, struct lin_state *after)
{
    switch (op->kind) {
    case LIN_PUT:
        return wrote(state, op, after);
    case LIN_CAS:
        return compared(state, op, after);
    case LIN_GET:
        *after = holding(op->version, op->value);
        return state->any || (state->version == op->version && state->value == op->value);
    case LIN_DELETE:
        *after = *state;
        after->value = 0;
        return true;
    }
    return false;
}

bool
lin_step_unknown(const struct lin_state *state, const struct lin_op *op, struct lin_state *after)
{
    /* From anything it is a step to something: nothing was learned. */
    if (state->any) {
        return false;
    }
    switch (op->kind) {
    case LIN_CAS:
        *after = holding(state->version + 1, op->value);
        return state->version == op->expected;
    case LIN_PUT:
        *after = holding(state->version + 1, op->value);
        return true;
    case LIN_DELETE:
        *after = holding(state->version, 0);
        return state->value != 0;
    case LIN_GET:
        break;
    }
    return false;
}
