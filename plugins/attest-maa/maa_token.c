/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_token.h"

#include "maa_json.h"

static const struct tsec_span head_names[MAA_HEADS] = {
    [MAA_ALG] = MAA_NAME("alg"), [MAA_TYP] = MAA_NAME("typ"),   [MAA_KID] = MAA_NAME("kid"),
    [MAA_JKU] = MAA_NAME("jku"), [MAA_CRIT] = MAA_NAME("crit"),
};

static const struct tsec_span field_names[MAA_FIELDS] = {
#define MAA_FIELD(symbol, name) MAA_NAME(name),
#include "maa_fields.def"
#undef MAA_FIELD
};

tsec_rc
maa_token_parse(struct tsec_span text, struct maa_token *out, struct tsec_err *err)
{
    struct tsec_span tee;

    out->nested = false;
    TSEC_TRY(tsec_jws_parse(text, MAA_TOKEN_MAX, &out->jws, err));
    maa_pick(tsec_buf_span(&out->jws.header), head_names, MAA_HEADS, out->head);
    maa_pick(tsec_buf_span(&out->jws.payload), field_names, MAA_FIELDS, out->outer);
    tee = out->outer[MAA_ISOLATION_TEE];
    if (maa_has(tee)) {
        out->nested = true;
        maa_pick(tee, field_names, MAA_FIELDS, out->inner);
    }
    return TSEC_OK;
}

void
maa_token_done(struct maa_token *token)
{
    tsec_jws_done(&token->jws);
}

const struct tsec_span *
maa_token_tee(const struct maa_token *token)
{
    return token->nested ? token->inner : token->outer;
}

const char *
maa_field_name(enum maa_field field)
{
    return (const char *)field_names[field].ptr;
}
