/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/cleanup.h
 * @brief Scope-bound ownership.
 *
 * A local that owns something is declared with TSEC_AUTO(free_function) and
 * initialised at once.  Ownership leaves the scope by TSEC_TAKE().
 */
#ifndef TSEC_BASE_CLEANUP_H
#define TSEC_BASE_CLEANUP_H

#include <stddef.h>

#define TSEC_AUTO(fn) __attribute__((cleanup(fn##_p)))

/** Defines fn_p(), which TSEC_AUTO(fn) calls. fn(NULL) must be harmless. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot be parenthesised */
#define TSEC_DEFINE_AUTO(type, fn)        \
    static inline void fn##_p(type **ptr) \
    {                                     \
        fn(*ptr);                         \
        *ptr = NULL;                      \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

#define TSEC_TAKE(ptr)                       \
    __extension__({                          \
        __typeof__(ptr) tsec_taken_ = (ptr); \
        (ptr) = NULL;                        \
        tsec_taken_;                         \
    })

#endif
