/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file store_pg.h
 * @brief The descriptor of the PostgreSQL store, for the module and for the tests.
 */
#ifndef STORE_PG_STORE_PG_H
#define STORE_PG_STORE_PG_H

#include <tsec/store.h>

extern const struct tsec_plugin store_pg_plugin;

#endif
