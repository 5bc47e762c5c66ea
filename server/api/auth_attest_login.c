/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence in, token out.  Outside of a channel the token leaves encrypted to the key that the
 * evidence vouches for: whoever carries the answer, or asks with evidence of others, has nothing of
 * it. */
#include "api/ahead.h"
#include "api/api.h"
#include "api/envelope.h"
#include "api/proof.h"
#include "channel/channel.h"
#include "core/strings.h"
#include "crypto/jwe.h"

/* The usual answer. */
static tsec_rc
answer(struct api_call *call, const struct api_admitted *who, struct tsec_err *err)
{
    struct token_made made = { .token = NULL };
    tsec_rc rc = api_admitted_login(call, who, &made, err);

    if (!tsec_failed(rc)) {
        rc = api_auth_token(call, made.token, tsec_span_str(made.text), err);
    }
    explicit_bzero(made.text, sizeof(made.text));
    if (!tsec_failed(rc)) {
        rc = api_count_grant(call, GRANT_LOGIN, who->role->name, err);
    }
    return rc;
}

/* ---- the key of the answer, agreed where no lock is held ---- */

enum { AGREE_US = 1500 };

struct agreeing {
    struct api_work work; /* first */
    struct tsec_span recipient;
    struct tsec_jwe *jwe;
    tsec_rc rc;
    struct tsec_err err;
};

static void
agree(struct api_work *work)
{
    struct agreeing *a = (struct agreeing *)(void *)work;

    a->rc = tsec_jwe_begin(a->recipient, tsec_span(NULL, 0), NULL, &a->jwe, &a->err);
}

static void
drop_agreed(struct api_work *work)
{
    tsec_jwe_free(((struct agreeing *)(void *)work)->jwe);
}

static tsec_rc
agree_ahead(struct api_call *call, struct tsec_span recipient, const struct tsec_jwe **out,
            struct tsec_err *err)
{
    struct agreeing *a = tsec_arena_alloc(api_arena(call), sizeof(*a));
    struct api_work *work;

    if (a == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a key to answer under");
    }
    a->work.identity = tsec_span_str("recipient"); /* a request has one */
    a->work.cost_us = AGREE_US;
    a->work.run = agree;
    a->work.drop = drop_agreed;
    a->recipient = recipient;
    work = &a->work;
    TSEC_TRY(api_work(call, &work, err));
    a = (struct agreeing *)(void *)work;
    if (tsec_failed(a->rc)) {
        *err = a->err;
        return a->rc;
    }
    *out = a->jwe;
    return TSEC_OK;
}

/* The answer that stands in the reply, encrypted, and nothing else of it. */
static tsec_rc
encrypt(struct api_call *call, const struct tsec_jwe *jwe, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(API_REPLY_BODY_MAX);
    struct tsec_json_out out;
    const tsec_rc rc = tsec_jwe_finish(jwe, tsec_buf_span(&call->reply->body), &token, err);

    api_reply_reset(call->reply);
    TSEC_TRY(rc);
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_span(&out, "wrapped", tsec_buf_span(&token));
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

static tsec_rc
login_by_evidence(struct api_call *call, const struct api_proof *proof, struct tsec_err *err)
{
    const struct tsec_jwe *jwe = NULL;
    struct api_admitted who;

    TSEC_TRY(api_proof_admit(call, proof, call->mount, &who, err));
    TSEC_TRY(agree_ahead(call, proof->recipient, &jwe, err));
    TSEC_TRY(answer(call, &who, err));
    return encrypt(call, jwe, err);
}

/* The channel's peer proved what it is when it was opened; its role is decided now. */
static tsec_rc
login_by_channel(struct api_call *call, const char *role, struct tsec_err *err)
{
    const struct channel_peer *peer =
        call->req->channel == NULL ? NULL : channel_peer(call->req->channel);
    struct api_admit_ask ask = { .role = role, .mount = call->mount };
    struct api_admitted who;

    if (peer == NULL || peer->appraisal == NULL) {
        return api_refuse(call, TSEC_E_INVALID, "missing evidence");
    }
    ask.mode = string_map_get(&peer->attest, "mode");
    if (ask.mode == NULL) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a channel's peer without a mode");
    }
    TSEC_TRY(api_admit_claims(call, peer->appraisal, &ask, &who, err));
    return answer(call, &who, err);
}

tsec_rc
api_op_attestLogin(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;
    struct api_proof *proof = NULL;

    TSEC_TRY(api_parse(call, &body, err));
    TSEC_TRY(api_proof_read(call, body, NULL, 0, &proof, err));
    if (proof->role == NULL || *proof->role == '\0') {
        return api_refuse(call, TSEC_E_INVALID, "missing role");
    }
    return proof->given ? login_by_evidence(call, proof, err)
                        : login_by_channel(call, proof->role, err);
}
