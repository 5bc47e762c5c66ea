/* SPDX-License-Identifier: Apache-2.0 */
/* lin < history: whether each key's operations can have happened one at a time.  Exit status 0:
 * they can; 1: not, and the smallest part that shows it was printed; 2: no history; 3: undecided.
 */
#include "tests/faults/lin/history.h"
#include "tests/faults/lin/search.h"
#include "tests/faults/lin/window.h"

#include <stdio.h>

enum { ACCEPTED = 0, REFUSED = 1, NO_HISTORY = 2, UNDECIDED = 3 };

/* What was called before the window and never answered may matter and seldom does: it is counted.
 */
static bool
is_shown(const struct lin_view *window, const struct lin_op *op)
{
    return lin_window_has(window, op) && (op->ret != LIN_NEVER || op->call >= window->from);
}

static void
show(const struct lin_history *history, const struct lin_key *key)
{
    const struct lin_view window = lin_window(key->ops, key->n);
    size_t shown = 0, unknown = 0;

    for (size_t i = 0; i < key->n; i++) {
        const bool seen = is_shown(&window, &key->ops[i]);

        shown += seen ? 1 : 0;
        unknown += !seen && lin_window_has(&window, &key->ops[i]) ? 1 : 0;
    }
    (void)printf("refused: %s: these %zu of its %zu operations have no order, whatever was before, "
                 "with %zu earlier ones of unknown outcome or without:\n",
                 key->name, shown, key->n, unknown);
    for (size_t i = 0; i < key->n; i++) {
        if (is_shown(&window, &key->ops[i])) {
            (void)printf("    %s\n", history->lines[key->ops[i].line]);
        }
    }
}

static int
judge(const struct lin_history *history)
{
    size_t operations = 0, unknown = 0;
    int status = ACCEPTED;

    for (size_t i = 0; i < history->n_keys; i++) {
        const struct lin_key *key = &history->keys[i];

        operations += key->n;
        unknown += key->unknown;
        switch (lin_search(key->ops, key->n, &LIN_WHOLE)) {
        case LIN_ACCEPTED:
            break;
        case LIN_REFUSED:
            show(history, key);
            status = REFUSED;
            break;
        case LIN_UNDECIDED:
            (void)printf("undecided: %s: not enough memory\n", key->name);
            status = status == ACCEPTED ? UNDECIDED : status;
            break;
        }
    }
    (void)printf("%s: %zu operations on %zu keys, %zu of unknown outcome\n",
                 status == ACCEPTED ? "accepted" : "not accepted", operations, history->n_keys,
                 unknown);
    return status;
}

int
main(void)
{
    struct lin_history history;
    int status = NO_HISTORY;

    if (lin_history_read(&history, stdin)) {
        status = judge(&history);
    } else {
        (void)fprintf(stderr, "lin: %s\n", history.wrong);
    }
    lin_history_free(&history);
    return status;
}
