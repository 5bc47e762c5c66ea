/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: made, shown, listed, deleted. */
#include "api/api.h"
#include "api/routes.h"
#include "api/transit.h"
#include "base/clock.h"

static tsec_rc
read_settings(struct api_call *call, struct transit_key *settings, struct tsec_err *err)
{
    const char *type = "aes256-gcm96";
    enum transit_type known;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("type", &type, NULL, TRANSIT_TYPE_NAME_MAX),
        TSEC_JSON_BOOL("derived", &settings->derived, NULL),
        TSEC_JSON_BOOL("convergent_encryption", &settings->convergent, NULL),
        TSEC_JSON_BOOL("exportable", &settings->exportable, NULL),
        TSEC_JSON_BOOL("allow_plaintext_backup", &settings->plaintext_backup, NULL),
        TSEC_JSON_DURATION("auto_rotate_period", &settings->auto_rotate_ns, NULL, INT64_MAX),
        TSEC_JSON_INT("key_size", &settings->key_size, NULL, INT64_MIN, INT64_MAX),
        TSEC_JSON_INT("max_uses", &settings->max_uses, NULL, 0, INT64_MAX),
        TSEC_JSON_INT("rate", &settings->rate, NULL, 0, INT32_MAX),
        TSEC_JSON_BOOL("attested_only", &settings->attested_only, NULL),
        TSEC_JSON_BOOL("never_exportable", &settings->never_exportable, NULL),
    };
    tsec_rc rc;

    TSEC_TRY(API_FIELDS(call, fields, err));
    TSEC_TRY(transit_type_read(call, type, &known));
    settings->type_name = transit_traits(known)->name;
    rc = transit_check_settings(settings, err);
    return tsec_failed(rc) ? transit_refuse(call, rc, err) : TSEC_OK;
}

static tsec_rc
create(struct api_call *call, struct tsec_err *err)
{
    struct transit_key settings = { .derived = false };
    const struct transit_fresh *fresh = NULL;
    const struct transit_key *key = NULL;
    tsec_rc rc;

    settings.name = api_var(call, 0);
    if (settings.name == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the name of a key");
    }
    TSEC_TRY(read_settings(call, &settings, err));
    TSEC_TRY(transit_make_ahead(call, tsec_span_str(settings.name), transit_key_type(&settings),
                                settings.key_size, &fresh, err));
    rc = transit_key_create(call->txn, transit_mount(call), &settings, fresh, &key, err);
    return tsec_failed(rc) ? transit_refuse(call, rc, err)
                           : transit_answer_key(call, key, tsec_span(NULL, 0), err);
}

/* As Vault has it: whoever asks for a key that is there is shown the one there is. */
tsec_rc
api_op_transitCreateKey(struct api_call *call, struct tsec_err *err)
{
    const struct transit_key *key = NULL;
    struct tsec_span name;
    tsec_rc rc;

    TSEC_TRY(transit_name(call, 0, &name, err));
    rc = transit_key_find(call->txn, transit_mount(call), name, &key, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return create(call, err);
    }
    if (tsec_failed(rc)) {
        return transit_refuse(call, rc, err);
    }
    api_warn(call, tsec_arena_printf(api_arena(call), "key %s already existed", key->name));
    return transit_answer_key(call, key, tsec_span(NULL, 0), err);
}

tsec_rc
api_op_transitReadKey(struct api_call *call, struct tsec_err *err)
{
    const struct transit_key *key = NULL;
    struct tsec_span context;

    TSEC_TRY(transit_find(call, 0, NULL, &key, err));
    TSEC_TRY(transit_base64(call, "context", api_query(call->req, "context"), &context, err));
    return transit_answer_key(call, key, context, err);
}

tsec_rc
api_op_transitListKeys(struct api_call *call, struct tsec_err *err)
{
    struct tsec_strings names = { NULL, 0 };

    TSEC_TRY(transit_key_list(call->txn, transit_mount(call), &names, err));
    return api_keys(call, names, err);
}

tsec_rc
api_op_transitDeleteKey(struct api_call *call, struct tsec_err *err)
{
    const struct transit_key *key = NULL;
    const char *name = api_var(call, 0);
    tsec_rc rc;

    if (name == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the name of a key");
    }
    TSEC_TRY(transit_find(
        call, 0,
        tsec_arena_printf(api_arena(call),
                          "error deleting policy %s: could not delete key; not found", name),
        &key, err));
    rc = transit_key_delete(call->txn, transit_mount(call), key, err);
    if (rc.code == TSEC_E_DENIED) {
        return api_refusef(call, TSEC_E_INVALID,
                           "error deleting policy %s: deletion is not allowed for this key", name);
    }
    if (tsec_failed(rc)) {
        return transit_refuse(call, rc, err);
    }
    if (call->api->options.transit != NULL) { /* if this does not come about, it is parsed anew */
        transit_cache_drop(call->api->options.transit, key);
    }
    return api_no_content(call);
}
