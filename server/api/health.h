/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/health.h
 * @brief The parts of this server: which works, which does not, since when, why, and what to do.
 *
 * Says nothing that a stranger must not know: of a failure its kind, never an address.
 */
#ifndef TSEC_API_HEALTH_H
#define TSEC_API_HEALTH_H

#include <pthread.h>

#include "codec/json_out.h"
#include "core/node.h"
#include "core/store_watch.h"

/** In the order of badness. */
enum health_state { HEALTH_OK = 0, HEALTH_DEGRADED, HEALTH_FAILED, HEALTH_ROLLBACK };

enum health_place {
    HEALTH_NODE,
    HEALTH_LEDGER,
    HEALTH_STORE,
    HEALTH_ATTESTER,
    HEALTH_VERIFIERS,
    HEALTH_PARTS,
};

struct health_part {
    enum health_state state;
    int64_t since_ns;
    int32_t code;       /* why; 0: nothing to say */
    char detail[192];   /* "": none; for strangers too */
    const char *advice; /* NULL: none needed */
};

struct health {
    struct node_health node;
    struct health_part parts[HEALTH_PARTS];
    size_t parts_len; /* without the verifiers when nothing is verified */
    enum health_state worst;
    bool serves; /* requests that need the ledger are answered */
};

/** Since when each part has been as it was last seen. */
struct health_memory {
    pthread_mutex_t lock;
    struct {
        enum health_state state;
        int64_t since_ns; /* 0: not looked at yet */
    } parts[HEALTH_PARTS];
};

void health_memory_init(struct health_memory *memory);
void health_memory_done(struct health_memory *memory);

/** Fills in the first four parts from a node's figures; `watch` may be NULL.  A `since_ns` of 0:
 * not known from these. */
void health_judge(const struct node_health *now, struct store_watch *watch, struct health *out);

struct api;
void health_read(struct api *api, struct health *out);

const char *health_state_name(enum health_state state);
/** An object for each part; with `bad_only`, for those that are not well. */
void health_put_parts(const struct health *health, bool bad_only, struct tsec_json_out *out);

#endif
