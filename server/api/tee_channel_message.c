/* SPDX-License-Identifier: Apache-2.0 */
/* A message of a channel: opened, the request in it run as any other, and the reply sealed for it.
 * What can be said inside is said inside: outside are only failures of the channel itself. */
#include "amc/inner.h"
#include "amc/member.h"
#include "api/channel_review.h"
#include "api/op.h"
#include "api/target.h"
#include "api/tee_channel.h"
#include "base/base64.h"

enum {
    METHOD_MAX = 16,
    TARGET_MAX = API_PATH_MAX + 1 + API_QUERY_MAX,
    SEALED_MAX = AMC_PLAIN_MAX + AMC_TAG_LEN,
    REPLY_MAX = 16 * 1024 * 1024,
    /* What takes longer to seal is not sealed in the sequencer's thread. */
    AT_ONCE_MAX = 64 * 1024,
};

/** A request inside another one, in the arena of that. */
struct carried {
    struct api_op *outer;
    struct channel *channel; /* held */
    struct amc_envelope env;
    char method[METHOD_MAX + 1]; /* as outside */
    char path[TARGET_MAX + 1];
    struct tsec_buf plain;
    struct tsec_buf bytes; /* of the plaintext, decoded */
    struct api_request req;
    struct api_reply reply;
    struct worker_job job;
};

static const char REKEY[] = "/v1/tee/channel/rekey";
static const char REATTEST[] = "/v1/tee/channel/reattest";
static const char CLOSE[] = "/v1/tee/channel/close";

/* ---- where a route belongs ---- */

static const struct api_route *
any_route(const struct api_resource *resource)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(resource->by_method); i++) {
        if (resource->by_method[i] != NULL) {
            return resource->by_method[i];
        }
    }
    return NULL;
}

bool
api_op_is_its_place(struct api_op *op)
{
    static const char channel[] = "/v1/tee/channel";
    const struct api_route *route = op->system == NULL ? NULL : any_route(op->system);
    const bool inside = op->req->channel != NULL;

    if (route == NULL || strncmp(route->path, channel, sizeof(channel) - 1) != 0
        || inside == (route->caller == API_CALLER_PEER)) {
        return true;
    }
    api_problem(op->reply, op->req->id, inside ? TSEC_E_INVALID : TSEC_E_NOT_FOUND,
                inside ? "a channel does not go through a channel"
                       : "this exists inside a channel only");
    return false;
}

/* ---- opened ---- */

static void
carried_done(struct carried *carried)
{
    channel_release(carried->channel);
    tsec_buf_done(&carried->plain);
    tsec_buf_done(&carried->bytes);
    api_reply_done(&carried->reply);
}

enum { M_EPOCH, M_SEQ, M_METHOD, M_PATH, M_SEALED, MEMBERS };

static tsec_rc
read_message(struct api_call *call, struct carried *carried, struct tsec_buf *sealed,
             struct tsec_err *err)
{
    static const struct tsec_json_limits limits = { .depth_max = 2, .members_max = 16 };
    struct amc_member m[MEMBERS] = {
        [M_EPOCH] = { .name = "e" }, [M_SEQ] = { .name = "s" },    [M_METHOD] = { .name = "m" },
        [M_PATH] = { .name = "p" },  [M_SEALED] = { .name = "c" },
    };
    struct tsec_span bytes;
    int64_t epoch = 0;
    int64_t seq = 0;

    if (tsec_failed(amc_members(call->req->body, REPLY_MAX, &limits, m, MEMBERS, err))
        || !amc_member_int(&m[M_EPOCH], 0, UINT32_MAX, &epoch)
        || !amc_member_int(&m[M_SEQ], 1, INT64_MAX, &seq)
        || !amc_member_text(&m[M_METHOD], carried->method, METHOD_MAX)
        || !amc_member_text(&m[M_PATH], carried->path, TARGET_MAX)
        || !amc_member_bytes(&m[M_SEALED], sealed, &bytes)) {
        return api_refuse(call, TSEC_E_INVALID, "not a message of amc-v1");
    }
    carried->env = (struct amc_envelope){ .epoch = (uint32_t)epoch,
                                          .seq = (uint64_t)seq,
                                          .method = carried->method,
                                          .path = carried->path };
    return TSEC_OK;
}

static tsec_rc
refuse_message(struct api_call *call, const struct tsec_err *why, tsec_rc rc)
{
    if (rc.code == TSEC_E_CONFLICT) {
        return api_refuse(call, TSEC_E_REKEY_REQUIRED, NULL);
    }
    if (rc.code != TSEC_E_DENIED && rc.code != TSEC_E_INVALID) {
        return rc;
    }
    if (strcmp(why->detail, "replay") == 0) {
        return api_channel_refuse(call, TSEC_E_CHANNEL_REPLAY, "channel-replay", NULL);
    }
    if (strcmp(why->detail, "epoch") == 0) {
        return api_channel_refuse(call, TSEC_E_CHANNEL_EPOCH, "channel-epoch", NULL);
    }
    return api_channel_refuse(call, TSEC_E_CHANNEL_MESSAGE, "channel-message", NULL);
}

static tsec_rc
open_message(struct api_call *call, struct carried *carried, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(SEALED_MAX);
    struct channels *channels = call->api->options.channels;
    uint8_t cid[AMC_CID_LEN];
    struct tsec_err why = { 0 };
    tsec_rc rc;

    if (channels == NULL || !api_channel_cid(call, cid)
        || (carried->channel = channels_find(channels, cid)) == NULL) {
        return api_channel_refuse(call, TSEC_E_CHANNEL_UNKNOWN, "channel-unknown", NULL);
    }
    TSEC_TRY(read_message(call, carried, &sealed, err));
    rc = amc_open_request(channel_session(carried->channel), &carried->env, tsec_buf_span(&sealed),
                          tsec_clock_mono_ns(call->api->options.clock), &carried->plain, &why);
    channel_message(channels, carried->channel, tsec_failed(rc));
    return tsec_failed(rc) ? refuse_message(call, &why, rc) : TSEC_OK;
}

/* ---- the request in it ---- */

static bool
refuse(struct carried *carried, enum tsec_code code, const char *sentence)
{
    api_problem(&carried->reply, carried->req.id, code, sentence);
    return false;
}

/* Method and path are inside exactly when those outside say so. */
static bool
pick_target(struct carried *carried, const struct amc_inner_request *inner,
            struct tsec_span *method, struct tsec_span *target)
{
    const bool hidden =
        strcmp(carried->method, "POST") == 0 && strcmp(carried->path, AMC_INNER_PATH) == 0;

    if (hidden != (inner->path.len > 0)) {
        return refuse(carried, TSEC_E_INVALID,
                      "method and path are inside when those outside are POST " AMC_INNER_PATH
                      ", and only then");
    }
    *method = hidden ? inner->method : tsec_span_str(carried->method);
    *target = hidden ? inner->path : tsec_span_str(carried->path);
    return true;
}

static bool
read_target(struct carried *carried, const struct amc_inner_request *inner)
{
    struct api_request *req = &carried->req;
    struct api_refusal refusal = { 0 };
    struct api_target target;
    struct tsec_span method;
    struct tsec_span raw;

    if (!pick_target(carried, inner, &method, &raw)) {
        return false;
    }
    req->method = api_method_of(method);
    if (!api_target_parse(raw, req->arena, &target, &refusal)
        || !api_method_apply_query(&target, &req->method, &refusal)) {
        return refuse(carried, refusal.code, refusal.sentence);
    }
    req->path = target.path;
    req->query = target.query;
    req->query_len = target.query_len;
    return true;
}

static bool
read_fields(struct carried *carried, const struct amc_inner_request *inner)
{
    struct api_request *req = &carried->req;

    if (!api_token_ok(inner->token) || !api_field_ok(inner->wrap_ttl)
        || !api_field_ok(inner->idempotency_key) || !api_field_ok(inner->content_type)) {
        return refuse(carried, TSEC_E_INVALID, "a member has characters that no header has");
    }
    req->token = inner->token.len > 0 ? inner->token : channel_peer(carried->channel)->token;
    req->wrap_ttl = inner->wrap_ttl;
    req->idempotency_key = inner->idempotency_key;
    req->content_type = inner->content_type;
    req->body = inner->body;
    if (req->body.len > api_body_max(carried->outer->api, req->method, req->path)) {
        return refuse(carried, TSEC_E_TOO_LARGE, NULL);
    }
    return true;
}

/* Nothing is done for a peer that the policy of this moment would not admit. */
static bool
still_fits(struct carried *carried)
{
    struct api *api = carried->outer->api;

    if (api_channel_fits(api, carried->channel)) {
        return true;
    }
    if (channels_close(api->options.channels, carried->channel, "policy")) {
        node_stranger(api->options.node, carried->req.remote, "channel-policy");
    }
    return refuse(carried, TSEC_E_DENIED, "the evidence was not accepted");
}

/* New keys are asked for under the newest, and evidence completes a rekey under those that it made:
 * whoever has the keys before can begin or end neither. */
static bool
is_of_its_epoch(struct carried *carried)
{
    const uint32_t epoch = carried->env.epoch;
    const char *path = carried->req.path;

    if (strcmp(path, REATTEST) == 0 && !channel_awaits_evidence(carried->channel, epoch)) {
        return refuse(carried, TSEC_E_CONFLICT, "no evidence is awaited in this epoch");
    }
    if (strcmp(path, REKEY) == 0 && epoch != amc_session_epoch(channel_session(carried->channel))) {
        return refuse(carried, TSEC_E_CONFLICT, "a rekey is asked for in the newest epoch");
    }
    return true;
}

/* A channel whose keys or evidence are past their time takes what renews them, and an end. */
static bool
is_due(struct carried *carried)
{
    struct channels *channels = carried->outer->api->options.channels;
    const char *path = carried->req.path;

    if (channel_awaits_evidence(carried->channel, carried->env.epoch)
        && strcmp(path, REATTEST) != 0) {
        return refuse(carried, TSEC_E_REATTEST_REQUIRED, NULL);
    }
    if (channel_must_rekey(channels, carried->channel) && strcmp(path, REKEY) != 0
        && strcmp(path, REATTEST) != 0 && strcmp(path, CLOSE) != 0) {
        return refuse(carried, TSEC_E_REKEY_REQUIRED, NULL);
    }
    return true;
}

/* False: the inner reply says why not. */
static bool
make_request(struct carried *carried)
{
    const struct api_request *outside = carried->outer->req;
    struct amc_inner_request inner;

    carried->req = (struct api_request){
        .arena = outside->arena,
        .channel = carried->channel,
        .tls = outside->tls,
        .received_ns = outside->received_ns,
        .started_mono_ns = outside->started_mono_ns,
    };
    memcpy(carried->req.id, outside->id, sizeof(carried->req.id));
    memcpy(carried->req.remote, outside->remote, sizeof(carried->req.remote));
    if (tsec_failed(amc_inner_request_parse(tsec_buf_span(&carried->plain), &carried->bytes, &inner,
                                            NULL))) {
        return refuse(carried, TSEC_E_INVALID, "what is sealed is not an inner request");
    }
    return read_target(carried, &inner) && read_fields(carried, &inner) && still_fits(carried)
           && is_due(carried) && is_of_its_epoch(carried);
}

/* ---- the reply to it ---- */

static tsec_rc
write_reply(struct carried *carried, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    const struct api_reply *reply = &carried->reply;
    const struct amc_inner_reply inner = {
        .status = reply->status,
        .body = tsec_buf_span(&reply->body),
        .content_type = tsec_span_str(reply->content_type),
        .allow = tsec_span_str(reply->allow),
        .retry_after_s = reply->retry_after_s,
        .has_audit_index = reply->has_audit_index,
        .audit_index = reply->audit_index,
    };

    TSEC_TRY(tsec_buf_check(&reply->body, err));
    amc_inner_reply_write(&inner, &plain);
    TSEC_TRY(tsec_buf_check(&plain, err));
    return amc_seal_reply(channel_session(carried->channel), &carried->env, tsec_buf_span(&plain),
                          out, err);
}

static tsec_rc
seal_reply(struct carried *carried, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(SEALED_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN((size_t)SEALED_MAX));
    struct api_reply *reply = carried->outer->reply;
    struct tsec_json_out out;

    TSEC_TRY(write_reply(carried, &sealed, err));
    tsec_base64_append(&text, TSEC_BASE64_URL, tsec_buf_span(&sealed));
    TSEC_TRY(tsec_buf_check(&text, err));
    api_reply_reset(reply);
    reply->body.max = REPLY_MAX;
    out = tsec_json_out(&reply->body);
    tsec_json_object(&out);
    tsec_json_put_int(&out, "e", (int64_t)carried->env.epoch);
    tsec_json_put_int(&out, "s", (int64_t)carried->env.seq);
    tsec_json_put_span(&out, "c", tsec_buf_span(&text));
    tsec_json_object_end(&out);
    reply->status = 200;
    return tsec_buf_check(&reply->body, err);
}

static void
conclude(struct carried *carried)
{
    struct api_op *outer = carried->outer;
    struct tsec_err err = { 0 };
    tsec_rc rc = seal_reply(carried, &err);

    if (tsec_failed(rc)) {
        api_reply_reset(outer->reply);
        api_op_fail(outer, rc.code == TSEC_E_CONFLICT ? tsec_rc_of(TSEC_E_REKEY_REQUIRED) : rc,
                    &err);
    }
    carried_done(carried);
}

static void
conclude_later(struct worker_job *job)
{
    struct carried *carried =
        (struct carried *)(void *)((uint8_t *)(void *)job - offsetof(struct carried, job));
    struct api_op *outer = carried->outer;

    conclude(carried);
    outer->done(outer->done_ctx);
}

/* From the thread that made the inner reply final. */
static void
inner_is_done(void *ctx)
{
    struct carried *carried = ctx;
    struct workers *workers = carried->outer->api->options.workers;

    carried->job = (struct worker_job){ .run = conclude_later };
    if (carried->reply.body.len <= AT_ONCE_MAX || workers == NULL
        || tsec_failed(workers_push(workers, &carried->job, NULL))) {
        conclude_later(&carried->job);
    }
}

bool
api_op_message(struct api_op *op, const struct api_route *route)
{
    struct carried *carried = tsec_arena_alloc(op->req->arena, sizeof(*carried));
    struct tsec_err err = { 0 };
    tsec_rc rc;

    api_op_start(op, NULL);
    memcpy(op->call.vars, op->system_vars, sizeof(op->system_vars));
    op->call.route = route;
    if (carried == NULL) {
        api_op_fail(op, tsec_rc_of(TSEC_E_NO_MEMORY), &err);
        return true;
    }
    carried->outer = op;
    tsec_buf_init(&carried->plain, AMC_PLAIN_MAX);
    tsec_buf_init(&carried->bytes, AMC_PLAIN_MAX);
    api_reply_init(&carried->reply);
    rc = open_message(&op->call, carried, &err);
    if (tsec_failed(rc)) {
        api_op_fail(op, rc, &err);
        carried_done(carried);
        return true;
    }
    if (!make_request(carried)
        || api_submit(op->api, &carried->req, &carried->reply, inner_is_done, carried)) {
        conclude(carried);
        return true;
    }
    return false;
}

/* The dispatcher takes messages apart before a handler could run. */
tsec_rc
api_op_teeChannelMessage(struct api_call *call, struct tsec_err *err)
{
    (void)call;
    return TSEC_FAIL(err, TSEC_E_INTERNAL, "a message that was not taken apart");
}
