/* SPDX-License-Identifier: Apache-2.0 */
/* Decrypting, and decrypting into a newer version without showing what was in it. */
#include "api/routes.h"
#include "api/transit_plan.h"

enum { SCRATCH_SEALED = 1, SCRATCH_OPEN = 0 };
static const char NO_CIPHERTEXT[] = "missing ciphertext to decrypt";

static tsec_rc
read_item(struct transit_plan *plan, struct transit_item *item, const struct transit_body *body,
          struct tsec_err *err)
{
    struct tsec_span text = { 0 };

    TSEC_TRY(transit_text(body, TRANSIT_IN_CIPHERTEXT, plan->arena, &text, err));
    TSEC_TRY(transit_text(body, TRANSIT_IN_ASSOCIATED, plan->arena, &item->associated, err));
    TSEC_TRY(transit_read_item(plan, item, body, err));
    if (text.len == 0 && !body->item) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s", NO_CIPHERTEXT);
    }
    item->error = text.len == 0
                      ? NO_CIPHERTEXT
                      : transit_wire_read(TRANSIT_CIPHERTEXT, text, &item->version, &item->data);
    return TSEC_OK;
}

static tsec_rc
read_rewrapped(struct transit_plan *plan, struct transit_item *item,
               const struct transit_body *body, struct tsec_err *err)
{
    TSEC_TRY(transit_number(body, TRANSIT_IN_VERSION, &item->onto, err));
    return read_item(plan, item, body, err);
}

static tsec_rc
suits(struct api_call *call, const struct transit_plan *plan)
{
    const struct transit_traits *traits = transit_traits(plan->type);

    return traits->encrypts
               ? TSEC_OK
               : api_refusef(call, TSEC_E_INVALID,
                             "message decryption not supported for key type %s", traits->name);
}

static const char *
choose(const struct transit_plan *plan, struct transit_item *item, const struct transit_key *key)
{
    const char *sentence = transit_associated_suits(plan, item);

    return sentence != NULL ? sentence
                            : transit_wire_opening(TRANSIT_CIPHERTEXT, key, &item->version);
}

static const char *
choose_both(const struct transit_plan *plan, struct transit_item *item,
            const struct transit_key *key)
{
    const char *sentence = choose(plan, item, key);

    return sentence != NULL ? sentence : transit_wire_making(TRANSIT_CIPHERTEXT, key, &item->onto);
}

static unsigned
cost_us(const struct transit_plan *plan, const struct transit_item *item)
{
    const struct transit_traits *traits = transit_traits(plan->type);
    const unsigned key_us = traits->pair != 0 ? traits->sign_us : 2;

    return key_us + transit_bytes_us(item->data.len);
}

static unsigned
cost_of_both_us(const struct transit_plan *plan, const struct transit_item *item)
{
    return cost_us(plan, item) + transit_encrypt_us(plan, item);
}

static bool
open_item(struct transit_plan *plan, struct transit_item *item, struct transit_params *params)
{
    struct tsec_buf *open = &plan->scratch[SCRATCH_OPEN];
    struct tsec_err err = { 0 };
    tsec_rc rc;

    if (!transit_decode(plan, item, SCRATCH_SEALED, TSEC_BASE64_STD, item->data,
                        "invalid ciphertext: could not decode base64")
        || !transit_item_params(plan, item, params)) {
        return false;
    }
    tsec_buf_reset(open);
    rc = transit_decrypt(item->material, params, tsec_buf_span(&plan->scratch[SCRATCH_SEALED]),
                         open, &err);
    if (tsec_failed(rc)) {
        transit_item_failed(plan, item, rc, &err);
    }
    return !tsec_failed(rc);
}

static void
work(struct transit_plan *plan, struct transit_item *item)
{
    struct transit_params params;

    if (open_item(plan, item, &params)) {
        item->out = transit_put_base64(plan, tsec_buf_span(&plan->scratch[SCRATCH_OPEN]));
    }
}

static void
rewrap(struct transit_plan *plan, struct transit_item *item)
{
    struct transit_params params;

    if (open_item(plan, item, &params)) {
        transit_seal_item(plan, item, item->successor, item->onto, &params,
                          tsec_buf_span(&plan->scratch[SCRATCH_OPEN]));
    }
}

static void
put(const struct transit_plan *plan, const struct transit_item *item, struct tsec_json_out *out)
{
    tsec_json_put_span(out, "plaintext", transit_piece_of(plan, item->out));
}

static void
put_rewrapped(const struct transit_plan *plan, const struct transit_item *item,
              struct tsec_json_out *out)
{
    tsec_json_put_span(out, "ciphertext", transit_piece_of(plan, item->out));
    tsec_json_put_int(out, "key_version", item->onto);
}

tsec_rc
api_op_transitDecrypt(struct api_call *call, struct tsec_err *err)
{
    static const struct transit_kind kind = {
        .no_key = "encryption key not found",
        .fails = true,
        .uses = true,
        .batches = true,
        .contexts = true,
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
api_op_transitRewrap(struct api_call *call, struct tsec_err *err)
{
    static const struct transit_kind kind = {
        .no_key = "encryption key not found",
        .uses = true,
        .batches = true,
        .contexts = true,
        .read = read_rewrapped,
        .suits = suits,
        .choose = choose_both,
        .cost_us = cost_of_both_us,
        .work = rewrap,
        .put = put_rewrapped,
    };

    return transit_operate(call, &kind, 0, err);
}
