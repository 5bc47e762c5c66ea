/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/lin/window.h"

#include <stdlib.h>

static int
ascending(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The returns, which are the times at which more is known. */
static uint64_t *
returns_of(const struct lin_op *ops, size_t n, size_t *n_times)
{
    uint64_t *times = calloc(n + 1, sizeof(*times));

    *n_times = 0;
    for (size_t i = 0; times != NULL && i < n; i++) {
        if (ops[i].ret != LIN_NEVER) {
            times[(*n_times)++] = ops[i].ret;
        }
    }
    if (times != NULL) {
        qsort(times, *n_times, sizeof(*times), ascending);
    }
    return times;
}

static bool
refused(const struct lin_op *ops, size_t n, const struct lin_view *view)
{
    return lin_search(ops, n, view) == LIN_REFUSED;
}

struct lin_view
lin_window(const struct lin_op *ops, size_t n)
{
    struct lin_view window = LIN_WHOLE;
    size_t n_times = 0;
    uint64_t *times = returns_of(ops, n, &n_times);

    if (times == NULL || n_times == 0) {
        free(times);
        return window;
    }

    /* Once refused, a history is refused however it goes on. */
    size_t low = 0, high = n_times - 1;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        window.until = times[middle];
        if (refused(ops, n, &window)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    window.until = times[high];

    /* And however it began, for as long as the reason is in view. */
    size_t good = 0, bad = high + 1;

    while (good + 1 < bad) {
        const size_t middle = good + (bad - good) / 2;

        window.from = times[middle];
        if (refused(ops, n, &window)) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    window.from = good == 0 ? 0 : times[good];
    free(times);
    return window;
}

bool
lin_window_has(const struct lin_view *window, const struct lin_op *op)
{
    return op->call <= window->until && op->ret >= window->from;
}
