/* SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"
#include "api/transit_signing.h"

enum { SCRATCH_INPUT = 0, SCRATCH_SIGNATURE = 1 };
/* What Ethereum adds to a recovery id since its first days. */
enum { ETHEREUM_V = 27 };

static tsec_rc
options(struct api_call *call, struct transit_plan *plan, const struct transit_body *body,
        struct tsec_err *err)
{
    TSEC_TRY(transit_number(body, TRANSIT_IN_VERSION, &plan->version, err));
    return transit_signing_read(plan, body, call->vars[1], err);
}

/* Nothing to sign is the empty message, but in a batch a mistake. */
static tsec_rc
read_item(struct transit_plan *plan, struct transit_item *item, const struct transit_body *body,
          struct tsec_err *err)
{
    if (body->item && !transit_given(body, TRANSIT_IN_INPUT)) {
        transit_item_fails(item, "missing input");
    }
    item->version = plan->version;
    TSEC_TRY(transit_text(body, TRANSIT_IN_INPUT, plan->arena, &item->data, err));
    return transit_read_item(plan, item, body, err);
}

static tsec_rc
suits(struct api_call *call, const struct transit_plan *plan)
{
    const struct transit_traits *traits = transit_traits(plan->type);

    return traits->signs ? transit_signing_suits(call, plan)
                         : api_refusef(call, TSEC_E_INVALID, "key type %s does not support signing",
                                       traits->name);
}

static const char *
choose(const struct transit_plan *plan, struct transit_item *item, const struct transit_key *key)
{
    (void)plan;
    return transit_wire_making(TRANSIT_SIGNATURE, key, &item->version);
}

static unsigned
cost_us(const struct transit_plan *plan, const struct transit_item *item)
{
    return transit_traits(plan->type)->sign_us + transit_bytes_us(item->data.len);
}

static bool
lacks_private_part(const struct transit_material *material)
{
    const struct tsec_pair *pair = transit_material_pair(material);

    return pair != NULL && !tsec_pair_is_private(pair);
}

static void
put_out(struct transit_plan *plan, struct transit_item *item, const struct tsec_buf *public_key)
{
    struct tsec_buf *sig = &plan->scratch[SCRATCH_SIGNATURE];

    if (plan->marshaling == TRANSIT_ETHEREUM) {
        tsec_buf_put_byte(sig, (uint8_t)(ETHEREUM_V + item->recovery_id));
    }
    item->out =
        transit_put_wire(plan, item->version, transit_signing_base64(plan), tsec_buf_span(sig));
    if (public_key->len > 0) {
        item->also = transit_put_base64(plan, tsec_buf_span(public_key));
    }
}

static void
sign(struct transit_plan *plan, struct transit_item *item, const struct transit_params *params)
{
    TSEC_AUTO_BUF struct tsec_buf public_key = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    struct tsec_buf *sig = &plan->scratch[SCRATCH_SIGNATURE];
    struct tsec_err err = { 0 };
    tsec_rc rc;

    tsec_buf_reset(sig);
    rc = transit_sign(item->material, params, &plan->how,
                      tsec_buf_span(&plan->scratch[SCRATCH_INPUT]), sig, &item->recovery_id,
                      plan->derived ? &public_key : NULL, &err);
    if (tsec_failed(rc)) {
        transit_item_failed(plan, item, rc, &err);
    } else {
        put_out(plan, item, &public_key);
    }
}

static void
work(struct transit_plan *plan, struct transit_item *item)
{
    struct transit_params params;

    if (lacks_private_part(item->material)) {
        transit_item_fails(item, "requested version for signing does not contain a private part");
        return;
    }
    if (transit_decode(plan, item, SCRATCH_INPUT, TSEC_BASE64_STD, item->data,
                       "unable to decode input as base64")
        && transit_item_params(plan, item, &params)) {
        sign(plan, item, &params);
    }
}

/* In a batch Vault calls the derived key by another name. */
static void
put(const struct transit_plan *plan, const struct transit_item *item, struct tsec_json_out *out)
{
    const struct tsec_span public_key = transit_piece_of(plan, item->also);

    tsec_json_put_span(out, "signature", transit_piece_of(plan, item->out));
    tsec_json_put_int(out, "key_version", item->version);
    if (public_key.len > 0) {
        tsec_json_put_span(out, "public_key", public_key);
    }
    if (public_key.len > 0 && plan->batch) {
        tsec_json_put_span(out, "publickey", public_key);
    }
    if (item->recovery_id >= 0) {
        tsec_json_put_int(out, "recovery_id", item->recovery_id);
    }
}

static tsec_rc
operate(struct api_call *call, struct tsec_err *err)
{
    static const struct transit_kind kind = {
        .no_key = "signing key not found",
        .uses = true,
        .batches = true,
        .options = options,
        .read = read_item,
        .suits = suits,
        .choose = choose,
        .cost_us = cost_us,
        .work = work,
        .put = put,
    };

    return transit_operate(call, &kind, 0, err);
}

tsec_rc
api_op_transitSign(struct api_call *call, struct tsec_err *err)
{
    return operate(call, err);
}

tsec_rc
api_op_transitSignHash(struct api_call *call, struct tsec_err *err)
{
    return operate(call, err);
}
