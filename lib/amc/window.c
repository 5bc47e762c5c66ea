/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/window.h"

static uint64_t
bit_of(uint64_t seq)
{
    return UINT64_C(1) << (seq % 64);
}

static size_t
word_of(uint64_t seq)
{
    return (size_t)(seq % AMC_WINDOW / 64);
}

bool
amc_window_fresh(const struct amc_window *window, uint64_t seq)
{
    if (seq > window->highest) {
        return true;
    }
    return seq != 0 && window->highest - seq < AMC_WINDOW
           && (window->bits[word_of(seq)] & bit_of(seq)) == 0;
}

/* Numbers that the window moves over have not been seen. */
static void
move_to(struct amc_window *window, uint64_t seq)
{
    if (seq - window->highest >= AMC_WINDOW) {
        memset(window->bits, 0, sizeof(window->bits));
    } else {
        for (uint64_t s = window->highest + 1; s <= seq; s++) {
            window->bits[word_of(s)] &= ~bit_of(s);
        }
    }
    window->highest = seq;
}

void
amc_window_mark(struct amc_window *window, uint64_t seq)
{
    if (seq > window->highest) {
        move_to(window, seq);
    }
    window->bits[word_of(seq)] |= bit_of(seq);
}
