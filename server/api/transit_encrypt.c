/* SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"
#include "api/transit_plan.h"
#include "core/mount.h"
#include "core/transit_config.h"

enum { SCRATCH_PLAIN = 0, SCRATCH_SEALED = 1 };
static const char NO_PLAINTEXT[] = "missing plaintext to encrypt";
static const char DEFAULT_TYPE[] = "aes256-gcm96";

static tsec_rc
read_item(struct transit_plan *plan, struct transit_item *item, const struct transit_body *body,
          struct tsec_err *err)
{
    if (!transit_given(body, TRANSIT_IN_PLAINTEXT)) {
        return body->item ? TSEC_FAIL(err, TSEC_E_INVALID,
                                      "failed to parse batch input: '[%zu].plaintext' %s",
                                      body->index, NO_PLAINTEXT)
                          : TSEC_FAIL(err, TSEC_E_INVALID, "%s", NO_PLAINTEXT);
    }
    TSEC_TRY(transit_text(body, TRANSIT_IN_PLAINTEXT, plan->arena, &item->data, err));
    TSEC_TRY(transit_number(body, TRANSIT_IN_VERSION, &item->version, err));
    TSEC_TRY(transit_text(body, TRANSIT_IN_ASSOCIATED, plan->arena, &item->associated, err));
    return transit_read_making(plan, item, body, err);
}

/* A key that encrypt makes is a symmetric one. */
static tsec_rc
read_type(struct transit_plan *plan, const struct transit_body *body, enum transit_type *out,
          struct tsec_err *err)
{
    struct tsec_span text = tsec_span_str(DEFAULT_TYPE);
    const char *name;

    TSEC_TRY(transit_text(body, TRANSIT_IN_TYPE, plan->arena, &text, err));
    name = tsec_arena_dup(plan->arena, text);
    if (name == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the name of a type");
    }
    *out = transit_type_named(name);
    if (*out == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "unknown key type %.64s", name);
    }
    if (transit_traits(*out)->aead == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "key type %.64s not supported for this operation",
                         name);
    }
    return TSEC_OK;
}

/* The caller may create: the policy was asked because the key is not there. */
static tsec_rc
make(struct api_call *call, struct transit_plan *plan, const struct transit_body *body,
     struct tsec_err *err)
{
    const bool derived = plan->items[0].context.len > 0;
    struct transit_key *settings;
    struct transit_config config;
    bool convergent = false;
    enum transit_type type = 0;

    TSEC_TRY(transit_config_read(call->txn, call->mount->id, &config, err));
    if (config.disable_upsert) {
        return TSEC_OK;
    }
    TSEC_TRY(transit_flag(body, TRANSIT_IN_CONVERGENT, &convergent, err));
    if (convergent && !derived) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "convergent encryption requires derivation to be enabled, so context is "
                         "required");
    }
    TSEC_TRY(read_type(plan, body, &type, err));
    settings = tsec_arena_alloc(plan->arena, sizeof(*settings));
    if (settings == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a key's settings");
    }
    settings->type_name = transit_traits(type)->name;
    settings->latest = 1;
    settings->min_decryption = 1;
    settings->derived = derived;
    settings->convergent = convergent;
    plan->settings = settings;
    return TSEC_OK;
}

tsec_rc
transit_suits_encryption(struct api_call *call, const struct transit_plan *plan)
{
    const struct transit_traits *traits = transit_traits(plan->type);

    return traits->encrypts
               ? TSEC_OK
               : api_refusef(call, TSEC_E_INVALID,
                             "message encryption not supported for key type %s", traits->name);
}

const char *
transit_associated_suits(const struct transit_plan *plan, const struct transit_item *item)
{
    const struct transit_traits *traits = transit_traits(plan->type);
    const char *sentence;

    if (item->associated.len == 0 || traits->associates) {
        return NULL;
    }
    sentence = tsec_arena_printf(plan->arena,
                                 "'[%zu].associated_data' provided for non-AEAD cipher suite %s",
                                 (size_t)(item - plan->items), traits->name);
    return sentence == NULL ? "'associated_data' provided for non-AEAD cipher suite" : sentence;
}

static const char *
choose(const struct transit_plan *plan, struct transit_item *item, const struct transit_key *key)
{
    const char *sentence = transit_associated_suits(plan, item);

    return sentence != NULL ? sentence
                            : transit_wire_making(TRANSIT_CIPHERTEXT, key, &item->version);
}

/* With RSA a public key's work. */
unsigned
transit_encrypt_us(const struct transit_plan *plan, const struct transit_item *item)
{
    const struct transit_traits *traits = transit_traits(plan->type);
    const unsigned key_us = traits->pair != 0 ? 5 + traits->sign_us / 25 : 2;

    return key_us + transit_bytes_us(item->data.len);
}

/* Appends what is in the scratch buffer to the output, encrypted. */
void
transit_seal_item(struct transit_plan *plan, struct transit_item *item,
                  const struct transit_material *material, int64_t version,
                  const struct transit_params *params, struct tsec_span plain)
{
    struct tsec_buf *sealed = &plan->scratch[SCRATCH_SEALED];
    struct tsec_err err = { 0 };
    tsec_rc rc;

    tsec_buf_reset(sealed);
    rc = transit_encrypt(material, params, plain, sealed, &err);
    if (tsec_failed(rc)) {
        transit_item_failed(plan, item, rc, &err);
        return;
    }
    item->out = transit_put_wire(plan, version, TSEC_BASE64_STD, tsec_buf_span(sealed));
}

static void
work(struct transit_plan *plan, struct transit_item *item)
{
    struct transit_params params;

    if (transit_decode(plan, item, SCRATCH_PLAIN, TSEC_BASE64_STD, item->data,
                       "illegal base64 data in plaintext")
        && transit_item_params(plan, item, &params)) {
        transit_seal_item(plan, item, item->material, item->version, &params,
                          tsec_buf_span(&plan->scratch[SCRATCH_PLAIN]));
    }
}

static void
put(const struct transit_plan *plan, const struct transit_item *item, struct tsec_json_out *out)
{
    tsec_json_put_span(out, "ciphertext", transit_piece_of(plan, item->out));
    tsec_json_put_int(out, "key_version", item->version);
}

tsec_rc
api_op_transitEncrypt(struct api_call *call, struct tsec_err *err)
{
    static const struct transit_kind kind = {
        .no_key = "encryption key not found",
        .fails = true,
        .uses = true,
        .batches = true,
        .contexts = true,
        .read = read_item,
        .make = make,
        .suits = transit_suits_encryption,
        .choose = choose,
        .cost_us = transit_encrypt_us,
        .work = work,
        .put = put,
    };

    return transit_operate(call, &kind, 0, err);
}
