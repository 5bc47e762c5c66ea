/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at tokens, renewing and revoking them. */
#include "api/envelope.h"
#include "api/op.h"
#include "base/clock.h"
#include "channel/channel.h"
#include "core/ttl.h"

static const char BAD_TOKEN[] = "bad token";
static const char INVALID_ACCESSOR[] = "invalid accessor";

struct ask {
    const char *token;
    const char *accessor;
    int64_t increment_ns;
};

static tsec_rc
read_ask(struct api_call *call, struct ask *ask, struct tsec_err *err)
{
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("token", &ask->token, NULL, TOKEN_TEXT_MAX),
        TSEC_JSON_STR("accessor", &ask->accessor, NULL, TOKEN_TEXT_MAX),
        TSEC_JSON_DURATION("increment", &ask->increment_ns, NULL, TTL_LIMIT_S * TSEC_NS_PER_S),
    };

    *ask = (struct ask){ 0 };
    return API_FIELDS(call, fields, err);
}

static tsec_rc
find_named(struct api_call *call, const struct ask *ask, const struct token **out,
           struct tsec_err *err)
{
    uint8_t tag[RECORD_TAG_LEN];

    if (ask->token == NULL || *ask->token == '\0') {
        return api_refuse(call, TSEC_E_INVALID, "missing token");
    }
    token_tag(api_keys_of(call), tsec_span_str(ask->token), tag);
    return token_find(call->txn, tag, out, err);
}

static tsec_rc
find_by_accessor(struct api_call *call, const struct ask *ask, const struct token **out,
                 struct tsec_err *err)
{
    tsec_rc rc;

    if (ask->accessor == NULL || *ask->accessor == '\0') {
        return api_refuse(call, TSEC_E_INVALID, "missing accessor");
    }
    rc = token_find_accessor(call->txn, tsec_span_str(ask->accessor), out, err);
    return rc.code == TSEC_E_NOT_FOUND ? api_refuse(call, TSEC_E_DENIED, INVALID_ACCESSOR) : rc;
}

static void
put_times(struct tsec_json_out *out, const struct token *token)
{
    tsec_json_put_int(out, "creation_time", token->created_ns / TSEC_NS_PER_S);
    tsec_json_put_int(out, "creation_ttl", token->ttl_s);
    if (token->expires_ns == 0) {
        tsec_json_put_null(out, "expire_time");
    } else {
        tsec_json_put_time(out, "expire_time", token->expires_ns);
    }
    tsec_json_put_int(out, "explicit_max_ttl", token->explicit_max_ttl_s);
    tsec_json_put_time(out, "issue_time", token->created_ns);
    if (token->renewed_ns != 0) {
        tsec_json_put_time(out, "last_renewal", token->renewed_ns);
        tsec_json_put_int(out, "last_renewal_time", token->renewed_ns / TSEC_NS_PER_S);
    } else {
        tsec_json_put_null(out, "last_renewal");
    }
}

static tsec_rc
answer_lookup(struct api_call *call, const struct token *token, struct tsec_span id,
              struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    tsec_json_object(&out);
    tsec_json_put_str(&out, "accessor", token->accessor);
    put_times(&out, token);
    tsec_json_put_str(&out, "display_name", token->display_name);
    tsec_json_put_str(&out, "entity_id", "");
    tsec_json_put_span(&out, "id", id);
    api_put_map_or_null(&out, "meta", &token->meta);
    tsec_json_put_int(&out, "num_uses", token->num_uses);
    tsec_json_put_bool(&out, "orphan", token->orphan);
    tsec_json_put_str(&out, "path", token->path);
    api_put_strings(&out, "policies", token->policies);
    tsec_json_put_bool(&out, "renewable", token->renewable);
    tsec_json_put_int(&out, "ttl", token_ttl_left_s(token, txn_now(call->txn)));
    tsec_json_put_str(&out, "type", token->type);
    if (token->period_s != 0) {
        tsec_json_put_int(&out, "period", token->period_s);
    }
    if (token->role[0] != '\0') {
        tsec_json_put_str(&out, "role", token->role);
    }
    if (token->attest.len > 0) {
        api_put_map(&out, "attest", &token->attest);
    }
    if (token->bound_cidrs.len > 0) {
        api_put_strings(&out, "bound_cidrs", token->bound_cidrs);
    }
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

/* What the caller has shown.  A channel's own token is not told even to its peer, so that it is of
 * use to nobody outside and when the channel has ended. */
static struct tsec_span
shown_text(const struct api_call *call)
{
    struct channel *channel = call->req->channel;
    const struct tsec_span text = call->req->token;

    return channel != NULL && tsec_ct_equal(text, channel_peer(channel)->token) ? tsec_span_str("")
                                                                                : text;
}

/* The use that this request is has been spent when its reply is read. */
static tsec_rc
answer_lookup_self(struct api_call *call, struct tsec_err *err)
{
    struct token mine = *call->token;

    if (mine.num_uses > 0) {
        mine.num_uses--;
    }
    return answer_lookup(call, &mine, shown_text(call), err);
}

tsec_rc
api_op_tokenLookupSelf(struct api_call *call, struct tsec_err *err)
{
    return answer_lookup_self(call, err);
}

tsec_rc
api_op_tokenLookupSelfPost(struct api_call *call, struct tsec_err *err)
{
    return answer_lookup_self(call, err);
}

tsec_rc
api_op_tokenLookup(struct api_call *call, struct tsec_err *err)
{
    const struct token *token = NULL;
    struct ask ask;
    tsec_rc rc;

    TSEC_TRY(read_ask(call, &ask, err));
    rc = find_named(call, &ask, &token, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refuse(call, TSEC_E_DENIED, BAD_TOKEN);
    }
    TSEC_TRY(rc);
    return answer_lookup(call, token, tsec_span_str(ask.token), err);
}

tsec_rc
api_op_tokenLookupAccessor(struct api_call *call, struct tsec_err *err)
{
    const struct token *token = NULL;
    struct ask ask;

    TSEC_TRY(read_ask(call, &ask, err));
    TSEC_TRY(find_by_accessor(call, &ask, &token, err));
    return answer_lookup(call, token, tsec_span(NULL, 0), err);
}

static tsec_rc
renew(struct api_call *call, const struct token *token, const struct ask *ask,
      struct tsec_span text, struct tsec_err *err)
{
    const int64_t increment_s = ask->increment_ns / TSEC_NS_PER_S;
    const struct token *renewed = NULL;
    bool capped = false;
    const tsec_rc rc = token_renew(call->txn, token, increment_s, &renewed, &capped, err);

    if (rc.code == TSEC_E_INVALID) {
        return api_refuse(call, TSEC_E_INVALID, err == NULL ? NULL : err->detail);
    }
    TSEC_TRY(rc);
    if (capped) {
        api_warn(call, "TTL value is capped by the maximum of the token or its mount");
    }
    return api_auth_token(call, renewed, text, err);
}

tsec_rc
api_op_tokenRenewSelf(struct api_call *call, struct tsec_err *err)
{
    struct ask ask;

    TSEC_TRY(read_ask(call, &ask, err));
    return renew(call, call->token, &ask, shown_text(call), err);
}

tsec_rc
api_op_tokenRenew(struct api_call *call, struct tsec_err *err)
{
    const struct token *token = NULL;
    struct ask ask;
    tsec_rc rc;

    TSEC_TRY(read_ask(call, &ask, err));
    rc = find_named(call, &ask, &token, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refuse(call, TSEC_E_DENIED, "token not found");
    }
    TSEC_TRY(rc);
    return renew(call, token, &ask, tsec_span_str(ask.token), err);
}

tsec_rc
api_op_tokenRenewAccessor(struct api_call *call, struct tsec_err *err)
{
    const struct token *token = NULL;
    struct ask ask;

    TSEC_TRY(read_ask(call, &ask, err));
    TSEC_TRY(find_by_accessor(call, &ask, &token, err));
    return renew(call, token, &ask, tsec_span(NULL, 0), err);
}

tsec_rc
api_op_tokenRevokeSelf(struct api_call *call, struct tsec_err *err)
{
    TSEC_TRY(token_revoke(call->txn, call->token, err));
    return api_no_content(call);
}

/* A token that is gone already is revoked. */
tsec_rc
api_op_tokenRevoke(struct api_call *call, struct tsec_err *err)
{
    const struct token *token = NULL;
    struct ask ask;
    tsec_rc rc;

    TSEC_TRY(read_ask(call, &ask, err));
    rc = find_named(call, &ask, &token, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_no_content(call);
    }
    TSEC_TRY(rc);
    TSEC_TRY(token_revoke(call->txn, token, err));
    return api_no_content(call);
}

tsec_rc
api_op_tokenRevokeAccessor(struct api_call *call, struct tsec_err *err)
{
    const struct token *token = NULL;
    struct ask ask;

    TSEC_TRY(read_ask(call, &ask, err));
    TSEC_TRY(find_by_accessor(call, &ask, &token, err));
    TSEC_TRY(token_revoke(call->txn, token, err));
    return api_no_content(call);
}

tsec_rc
api_op_tokenRevokeOrphan(struct api_call *call, struct tsec_err *err)
{
    const struct token *token = NULL;
    struct ask ask;
    tsec_rc rc;

    TSEC_TRY(read_ask(call, &ask, err));
    rc = find_named(call, &ask, &token, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refuse(call, TSEC_E_INVALID, "token to revoke not found");
    }
    TSEC_TRY(rc);
    rc = token_revoke_orphan(call->txn, token, err);
    if (rc.code == TSEC_E_TOO_LARGE) {
        return api_refuse(call, TSEC_E_INVALID, "the token has too many children to keep");
    }
    TSEC_TRY(rc);
    return api_no_content(call);
}

tsec_rc
api_op_tokenListAccessors(struct api_call *call, struct tsec_err *err)
{
    struct tsec_strings names;

    TSEC_TRY(record_names(call->txn, tsec_span_str("sys/accessor/"), tsec_span(NULL, 0), 0, true,
                          &names, err));
    return api_keys(call, names, err);
}

/* The sweep runs anyway; asking does some of it now. */
tsec_rc
api_op_tokenTidy(struct api_call *call, struct tsec_err *err)
{
    struct tsec_json_out out;
    size_t done = 0;

    TSEC_TRY(core_sweep_expired(call->txn, TOKEN_REVOKE_MAX, &done, err));
    api_warn(call, "Tidy operation successfully started. Any information from the operation will "
                   "be printed to the server's log.");
    out = api_data(call);
    tsec_json_null(&out);
    TSEC_TRY(api_data_end(call, &out, err));
    call->reply->status = 202;
    return TSEC_OK;
}
