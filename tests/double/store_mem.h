/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/store_mem.h
 * @brief A store in memory that keeps the whole contract of tsec/store.h but durability.
 *
 * "mem:" is a store of its own, gone when it is closed.  "mem:NAME" is one that all who open that
 * name share, and that outlives them: closing and opening it is a restart over the same database.
 */
#ifndef TSEC_TESTS_STORE_MEM_H
#define TSEC_TESTS_STORE_MEM_H

#include <stdbool.h>

#include <tsec/store.h>

extern const struct tsec_store_ops store_mem_ops;
extern const struct tsec_plugin store_mem_plugin; /* "store-mem" */

/** Makes "mem:TO" what "mem:FROM" is now: a backup, or a host that turns the clock back.  False:
 *  no such store, or no memory. */
bool store_mem_copy(const char *from, const char *to);
/** Forgets all named stores; none may be open. */
void store_mem_forget(void);

#endif
