/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/api_bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/json_fields.h"
#include "core/genesis.h"
#include "crypto/rand.h"
#include "tests/double/attest_script.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

enum { BENCH_ARENA_MAX = 16 * 1024 * 1024, BENCH_PARAMS_MAX = 8 };

static void
open_appraiser(struct api_bench *bench)
{
    const struct verifier item = { "attest-script", &attest_script_ops, NULL };
    const struct admission_policy policy = { .require_revocation = true, .max_age_s = 300 };

    attest_script_genuine(tsec_clock_real_ns(&bench->node.clock.clock) / TSEC_NS_PER_S);
    CU_ASSERT_EQUAL_FATAL(verifiers_new(&item, 1, &bench->verifiers, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(
        appraiser_new(bench->verifiers, &policy, NULL, &bench->appraiser, NULL).code, 0);
}

static void
open_api(struct api_bench *bench, const char *uri)
{
    struct tsec_err err = { 0 };

    *bench = (struct api_bench){ .api = NULL };
    tsec_json_setup();
    api_reply_init(&bench->reply);

    const tsec_rc rc = node_bench_open(&bench->node, uri, false, &err);

    if (tsec_failed(rc)) {
        (void)printf("%s:%u %s\n", err.file, (unsigned)err.line, err.detail);
    }
    CU_ASSERT_EQUAL_FATAL(rc.code, 0);

    open_appraiser(bench);
    CU_ASSERT_EQUAL_FATAL(operators_new(&bench->operators, NULL).code, 0);

    const struct transit_cache_options cache = { .clock = &bench->node.clock.clock };

    CU_ASSERT_EQUAL_FATAL(transit_cache_new(&cache, &bench->transit, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(workers_new(2, 64, &bench->workers, NULL).code, 0);

    const struct channels_options channels = { .clock = &bench->node.clock.clock };

    CU_ASSERT_EQUAL_FATAL(channels_new(&channels, &bench->channels, NULL).code, 0);

    const struct api_options options = {
        .node = bench->node.node,
        .store_watch = bench->node.watch,
        .clock = &bench->node.clock.clock,
        .version = "0.1.0",
        .build_date = "2026-01-02T03:04:05Z",
        .cluster_name = "bench",
        .storage_type = "mem",
        .provider = "fixed",
        .appraiser = bench->appraiser,
        .operators = bench->operators,
        .workers = bench->workers,
        .transit = bench->transit,
        .tls_spki = tsec_span_str("tls key"),
        .channels = bench->channels,
        .openapi = tsec_span_str("openapi: 3.1.0\n"),
    };

    CU_ASSERT_EQUAL_FATAL(api_new(&options, &bench->api, &err).code, 0);
}

void
api_bench_open_empty(struct api_bench *bench, const char *uri)
{
    open_api(bench, uri);
}

void
api_bench_open(struct api_bench *bench, const char *uri)
{
    const struct genesis_by by = { .now_ns = 0 };
    struct genesis_by now = by;
    struct tsec_err err = { 0 };
    uint64_t index = 0;

    open_api(bench, uri);
    now.now_ns = tsec_clock_real_ns(&bench->node.clock.clock);

    const tsec_rc rc = genesis(bench->node.node, &now, bench->root, &index, &err);

    if (tsec_failed(rc)) {
        (void)printf("%s:%u %s\n", err.file, (unsigned)err.line, err.detail);
    }
    CU_ASSERT_EQUAL_FATAL(rc.code, 0);
}

void
api_bench_join(struct api_bench *bench, const char *uri, const struct api_bench *first)
{
    open_api(bench, uri);
    memcpy(bench->root, first->root, sizeof(bench->root));
}

void
api_bench_leave(struct api_bench *bench)
{
    json_decref(bench->json);
    api_reply_done(&bench->reply);
    workers_free(bench->workers);
    api_free(bench->api);
    channels_free(bench->channels);
    transit_cache_free(bench->transit);
    appraiser_free(bench->appraiser);
    operators_free(bench->operators);
    verifiers_free(bench->verifiers);
    node_bench_close(&bench->node);
}

void
api_bench_close(struct api_bench *bench)
{
    api_bench_leave(bench);
    store_mem_forget();
}

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool done;
};

static void
wake(void *ctx)
{
    struct waiter *waiter = ctx;

    (void)pthread_mutex_lock(&waiter->lock);
    waiter->done = true;
    (void)pthread_cond_signal(&waiter->cond);
    (void)pthread_mutex_unlock(&waiter->lock);
}

static void
submit(struct api_bench *bench, const struct api_request *req)
{
    struct waiter waiter = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };

    if (api_submit(bench->api, req, &bench->reply, wake, &waiter)) {
        return;
    }
    (void)pthread_mutex_lock(&waiter.lock);
    while (!waiter.done) {
        (void)pthread_cond_wait(&waiter.cond, &waiter.lock);
    }
    (void)pthread_mutex_unlock(&waiter.lock);
}

/* Cuts the query off the path and into parameters, without decoding. */
static size_t
split_query(char *path, struct api_param params[BENCH_PARAMS_MAX])
{
    char *rest = strchr(path, '?');
    size_t n = 0;

    while (rest != NULL && n < BENCH_PARAMS_MAX) {
        char *name = rest + 1;
        char *value;

        *rest = '\0';
        rest = strchr(name, '&');
        if (rest != NULL) {
            *rest = '\0';
        }
        value = strchr(name, '=');
        if (value != NULL) {
            *value++ = '\0';
        }
        params[n++] = (struct api_param){ name, value == NULL ? "" : value };
        if (rest != NULL) {
            *rest = '&';
            *rest = '\0';
        }
    }
    return n;
}

static void
keep_body(struct api_bench *bench)
{
    json_decref(bench->json);
    bench->json = bench->reply.body.len == 0
                      ? NULL
                      : json_loadb((const char *)bench->reply.body.ptr, bench->reply.body.len,
                                   JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    bench->wrap_ttl = NULL;
    bench->name_space = NULL;
    bench->content_type = NULL;
    bench->idempotency_key = NULL;
    bench->remote = NULL;
    bench->arena_max = 0;
}

int
api_bench_call(struct api_bench *bench, enum api_method method, const char *path, const char *token,
               const char *body)
{
    struct api_param params[BENCH_PARAMS_MAX];
    struct api_request req = { .method = method };
    const size_t arena_max = bench->arena_max == 0 ? BENCH_ARENA_MAX : bench->arena_max;
    char *copy;

    CU_ASSERT_EQUAL_FATAL(tsec_arena_new(arena_max, &req.arena, NULL).code, 0);
    copy = tsec_arena_dup(req.arena, tsec_span_str(path));
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    req.query_len = split_query(copy, params);
    req.query = params;
    req.path = copy;
    tsec_rand_uuid(req.id);
    req.token = tsec_span_str(token);
    req.body = tsec_span_str(body);
    req.wrap_ttl = tsec_span_str(bench->wrap_ttl);
    req.name_space = tsec_span_str(bench->name_space);
    req.content_type = tsec_span_str(bench->content_type);
    req.idempotency_key = tsec_span_str(bench->idempotency_key);
    (void)snprintf(req.remote, sizeof(req.remote), "%s",
                   bench->remote == NULL ? "127.0.0.1" : bench->remote);
    req.received_ns = tsec_clock_real_ns(&bench->node.clock.clock);
    req.started_mono_ns = tsec_clock_mono_ns(&bench->node.clock.clock);
    api_reply_reset(&bench->reply);
    submit(bench, &req);
    keep_body(bench);
    tsec_arena_free(req.arena);
    return bench->reply.status;
}

int
api_bench_root(struct api_bench *bench, enum api_method method, const char *path, const char *body)
{
    return api_bench_call(bench, method, path, bench->root, body);
}

static json_t *
step(json_t *at, char *name)
{
    for (char *c = name; *c != '\0'; c++) {
        *c = *c == '|' ? '.' : *c;
    }
    if (json_is_array(at)) {
        return json_array_get(at, (size_t)strtoul(name, NULL, 10));
    }
    return json_object_get(at, name);
}

json_t *
api_bench_at(const struct api_bench *bench, const char *path)
{
    json_t *at = bench->json;
    char name[256];

    while (at != NULL && *path != '\0') {
        const size_t len = strcspn(path, ".");

        (void)snprintf(name, sizeof(name), "%.*s", (int)len, path);
        at = step(at, name);
        path += len + (path[len] == '.' ? 1 : 0);
    }
    return at;
}

const char *
api_bench_str(const struct api_bench *bench, const char *path)
{
    const char *text = json_string_value(api_bench_at(bench, path));

    return text == NULL ? "" : text;
}

json_int_t
api_bench_int(const struct api_bench *bench, const char *path)
{
    const json_t *value = api_bench_at(bench, path);

    return json_is_integer(value) ? json_integer_value(value) : -1;
}

bool
api_bench_has(const struct api_bench *bench, const char *path)
{
    return api_bench_at(bench, path) != NULL;
}

const char *
api_bench_error(const struct api_bench *bench)
{
    return api_bench_str(bench, "errors.0");
}

void
api_bench_token(struct api_bench *bench, const char *policy, char out[TOKEN_TEXT_MAX + 1])
{
    char body[512];

    (void)snprintf(body, sizeof(body), "{\"policies\":[\"%s\"],\"ttl\":\"1h\"}", policy);
    CU_ASSERT_EQUAL_FATAL(api_bench_root(bench, API_POST, "/v1/auth/token/create", body), 200);
    (void)snprintf(out, TOKEN_TEXT_MAX + 1, "%s", api_bench_str(bench, "auth.client_token"));
}
