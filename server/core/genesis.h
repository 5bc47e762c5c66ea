/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/genesis.h
 * @brief The first rows of a cluster: mounts, the default policy, and one root token.
 *
 * The root token's text leaves once, to whoever initialises; it is stored nowhere.
 */
#ifndef TSEC_CORE_GENESIS_H
#define TSEC_CORE_GENESIS_H

#include "core/node.h"
#include "core/token.h"

/** What is known of who initialises, for the audit entry; may be all NULL. */
struct genesis_by {
    const char *request_id;
    const char *remote;
    int64_t now_ns;
};

/** Initialises the node.  TSEC_E_CONFLICT: it is already.  `token` receives the root token's text;
 *  wipe it when it has been given out. */
TSEC_MUST_CHECK tsec_rc genesis(struct node *node, const struct genesis_by *by,
                                char token[TOKEN_TEXT_MAX + 1], uint64_t *index,
                                struct tsec_err *err);

#endif
