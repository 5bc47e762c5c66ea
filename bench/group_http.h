/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file group_http.h
 * @brief A bare HTTP server whose requests wait for the commit they became part of.
 */
#ifndef BENCH_GROUP_HTTP_H
#define BENCH_GROUP_HTTP_H

#include "group_store.h"

/** Until SIGTERM; the exit status. */
int group_http(struct group_store *store, const struct group_shape *shape, uint16_t port,
               const char *file);

#endif
