/* SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"
#include "api/transit_hmac.h"
#include "api/transit_signing.h"

enum { SCRATCH_INPUT = 0, SCRATCH_SIGNATURE = 1 };
enum { ETHEREUM_LEN = 65, ETHEREUM_V = 27, ETHEREUM_V_MAX = 30 };

static tsec_rc
options(struct api_call *call, struct transit_plan *plan, const struct transit_body *body,
        struct tsec_err *err)
{
    return transit_signing_read(plan, body, call->vars[1], err);
}

static tsec_rc
read_item(struct transit_plan *plan, struct transit_item *item, const struct transit_body *body,
          struct tsec_err *err)
{
    struct tsec_span text = { 0 };

    TSEC_TRY(transit_text(body, TRANSIT_IN_INPUT, plan->arena, &item->data, err));
    TSEC_TRY(transit_text(body, TRANSIT_IN_SIGNATURE, plan->arena, &text, err));
    TSEC_TRY(transit_read_item(plan, item, body, err));
    item->error = transit_wire_read(TRANSIT_SIGNATURE, text, &item->version, &item->proof);
    if (body->item && !transit_given(body, TRANSIT_IN_INPUT)) {
        transit_item_fails(item, "missing input");
    }
    return TSEC_OK;
}

static tsec_rc
suits(struct api_call *call, const struct transit_plan *plan)
{
    const struct transit_traits *traits = transit_traits(plan->type);

    return traits->signs ? transit_signing_suits(call, plan)
                         : api_refusef(call, TSEC_E_INVALID,
                                       "key type %s does not support verification", traits->name);
}

static const char *
choose(const struct transit_plan *plan, struct transit_item *item, const struct transit_key *key)
{
    (void)plan;
    return transit_wire_opening(TRANSIT_SIGNATURE, key, &item->version);
}

/* r ‖ s of what Ethereum passes around; v says which of four keys it is, and here the key is known.
 */
static bool
cut_ethereum(const struct transit_plan *plan, struct tsec_span *sig)
{
    if (plan->marshaling != TRANSIT_ETHEREUM) {
        return true;
    }
    if (sig->len != ETHEREUM_LEN || sig->ptr[ETHEREUM_LEN - 1] < ETHEREUM_V
        || sig->ptr[ETHEREUM_LEN - 1] > ETHEREUM_V_MAX) {
        return false;
    }
    sig->len--;
    return true;
}

static void
verify(struct transit_plan *plan, struct transit_item *item, const struct transit_params *params)
{
    struct tsec_span sig = tsec_buf_span(&plan->scratch[SCRATCH_SIGNATURE]);
    struct tsec_err err = { 0 };
    tsec_rc rc;

    if (!cut_ethereum(plan, &sig)) {
        transit_item_fails(item, "supplied signature is invalid");
        return;
    }
    rc = transit_verify(item->material, params, &plan->how,
                        tsec_buf_span(&plan->scratch[SCRATCH_INPUT]), sig, &err);
    item->valid = !tsec_failed(rc);
    if (tsec_failed(rc) && rc.code != TSEC_E_DENIED) {
        transit_item_failed(plan, item, rc, &err);
    }
}

static void
work(struct transit_plan *plan, struct transit_item *item)
{
    struct transit_params params;

    if (transit_decode(plan, item, SCRATCH_INPUT, TSEC_BASE64_STD, item->data,
                       "unable to decode input as base64")
        && transit_decode(plan, item, SCRATCH_SIGNATURE, transit_signing_base64(plan), item->proof,
                          "invalid base64 signature value")
        && transit_item_params(plan, item, &params)) {
        verify(plan, item, &params);
    }
}

void
transit_put_verdict(const struct transit_plan *plan, const struct transit_item *item,
                    struct tsec_json_out *out)
{
    (void)plan;
    tsec_json_put_bool(out, "valid", item->valid);
}

static const struct transit_kind signature_kind = {
    .no_key = "signature verification key not found",
    .batches = true,
    .verdict = true,
    .options = options,
    .read = read_item,
    .suits = suits,
    .choose = choose,
    .cost_us = transit_verify_us,
    .work = work,
    .put = transit_put_verdict,
};

/* What there is to verify, over all items. */
struct found {
    bool signature;
    bool hmac;
    bool missing;
};

static void
look_at(const struct transit_body *body, struct found *found)
{
    if (transit_given(body, TRANSIT_IN_SIGNATURE)) {
        found->signature = true;
    } else if (transit_given(body, TRANSIT_IN_HMAC)) {
        found->hmac = true;
    } else {
        found->missing = true;
    }
}

static const char *
look_at_batch(const struct transit_value *input, struct found *found)
{
    struct tsec_json_walk walk = tsec_json_walk(input->raw);
    struct tsec_json_member member;
    struct transit_body body;

    while (input->type == TSEC_JSON_ARRAY && tsec_json_next(&walk, &member)) {
        if (tsec_json_type_of(member.value) == TSEC_JSON_OBJECT) {
            transit_body_of(member.value, &body);
            look_at(&body, found);
        }
    }
    if (found->signature && found->hmac) {
        return "elements of batch_input must all provide 'signature' or all provide 'hmac'";
    }
    if (found->missing && found->signature) {
        return "some elements of batch_input are missing 'signature'";
    }
    if (found->missing && found->hmac) {
        return "some elements of batch_input are missing 'hmac'";
    }
    return found->missing ? "no batch_input elements have 'signature' or 'hmac'" : NULL;
}

static const char *
look_at_one(const struct transit_body *body, struct found *found)
{
    look_at(body, found);
    if (found->missing) {
        return "neither a 'signature' nor an 'hmac' were given to verify";
    }
    return found->signature && transit_given(body, TRANSIT_IN_HMAC)
               ? "provide one of 'signature' or 'hmac'"
               : NULL;
}

static tsec_rc
operate(struct api_call *call, struct tsec_err *err)
{
    struct found found = { 0 };
    struct transit_body body;
    const char *sentence;

    TSEC_TRY(transit_body_read(call, &body, err));
    sentence = transit_given(&body, TRANSIT_IN_BATCH)
                   ? look_at_batch(&body.values[TRANSIT_IN_BATCH], &found)
                   : look_at_one(&body, &found);
    if (sentence != NULL) {
        return api_refuse(call, TSEC_E_INVALID, sentence);
    }
    return transit_operate_on(call, found.hmac ? &transit_hmac_verification : &signature_kind, 0,
                              &body, err);
}

tsec_rc
api_op_transitVerify(struct api_call *call, struct tsec_err *err)
{
    return operate(call, err);
}

tsec_rc
api_op_transitVerifyHash(struct api_call *call, struct tsec_err *err)
{
    return operate(call, err);
}
