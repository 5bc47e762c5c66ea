/* SPDX-License-Identifier: Apache-2.0 */
#include "api/op.h"

#include <stdlib.h>

#include "api/envelope.h"
#include "audit/entry.h"
#include "base/log.h"
#include "core/strings.h"

tsec_rc
api_new(const struct api_options *options, struct api **out, struct tsec_err *err)
{
    TSEC_AUTO(api_free) struct api *api = calloc(1, sizeof(*api));

    if (api == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the API");
    }
    api->options = *options;
    api_set_limits(api, &options->limits);
    brake_init(&api->brake);
    health_memory_init(&api->health);
    outage_init(&api->outage);
    transit_meter_init(&api->meter);
    grants_init(&api->grants);
    TSEC_TRY(api_routes_build(&api->tree, err));
    *out = TSEC_TAKE(api);
    return TSEC_OK;
}

void
api_set_limits(struct api *api, const struct api_limits *limits)
{
    atomic_store(&api->default_ttl_s, limits->default_ttl_s);
    atomic_store(&api->max_ttl_s, limits->max_ttl_s);
    atomic_store(&api->body_max, limits->body_max);
    atomic_store(&api->metrics_open, limits->metrics_open);
}

void
api_free(struct api *api)
{
    if (api != NULL) {
        api_routes_free(api->tree);
        brake_done(&api->brake);
        health_memory_done(&api->health);
        outage_done(&api->outage);
        transit_meter_done(&api->meter);
        grants_done(&api->grants);
        free(api);
    }
}

const struct core_keys *
api_keys_of(const struct api_call *call)
{
    return node_keys(call->api->options.node);
}

/* Strangers must not be able to fill the log, nor may an outage. */
static void
log_failure(struct api *api, int32_t code, const struct tsec_err *err)
{
    uint64_t untold = 0;

    if (tsec_log_wants(TSEC_LOG_DEBUG)) {
        tsec_log_err("a request failed", err);
    } else if (tsec_error_info(code)->blame != TSEC_BLAME_CLIENT
               && outage_tell(&api->outage, code, tsec_clock_mono_ns(api->options.clock),
                              &untold)) {
        tsec_log_err("a request failed", err);
        if (untold > 0) {
            tsec_log(TSEC_LOG_WARN, "as did others since this was last said",
                     TSEC_F_INT("requests", untold));
        }
    }
}

/* What a failure means to the client when a handler did not say so itself.  An answer that says
 * "done" is none any more: what came after it failed, and nothing was done. */
void
api_op_fail(struct api_op *op, tsec_rc rc, const struct tsec_err *err)
{
    const struct tsec_error_info *info = tsec_error_info(rc.code);

    if (op->reply->status >= 400) {
        return;
    }
    api_reply_reset(op->reply);
    log_failure(op->api, rc.code, err);
    api_problem(op->reply, op->req->id, info->code, rc.code == TSEC_E_NOT_FOUND ? "" : NULL);
}

void
api_op_start(struct api_op *op, struct txn *txn)
{
    api_reply_reset(op->reply);
    op->call = (struct api_call){
        .api = op->api,
        .req = op->req,
        .reply = op->reply,
        .txn = txn,
        .appraised = &op->appraised,
        .ahead = &op->ahead,
        .seal_after = &op->seal_after,
    };
    op->resource = NULL;
    op->decision = (struct policy_decision){ 0 };
    op->granted_by = NULL;
    op->reason = NULL;
    op->stranger = false;
    op->recorded = false;
    op->allowed = false;
    op->seal_after = false;
}

static tsec_rc
check_media_type(struct api_op *op)
{
    static const char merge_patch[] = "application/merge-patch+json";

    if (op->method != API_PATCH
        || tsec_span_starts(op->req->content_type, tsec_span_str(merge_patch))) {
        return TSEC_OK;
    }
    return api_refuse(&op->call, TSEC_E_MEDIA_TYPE, NULL);
}

/* The route's limit, or the configured one where that is lower. */
static size_t
capped(const struct api *api, size_t max)
{
    const size_t configured = atomic_load(&api->body_max);

    return configured != 0 && configured < max ? configured : max;
}

/* The gateway knows the limits of system paths only: below a mount it lets the default through. */
static tsec_rc
check_body_size(struct api_op *op)
{
    const size_t max = op->call.route->body_max;

    return op->req->body.len > capped(op->api, max > API_BODY_SMALL ? max : API_BODY_SMALL)
               ? api_refuse(&op->call, TSEC_E_TOO_LARGE, NULL)
               : TSEC_OK;
}

tsec_rc
api_op_run(struct api_op *op, struct tsec_err *err)
{
    bool answered = false;

    TSEC_TRY(api_op_resolve(op, err));
    TSEC_TRY(api_op_authorise(op, err));
    if (op->call.route == NULL) {
        return api_op_missing(op);
    }
    TSEC_TRY(check_body_size(op));
    TSEC_TRY(check_media_type(op));
    TSEC_TRY(api_op_repeat(op, &answered, err));
    if (answered) {
        return TSEC_OK;
    }
    TSEC_TRY(op->call.route->run(&op->call, err));
    TSEC_TRY(api_op_wrap(op, err));
    return api_op_remember(op, err);
}

/* A failed login comes from somebody we do not know. */
static bool
is_failed_login(const struct api_op *op)
{
    return op->call.route != NULL && op->call.route->audit == API_AUDIT_AUTH
           && op->reply->status >= 400;
}

/* A channel in which nobody has shown anything yet: what is done inside is written down.  Strangers
 * must not be able to fill the log. */
static bool
grants_nothing(const struct api_op *op)
{
    return op->call.route != NULL && op->call.route->audit == API_AUDIT_AUTH
           && op->call.made == NULL && op->call.token == NULL && op->call.evidence == NULL;
}

/* Why evidence was refused, which whoever sent it is not told. */
static const char *
reason_of_login(const struct api_op *op)
{
    const struct audit_evidence *evidence = op->call.evidence;

    return evidence == NULL || evidence->reason == NULL ? "login" : evidence->reason;
}

static tsec_rc
write_down(struct api_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    if (op->call.token != NULL) {
        TSEC_TRY(token_use(txn, op->call.token, err));
    }
    return api_op_audit(op, audit, err);
}

static tsec_rc
run_audited(struct node_op *base, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    struct api_op *op = (struct api_op *)(void *)base;
    tsec_rc rc;

    if (op->ahead.parked != NULL) { /* given up before: what changed since, the next run sees */
        return tsec_rc_of(TSEC_E_BUSY);
    }
    api_op_start(op, txn);
    rc = api_op_run(op, err);
    op->ahead.may_park = false; /* a later run may be the sequencer's */
    if (op->ahead.parked != NULL) {
        return rc; /* nothing happened yet, so there is nothing to write down */
    }
    if (tsec_failed(rc)) {
        txn_rollback(txn);
        api_op_fail(op, rc, err);
    }
    if (is_failed_login(op)) {
        op->stranger = true;
        op->reason = reason_of_login(op);
    }
    if (op->stranger || grants_nothing(op)) {
        return TSEC_OK; /* no entry: it is counted, or nothing to tell */
    }
    rc = write_down(op, txn, audit, err);
    if (tsec_failed(rc)) { /* what cannot be written down is neither done nor told */
        tsec_buf_reset(audit);
        api_reply_reset(op->reply);
        api_op_fail(op, rc, err);
    }
    op->recorded = !tsec_failed(rc);
    return rc;
}

/* Evidence that led to nothing: figures have the reason.  The channel counts its own. */
static void
count_refusal(struct api_op *op)
{
    static const struct {
        const char *operation;
        enum grant_kind kind;
    } counted[] = { { "attestLogin", GRANT_LOGIN }, { "teeRelease", GRANT_RELEASE } };
    const struct audit_evidence *evidence = op->call.evidence;

    if (evidence == NULL || evidence->reason == NULL || op->call.route == NULL) {
        return;
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(counted); i++) {
        if (strcmp(op->call.route->operation, counted[i].operation) == 0) {
            grants_refuse(&op->api->grants, counted[i].kind, evidence->reason);
        }
    }
}

/* The reply is as it will be; what happens besides. */
static void
conclude(struct api_op *op)
{
    struct node *node = op->api->options.node;
    struct tsec_err err = { 0 };

    if (op->at_the_end != NULL) {
        api_op_anyone(op, op->at_the_end);
    }
    if (op->call.effect != NULL && op->reply->status < 300) {
        op->call.effect->run(op->call.effect);
    }
    if (op->stranger) {
        node_stranger(node, op->req->remote, op->reason);
        count_refusal(op);
    }
    if (op->seal_after && op->reply->status < 300) {
        brake_pull(&op->api->brake, op->req->token);
        if (tsec_failed(node_seal_soon(node, &err))) {
            tsec_log_err("sealing could not begin", &err);
        }
    }
}

static void
answer_uncommitted(struct api_op *op, tsec_rc rc, const struct tsec_err *err)
{
    api_reply_reset(op->reply);
    api_op_fail(op, rc, err);
}

/* A server whose database was set back still has the head that it saw, and which shows just that.
 */
static bool
is_answered(const struct api_op *op, tsec_rc rc)
{
    return !tsec_failed(rc) || (rc.code == TSEC_E_ROLLBACK && op->at_the_end != NULL);
}

static void
work_and_go_on(struct worker_job *job)
{
    struct api_op *op =
        (struct api_op *)(void *)((uint8_t *)(void *)job - offsetof(struct api_op, job));

    api_ahead_work(&op->ahead);
    if (api_op_submit(op, run_audited)) {
        op->done(op->done_ctx);
    }
}

/* A run that was given up goes on with a worker.  False: it cannot, and is answered. */
static bool
hand_over(struct api_op *op)
{
    struct tsec_err err = { 0 };
    tsec_rc rc;

    op->job = (struct worker_job){ .run = work_and_go_on,
                                   .slow = op->ahead.parked->cost_us >= API_WORK_SLOW_US };
    rc = workers_push(op->api->options.workers, &op->job, &err);
    if (tsec_failed(rc)) {
        answer_uncommitted(op, rc, &err);
        api_ahead_drop(&op->ahead);
    }
    return !tsec_failed(rc);
}

static void
finish(struct node_op *base, tsec_rc rc, uint64_t index, const struct tsec_err *err)
{
    struct api_op *op = (struct api_op *)(void *)base;

    if (op->ahead.parked != NULL && !tsec_failed(rc)) {
        if (!hand_over(op)) {
            op->done(op->done_ctx);
        }
        return;
    }
    if (!is_answered(op, rc)) {
        answer_uncommitted(op, rc, err);
    } else if (op->recorded) {
        op->reply->has_audit_index = true;
        op->reply->audit_index = index;
    }
    if (is_answered(op, rc)) {
        conclude(op);
    }
    api_ahead_drop(&op->ahead);
    op->done(op->done_ctx);
}

bool
api_op_submit(struct api_op *op, api_op_run_fn run)
{
    struct tsec_err err = { 0 };
    bool pending = false;
    tsec_rc rc;

    op->node.arena = op->req->arena;
    op->node.now_ns = op->req->received_ns;
    op->node.run = run;
    op->node.done = finish;
    op->ahead.threads = op->api->options.workers != NULL;
    op->ahead.may_park = op->ahead.threads;
    rc = node_submit(op->api->options.node, &op->node, &pending, &err);
    if (!tsec_failed(rc) && pending) {
        return false; /* and op may be gone */
    }
    if (!tsec_failed(rc) && op->ahead.parked != NULL) {
        return !hand_over(op);
    }
    if (is_answered(op, rc)) {
        conclude(op);
    } else {
        answer_uncommitted(op, rc, &err);
    }
    api_ahead_drop(&op->ahead);
    return true;
}

static bool
open_to_anyone(const struct api_resource *resource)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(resource->by_method); i++) {
        if (resource->by_method[i] != NULL && resource->by_method[i]->caller != API_CALLER_ANYONE) {
            return false;
        }
    }
    return true;
}

static void
answer_options(struct api_op *op)
{
    static const char any[] = "GET, POST, PUT, PATCH, DELETE, LIST, OPTIONS";

    op->reply->status = 204;
    op->reply->allow = op->system == NULL ? any : op->system->allow;
}

/* True: answered. */
static bool
answer(struct api_op *op)
{
    const struct api_route *route = op->system == NULL ? NULL : op->system->by_method[op->method];

    if (op->method == API_OPTIONS) {
        answer_options(op);
        return true;
    }
    if (!api_op_is_its_place(op)) {
        return true;
    }
    if (route != NULL && route->audit == API_AUDIT_INNER) {
        return api_op_message(op, route);
    }
    if (route != NULL && route->audit == API_AUDIT_DEVICE) {
        return api_op_device(op, route);
    }
    if (route != NULL && (route->audit == API_AUDIT_NOTHING || route->audit == API_AUDIT_NODE)) {
        return api_op_unaudited(op, route);
    }
    if (op->system != NULL && route == NULL && open_to_anyone(op->system)) {
        api_problem(op->reply, op->req->id, TSEC_E_METHOD, NULL);
        op->reply->allow = op->system->allow;
        return true;
    }
    return api_op_submit(op, run_audited);
}

bool
api_submit(struct api *api, const struct api_request *req, struct api_reply *reply,
           void (*done)(void *ctx), void *ctx)
{
    struct api_op *op = tsec_arena_alloc(req->arena, sizeof(*op));

    if (op == NULL) {
        api_problem(reply, req->id, TSEC_E_NO_MEMORY, NULL);
        return true;
    }
    op->api = api;
    op->req = req;
    op->reply = reply;
    op->done = done;
    op->done_ctx = ctx;
    return !api_op_prepare(op) || answer(op);
}

/* A message is a request in base64 and a little more: what may come outside may come inside. */
static size_t
body_max_of(const struct api *api, const struct api_route *route)
{
    const size_t configured = atomic_load(&api->body_max);

    if (route->audit == API_AUDIT_INNER && configured != 0 && configured < route->body_max / 2) {
        return 2 * configured;
    }
    return capped(api, route->body_max);
}

size_t
api_body_max(const struct api *api, enum api_method method, const char *path)
{
    struct tsec_span vars[API_VARS_MAX];
    const struct api_resource *resource = NULL;

    if (strncmp(path, "/v1/", 4) == 0) {
        resource = api_routes_find(api->tree, API_FAMILY_SYSTEM, tsec_span_str(path + 4), vars);
    }
    if (resource == NULL) {
        return capped(api, API_BODY_DEFAULT);
    }
    if (method == API_PUT) {
        method = API_POST;
    }
    return resource->by_method[method] == NULL ? API_BODY_SMALL
                                               : body_max_of(api, resource->by_method[method]);
}
