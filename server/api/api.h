/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/api.h
 * @brief The HTTP API as one object: made by main(), asked by the gateway (api/request.h).
 *
 * It owns the routes; the node and what the options point to belong to the caller and outlive it.
 */
#ifndef TSEC_API_API_H
#define TSEC_API_API_H

#include <stdatomic.h>

#include "api/brake.h"
#include "api/grants.h"
#include "api/health.h"
#include "api/outage.h"
#include "api/routes.h"
#include "api/transit_meter.h"
#include "attest/appraiser.h"
#include "attest/operators.h"
#include "base/clock.h"
#include "core/keys.h"
#include "core/node.h"
#include "core/store_watch.h"
#include "core/transit_cache.h"
#include "core/workers.h"

enum { API_BODY_DEFAULT = 1024 * 1024, API_BODY_SMALL = 4096 };

/** What may change while the server runs. */
struct api_limits {
    int64_t default_ttl_s; /* of tokens whose mount says nothing; 0: 768 hours */
    int64_t max_ttl_s;
    size_t body_max;   /* of any request, below what its route takes; 0: as the route says */
    bool metrics_open; /* GET sys/metrics needs no token */
};

struct channels;

struct api_options {
    struct node *node;
    struct store_watch *store_watch; /* over the node's store; NULL: nobody watches */
    const struct tsec_clock *clock;
    const char *version; /* "0.1.0" */
    const char *build_date;
    const char *cluster_name;
    const char *storage_type;  /* "sqlite" */
    const char *provider;      /* "simulated" */
    struct tsec_span tls_spki; /* of the key TLS listeners answer with; empty: there is no TLS */
    struct tsec_span openapi;  /* the OpenAPI document, YAML */
    struct api_limits limits;
    /** Of the evidence of others; NULL: none can be appraised. */
    struct appraiser *appraiser;
    /** Who may sign lists of allowed measurements; NULL: nobody. */
    struct operators *operators;
    /** Attested channels; NULL: there are none. */
    struct channels *channels;
    /** For work that takes long; NULL: it is done where the handler runs. */
    struct workers *workers;
    /** Of parsed keys; NULL: each use parses. */
    struct transit_cache *transit;
    /** The first token leaves encrypted to this age public key only; NULL: in clear. */
    const uint8_t *operator_recipient;
    /** Prometheus text (GET sys/metrics); NULL: there is none. */
    void (*metrics)(void *ctx, struct tsec_buf *out);
    void *ctx;
};

struct api {
    struct api_options options; /* .limits as they were at first */
    _Atomic int64_t default_ttl_s;
    _Atomic int64_t max_ttl_s;
    _Atomic size_t body_max;
    atomic_bool metrics_open;
    struct api_routes_tree *tree;
    _Atomic uint64_t reviewed; /* the policy by which all channels were judged last */
    _Atomic int64_t reviewed_mono_ns;
    atomic_uint devices; /* requests that ask the TEE and are not done */
    struct brake brake;
    struct health_memory health;
    struct outage outage;
    struct transit_meter meter;
    struct grants grants;
};

TSEC_MUST_CHECK tsec_rc api_new(const struct api_options *options, struct api **out,
                                struct tsec_err *err);
void api_free(struct api *api);
/** From any thread; requests that run already may use the old ones. */
void api_set_limits(struct api *api, const struct api_limits *limits);
TSEC_DEFINE_AUTO(struct api, api_free)

/** Lifetimes of tokens that come from this login mount. */
int64_t api_default_ttl_s(const struct api *api, const struct mount *mount);
int64_t api_max_ttl_s(const struct api *api, const struct mount *mount);

/** Closes the channels whose peer is admitted no longer, writes down how many, and says it: after
 *  each change of what is allowed.  Any thread, outside of a run. */
size_t api_review_channels(struct api *api);
/** The same about once a second: does it when the policy changed since, or a while has passed. */
void api_review_channels_if_due(struct api *api);

enum { API_CLUSTER_ID_LEN = 36 };
/** A UUID made of the cluster's identity key; false while the node is not active. */
bool api_cluster_id(struct api *api, char out[API_CLUSTER_ID_LEN + 1]);

#endif
