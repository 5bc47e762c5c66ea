/* SPDX-License-Identifier: Apache-2.0 */
/* Which code may attest, as operators sign it: shown, and exchanged for a newer list. */
#include "core/measurements.h"

#include "api/ahead.h"
#include "api/api.h"
#include "api/envelope.h"
#include "api/routes.h"
#include "audit/entry.h"
#include "base/base64.h"
#include "core/attested.h"
#include "core/node.h"
#include "core/strings.h"

enum { DOCUMENT_TEXT_MAX = TSEC_BASE64_LEN(MEASUREMENTS_DOC_MAX), SIGNATURE_MAX = 256 };
enum { WORK_FIXED_US = 2000, WORK_BYTES_PER_US = 50 };

/* ---- what is signed, verified and read where no lock is held ---- */

struct update {
    struct api_work work; /* first */
    struct operators *operators;
    struct tsec_arena *arena;
    const char *ledger;
    const char *key; /* of an operator; NULL: any */
    struct tsec_span document;
    struct tsec_span signature;

    tsec_rc rc; /* TSEC_E_DENIED: the signature; TSEC_E_INVALID: what is signed */
    struct tsec_err err;
    struct measurements list;
    struct allowlist *allow; /* the same, as it is matched */
    char signer[OPERATOR_ID_LEN + 1];
};

static tsec_rc
compile(struct update *update, struct tsec_err *err)
{
    const struct tsec_strings *entries = &update->list.entries;
    struct tsec_span *spans = tsec_arena_alloc(update->arena, (entries->len + 1) * sizeof(*spans));

    if (spans == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "measurements");
    }
    for (size_t i = 0; i < entries->len; i++) {
        spans[i] = tsec_span_str(entries->items[i]);
    }
    return allowlist_new(spans, entries->len, &update->allow, err);
}

static tsec_rc
verify_and_read(struct update *update, struct tsec_err *err)
{
    TSEC_TRY(operators_verify(update->operators, update->key, update->document, update->signature,
                              update->signer, err));
    TSEC_TRY(
        measurements_parse(update->arena, update->document, update->ledger, &update->list, err));
    return compile(update, err);
}

static void
run(struct api_work *work)
{
    struct update *update = (struct update *)(void *)work;

    update->rc = verify_and_read(update, &update->err);
}

static void
drop(struct api_work *work)
{
    struct update *update = (struct update *)(void *)work;

    allowlist_free(update->allow);
    update->allow = NULL;
}

static tsec_rc
decode(struct api_call *call, const char *text, const char *what, struct tsec_span *out,
       struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(MEASUREMENTS_DOC_MAX);

    if (tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_STD, tsec_span_str(text), NULL))
        || bytes.len == 0) {
        return api_refusef(call, TSEC_E_INVALID, "%s must be base64", what);
    }
    out->ptr = (const uint8_t *)tsec_arena_dup(api_arena(call), tsec_buf_span(&bytes));
    out->len = bytes.len;
    return out->ptr == NULL ? TSEC_FAIL(err, TSEC_E_NO_MEMORY, "measurements") : TSEC_OK;
}

static tsec_rc
read_body(struct api_call *call, struct update *update, struct tsec_err *err)
{
    const char *document = NULL;
    const char *signature = NULL;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR_REQ("document", &document, DOCUMENT_TEXT_MAX),
        TSEC_JSON_STR_REQ("signature", &signature, SIGNATURE_MAX),
        TSEC_JSON_STR("key", &update->key, NULL, OPERATOR_ID_LEN),
    };

    TSEC_TRY(api_fields_strictly(call, fields, TSEC_ARRAY_LEN(fields), err));
    TSEC_TRY(decode(call, document, "document", &update->document, err));
    return decode(call, signature, "signature", &update->signature, err);
}

/* The verified update, or a refusal. */
static tsec_rc
take_update(struct api_call *call, const struct update **out, struct tsec_err *err)
{
    struct update *update = tsec_arena_alloc(api_arena(call), sizeof(*update));
    const struct api_options *options = &call->api->options;
    struct node_info info = { 0 };
    struct api_work *work;

    if (update == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "measurements");
    }
    node_info(options->node, &info);
    update->operators = options->operators;
    update->arena = api_arena(call);
    update->ledger = info.origin;
    TSEC_TRY(read_body(call, update, err));
    update->work =
        (struct api_work){ .identity = tsec_span_str("measurements"),
                           .cost_us = WORK_FIXED_US + update->document.len / WORK_BYTES_PER_US,
                           .run = run,
                           .drop = drop };
    work = &update->work;
    TSEC_TRY(api_work(call, &work, err));
    update = (struct update *)(void *)work;
    if (update->rc.code == TSEC_E_DENIED) {
        return api_refuse(call, TSEC_E_DENIED, "the document is not signed by an operator's key");
    }
    if (update->rc.code == TSEC_E_INVALID || update->rc.code == TSEC_E_CONFIG) {
        return api_refuse(call, TSEC_E_INVALID, update->err.detail);
    }
    *out = update;
    return update->rc;
}

/* ---- what it changes ---- */

struct change {
    const struct measurements *before;
    const struct measurements *after;
    const struct allowlist *configured;
    struct audit_measurements note;
};

/* What the configuration has too is still allowed. */
static tsec_rc
revoke_removed(struct txn *txn, struct change *change, struct tsec_err *err)
{
    const struct tsec_strings *entries = &change->before->entries;
    struct attested_sweep sweep = { 0 };

    for (size_t i = 0; i < entries->len; i++) {
        const char *entry = entries->items[i];

        if (measurements_has(change->after, entry)) {
            continue;
        }
        change->note.removed++;
        if (!allowlist_has(change->configured, entry)) {
            TSEC_TRY(attested_revoke(txn, entry, &sweep, err));
        }
    }
    change->note.revoked = sweep.revoked;
    return TSEC_OK;
}

static tsec_rc
apply(struct txn *txn, struct change *change, struct tsec_err *err)
{
    const struct tsec_strings *entries = &change->after->entries;

    for (size_t i = 0; i < entries->len; i++) {
        change->note.added += measurements_has(change->before, entries->items[i]) ? 0 : 1;
    }
    TSEC_TRY(attested_spare(txn, *entries, err));
    TSEC_TRY(revoke_removed(txn, change, err));
    return measurements_store(txn, change->after, err);
}

struct exchange {
    struct api_effect effect; /* first */
    struct api *api;
    const struct update *update;
};

/* The update is kept until after this, with the work that made it. */
static void
exchange(struct api_effect *effect)
{
    const struct exchange *it = (struct exchange *)(void *)effect;

    if (it->api->options.appraiser != NULL) {
        (void)appraiser_set_signed(it->api->options.appraiser, it->update->list.sequence,
                                   it->update->allow);
    }
    (void)api_review_channels(it->api);
}

static tsec_rc
tell(struct api_call *call, const struct audit_measurements *note, struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    tsec_json_object(&out);
    tsec_json_put_int(&out, "sequence", note->sequence);
    tsec_json_put_str(&out, "signer", note->signer);
    tsec_json_put_int(&out, "added", (int64_t)note->added);
    tsec_json_put_int(&out, "removed", (int64_t)note->removed);
    tsec_json_put_int(&out, "revoked", (int64_t)note->revoked);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

static tsec_rc
replace(struct api_call *call, const struct update *update, struct change *change,
        struct tsec_err *err)
{
    struct appraiser *appraiser = call->api->options.appraiser;
    struct appraiser_lists lists = { .configured = NULL };
    tsec_rc rc;

    if (appraiser != NULL) {
        appraiser_lists_take(appraiser, &lists);
    }
    change->configured = lists.configured;
    change->note =
        (struct audit_measurements){ .sequence = update->list.sequence, .signer = update->signer };
    rc = apply(call->txn, change, err);
    appraiser_lists_done(&lists);
    TSEC_TRY(rc);
    call->measurements = &change->note;
    return tell(call, &change->note, err);
}

tsec_rc
api_op_sysUpdateMeasurements(struct api_call *call, struct tsec_err *err)
{
    struct operators *operators = call->api->options.operators;
    struct change *change = tsec_arena_alloc(api_arena(call), sizeof(*change));
    struct exchange *effect = tsec_arena_alloc(api_arena(call), sizeof(*effect));
    const struct update *update = NULL;
    struct measurements *after = tsec_arena_alloc(api_arena(call), sizeof(*after));

    if (operators == NULL || operators_len(operators) == 0) {
        return api_refuse(call, TSEC_E_DENIED, "no operator's key is configured");
    }
    if (change == NULL || effect == NULL || after == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "measurements");
    }
    TSEC_TRY(take_update(call, &update, err));
    TSEC_TRY(measurements_read(call->txn, &change->before, err));
    if (update->list.sequence <= change->before->sequence) {
        return api_refusef(call, TSEC_E_CONFLICT,
                           "sequence %lld is not above the current one, %lld",
                           (long long)update->list.sequence, (long long)change->before->sequence);
    }
    *after = update->list;
    after->signer = update->signer;
    after->signature = update->signature;
    after->updated_ns = txn_now(call->txn);
    change->after = after;
    *effect = (struct exchange){ { exchange }, call->api, update };
    call->effect = &effect->effect;
    return replace(call, update, change, err);
}

/* ---- what there is ---- */

static void
put_list(struct tsec_json_out *out, const char *key, const struct allowlist *list)
{
    tsec_json_key(out, key);
    tsec_json_array(out);
    for (size_t i = 0; i < allowlist_len(list); i++) {
        tsec_json_str(out, allowlist_entry(list, i));
    }
    tsec_json_array_end(out);
}

static void
put_base64(struct tsec_json_out *out, const char *key, struct tsec_span bytes)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(DOCUMENT_TEXT_MAX);

    tsec_base64_append(&text, TSEC_BASE64_STD, bytes);
    tsec_json_put_span(out, key, tsec_buf_span(&text));
}

static void
put_signed(struct tsec_json_out *out, const struct measurements *list)
{
    tsec_json_put_int(out, "sequence", list->sequence);
    api_put_strings(out, "signed", list->entries);
    if (list->sequence > 0) {
        tsec_json_put_str(out, "signer", list->signer);
        tsec_json_put_time(out, "updated_at", list->updated_ns);
        put_base64(out, "document", list->document);
        put_base64(out, "signature", list->signature);
    }
}

static void
put_operators(struct tsec_json_out *out, struct operators *operators)
{
    char id[OPERATOR_ID_LEN + 1];

    tsec_json_key(out, "operator_keys");
    tsec_json_array(out);
    for (size_t i = 0; operators != NULL && operators_id_at(operators, i, id); i++) {
        tsec_json_str(out, id);
    }
    tsec_json_array_end(out);
}

static void
put_in_force(struct tsec_json_out *out, struct appraiser *appraiser)
{
    struct appraiser_lists lists = { .configured = NULL };

    if (appraiser != NULL) {
        appraiser_lists_take(appraiser, &lists);
    }
    put_list(out, "configured", lists.configured);
    put_list(out, "effective", lists.effective);
    tsec_json_put_int(out, "effective_sequence", lists.sequence);
    tsec_json_put_int(out, "generation", (int64_t)lists.generation);
    appraiser_lists_done(&lists);
}

tsec_rc
api_op_sysReadMeasurements(struct api_call *call, struct tsec_err *err)
{
    const struct measurements *list = NULL;
    struct node_info info = { 0 };
    struct tsec_json_out out;

    TSEC_TRY(measurements_read(call->txn, &list, err));
    node_info(call->api->options.node, &info);
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_str(&out, "ledger", info.origin);
    put_signed(&out, list);
    put_in_force(&out, call->api->options.appraiser);
    put_operators(&out, call->api->options.operators);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}
