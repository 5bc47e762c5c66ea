/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit_hmac.h"

#include "api/routes.h"
#include "api/transit_signing.h"

enum { SCRATCH_INPUT = 0, SCRATCH_MAC = 1 };
static const char NO_INPUT[] = "missing input for HMAC";

static tsec_rc
read_hash(struct api_call *call, struct transit_plan *plan, const struct transit_body *body,
          const char *sentence, struct tsec_err *err)
{
    struct tsec_span name;

    TSEC_TRY(transit_hash_name(plan, body, call->vars[1], &name, err));
    if (!tsec_hash_named(name, &plan->how.hash)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s algorithm \"%.*s\"", sentence,
                         (int)(name.len < 32 ? name.len : 32), (const char *)name.ptr);
    }
    return TSEC_OK;
}

static tsec_rc
options(struct api_call *call, struct transit_plan *plan, const struct transit_body *body,
        struct tsec_err *err)
{
    TSEC_TRY(transit_number(body, TRANSIT_IN_VERSION, &plan->version, err));
    return read_hash(call, plan, body, "unsupported", err);
}

static tsec_rc
options_of_verifying(struct api_call *call, struct transit_plan *plan,
                     const struct transit_body *body, struct tsec_err *err)
{
    return read_hash(call, plan, body, "invalid hash", err);
}

static tsec_rc
read_item(struct transit_plan *plan, struct transit_item *item, const struct transit_body *body,
          struct tsec_err *err)
{
    const bool missing = !transit_given(body, TRANSIT_IN_INPUT);

    if (missing && !body->item) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s", NO_INPUT);
    }
    if (missing) {
        transit_item_fails(item, NO_INPUT);
    }
    item->version = plan->version;
    TSEC_TRY(transit_text(body, TRANSIT_IN_INPUT, plan->arena, &item->data, err));
    return transit_read_item(plan, item, body, err);
}

static tsec_rc
read_verified(struct transit_plan *plan, struct transit_item *item, const struct transit_body *body,
              struct tsec_err *err)
{
    struct tsec_span text = { 0 };

    TSEC_TRY(transit_text(body, TRANSIT_IN_INPUT, plan->arena, &item->data, err));
    TSEC_TRY(transit_text(body, TRANSIT_IN_HMAC, plan->arena, &text, err));
    TSEC_TRY(transit_read_item(plan, item, body, err));
    item->error = transit_wire_read(TRANSIT_MAC, text, &item->version, &item->proof);
    if (body->item && !transit_given(body, TRANSIT_IN_INPUT)) {
        transit_item_fails(item, "missing input");
    }
    return TSEC_OK;
}

/* Every version of every type has a key for this. */
static tsec_rc
suits(struct api_call *call, const struct transit_plan *plan)
{
    (void)call;
    (void)plan;
    return TSEC_OK;
}

static const char *
choose(const struct transit_plan *plan, struct transit_item *item, const struct transit_key *key)
{
    (void)plan;
    return transit_wire_making(TRANSIT_MAC, key, &item->version);
}

static const char *
choose_verified(const struct transit_plan *plan, struct transit_item *item,
                const struct transit_key *key)
{
    (void)plan;
    return transit_wire_opening(TRANSIT_MAC, key, &item->version);
}

static unsigned
cost_us(const struct transit_plan *plan, const struct transit_item *item)
{
    (void)plan;
    return 2 + transit_bytes_us(item->data.len);
}

/* False: the item failed. */
static bool
authenticate(struct transit_plan *plan, struct transit_item *item, uint8_t mac[TSEC_SHA512_LEN])
{
    struct tsec_err err = { 0 };
    tsec_rc rc;

    if (!transit_decode(plan, item, SCRATCH_INPUT, TSEC_BASE64_STD, item->data,
                        "unable to decode input as base64")) {
        return false;
    }
    rc = transit_hmac(item->material, plan->how.hash, tsec_buf_span(&plan->scratch[SCRATCH_INPUT]),
                      mac, &err);
    if (tsec_failed(rc)) {
        transit_item_failed(plan, item, rc, &err);
    }
    return !tsec_failed(rc);
}

static void
work(struct transit_plan *plan, struct transit_item *item)
{
    uint8_t mac[TSEC_SHA512_LEN];

    if (authenticate(plan, item, mac)) {
        item->out = transit_put_wire(plan, item->version, TSEC_BASE64_STD,
                                     tsec_span(mac, tsec_hash_len(plan->how.hash)));
    }
    explicit_bzero(mac, sizeof(mac));
}

static void
verify(struct transit_plan *plan, struct transit_item *item)
{
    uint8_t mac[TSEC_SHA512_LEN];

    if (transit_decode(plan, item, SCRATCH_MAC, TSEC_BASE64_STD, item->proof,
                       "unable to decode verification HMAC as base64")
        && authenticate(plan, item, mac)) {
        item->valid = tsec_ct_equal(tsec_buf_span(&plan->scratch[SCRATCH_MAC]),
                                    tsec_span(mac, tsec_hash_len(plan->how.hash)));
    }
    explicit_bzero(mac, sizeof(mac));
}

static void
put(const struct transit_plan *plan, const struct transit_item *item, struct tsec_json_out *out)
{
    tsec_json_put_span(out, "hmac", transit_piece_of(plan, item->out));
}

const struct transit_kind transit_hmac_verification = {
    .no_key = "encryption key not found",
    .batches = true,
    .verdict = true,
    .options = options_of_verifying,
    .read = read_verified,
    .suits = suits,
    .choose = choose_verified,
    .cost_us = cost_us,
    .work = verify,
    .put = transit_put_verdict,
};

static tsec_rc
operate(struct api_call *call, struct tsec_err *err)
{
    static const struct transit_kind kind = {
        .no_key = "encryption key not found",
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
api_op_transitHmac(struct api_call *call, struct tsec_err *err)
{
    return operate(call, err);
}

tsec_rc
api_op_transitHmacHash(struct api_call *call, struct tsec_err *err)
{
    return operate(call, err);
}
