/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/api_bench.h
 * @brief The API over a real node and a store double: requests without a socket.
 */
#ifndef TSEC_TESTS_API_BENCH_H
#define TSEC_TESTS_API_BENCH_H

#include <jansson.h>

#include "api/api.h"
#include "channel/channel.h"
#include "core/token.h"
#include "tests/double/node_bench.h"

struct api_bench {
    struct node_bench node;
    struct verifiers *verifiers; /* tests/double/attest_script.h */
    struct appraiser *appraiser; /* nothing is allowed until a test says so */
    struct operators *operators; /* none until a test says so */
    struct workers *workers;
    struct transit_cache *transit;
    struct channels *channels;
    struct api *api;
    char root[TOKEN_TEXT_MAX + 1];

    /* of the next request; forgotten after it */
    const char *wrap_ttl;
    const char *name_space;
    const char *content_type;
    const char *idempotency_key;
    const char *remote;
    size_t arena_max; /* 0: enough */

    /* of the last one */
    struct api_reply reply;
    json_t *json; /* NULL: the body is none */
};

/** Opens it initialised, with a root token. */
void api_bench_open(struct api_bench *bench, const char *uri);
/** Opens it without a cluster. */
void api_bench_open_empty(struct api_bench *bench, const char *uri);
/** A further server over the store of one that is open. */
void api_bench_join(struct api_bench *bench, const char *uri, const struct api_bench *first);
/** Closes this one; api_bench_close() of the last also forgets the store. */
void api_bench_leave(struct api_bench *bench);
void api_bench_close(struct api_bench *bench);

/** The status.  `path` may have a query; token and body may be NULL. */
int api_bench_call(struct api_bench *bench, enum api_method method, const char *path,
                   const char *token, const char *body);
/** As root. */
int api_bench_root(struct api_bench *bench, enum api_method method, const char *path,
                   const char *body);

/** A member of the last body by a dotted path ("data.keys.0"; '|' stands for a dot in a name);
 *  NULL: not there. */
json_t *api_bench_at(const struct api_bench *bench, const char *path);
const char *api_bench_str(const struct api_bench *bench, const char *path); /* "" when none */
json_int_t api_bench_int(const struct api_bench *bench, const char *path);  /* -1 when none */
bool api_bench_has(const struct api_bench *bench, const char *path);
/** The first sentence of an error. */
const char *api_bench_error(const struct api_bench *bench);
/** A token with that one policy, in `out`. */
void api_bench_token(struct api_bench *bench, const char *policy, char out[TOKEN_TEXT_MAX + 1]);

#endif
