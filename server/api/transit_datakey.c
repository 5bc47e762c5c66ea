/* SPDX-License-Identifier: Apache-2.0 */
/* New keys for others to encrypt with: made here, given out encrypted under a transit key. */
#include "api/routes.h"
#include "api/transit_plan.h"
#include "crypto/rand.h"

enum { DATAKEY_MAX = 64, DATAKEY_DEFAULT_BITS = 256 };

static tsec_rc
read_length(struct transit_plan *plan, const struct transit_body *body, struct tsec_err *err)
{
    int64_t bits = DATAKEY_DEFAULT_BITS;

    TSEC_TRY(transit_number(body, TRANSIT_IN_BITS, &bits, err));
    if (bits != 128 && bits != 256 && bits != 512) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "invalid bit length");
    }
    plan->bytes = (size_t)bits / 8;
    return TSEC_OK;
}

static tsec_rc
options(struct api_call *call, struct transit_plan *plan, const struct transit_body *body,
        struct tsec_err *err)
{
    plan->tell = tsec_span_is(call->vars[0], "plaintext");
    if (!plan->tell && !tsec_span_is(call->vars[0], "wrapped")) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "Invalid path, must be 'plaintext' or 'wrapped'");
    }
    return read_length(plan, body, err);
}

static tsec_rc
read_item(struct transit_plan *plan, struct transit_item *item, const struct transit_body *body,
          struct tsec_err *err)
{
    TSEC_TRY(transit_number(body, TRANSIT_IN_VERSION, &item->version, err));
    TSEC_TRY(transit_text(body, TRANSIT_IN_ASSOCIATED, plan->arena, &item->associated, err));
    return transit_read_making(plan, item, body, err);
}

static const char *
choose(const struct transit_plan *plan, struct transit_item *item, const struct transit_key *key)
{
    const char *sentence = transit_associated_suits(plan, item);

    return sentence != NULL ? sentence
                            : transit_wire_making(TRANSIT_CIPHERTEXT, key, &item->version);
}

static void
work(struct transit_plan *plan, struct transit_item *item)
{
    struct transit_params params;
    uint8_t key[DATAKEY_MAX];
    const struct tsec_span made = tsec_span(key, plan->bytes);

    if (!transit_item_params(plan, item, &params)) {
        return;
    }
    tsec_rand_bytes(key, plan->bytes);
    transit_seal_item(plan, item, item->material, item->version, &params, made);
    if (plan->tell && item->error == NULL) {
        item->also = transit_put_base64(plan, made);
    }
    explicit_bzero(key, sizeof(key));
}

static void
put(const struct transit_plan *plan, const struct transit_item *item, struct tsec_json_out *out)
{
    tsec_json_put_span(out, "ciphertext", transit_piece_of(plan, item->out));
    tsec_json_put_int(out, "key_version", item->version);
    if (plan->tell) {
        tsec_json_put_span(out, "plaintext", transit_piece_of(plan, item->also));
    }
}

tsec_rc
api_op_transitDatakey(struct api_call *call, struct tsec_err *err)
{
    static const struct transit_kind kind = {
        .no_key = "encryption key not found",
        .uses = true,
        .options = options,
        .read = read_item,
        .suits = transit_suits_encryption,
        .choose = choose,
        .cost_us = transit_encrypt_us,
        .work = work,
        .put = put,
    };

    return transit_operate(call, &kind, 1, err);
}
