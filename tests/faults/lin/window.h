/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/faults/lin/window.h
 * @brief The part of a refused history that is wrong by itself, whatever was before it: what a
 * person looks at.  It never decides anything.
 */
#ifndef LIN_WINDOW_H
#define LIN_WINDOW_H

#include "tests/faults/lin/search.h"

/** The latest beginning and earliest end between which the operations still cannot be ordered. */
struct lin_view lin_window(const struct lin_op *ops, size_t n);

/** Whether an operation is to be seen in a window. */
bool lin_window_has(const struct lin_view *window, const struct lin_op *op);

#endif
