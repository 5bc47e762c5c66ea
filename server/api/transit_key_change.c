/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: rotated, configured, trimmed. */
#include "api/routes.h"
#include "api/transit.h"

static const struct tsec_span NO_CONTEXT = { NULL, 0 };

tsec_rc
api_op_transitRotateKey(struct api_call *call, struct tsec_err *err)
{
    const struct transit_key *key = NULL;
    const struct transit_fresh *fresh = NULL;
    tsec_rc rc;

    TSEC_TRY(transit_find(call, 0, "key not found", &key, err));
    TSEC_TRY(transit_make_ahead(call, transit_identity(call, key), transit_key_type(key),
                                key->key_size, &fresh, err));
    rc = transit_key_rotate(call->txn, transit_mount(call), key, fresh, &key, err);
    return tsec_failed(rc) ? transit_refuse(call, rc, err)
                           : transit_answer_key(call, key, NO_CONTEXT, err);
}

static tsec_rc
read_config(struct api_call *call, struct transit_settings *s, struct tsec_err *err)
{
    const struct tsec_json_field fields[] = {
        TSEC_JSON_INT("min_decryption_version", &s->min_decryption, &s->has_min_decryption,
                      INT64_MIN, INT64_MAX),
        TSEC_JSON_INT("min_encryption_version", &s->min_encryption, &s->has_min_encryption,
                      INT64_MIN, INT64_MAX),
        TSEC_JSON_BOOL("deletion_allowed", &s->deletion_allowed, &s->has_deletion_allowed),
        TSEC_JSON_BOOL("exportable", &s->exportable, &s->has_exportable),
        TSEC_JSON_BOOL("allow_plaintext_backup", &s->plaintext_backup, &s->has_plaintext_backup),
        TSEC_JSON_DURATION("auto_rotate_period", &s->auto_rotate_ns, &s->has_auto_rotate,
                           INT64_MAX),
        TSEC_JSON_INT("max_uses", &s->max_uses, &s->has_max_uses, 0, INT64_MAX),
        TSEC_JSON_INT("rate", &s->rate, &s->has_rate, 0, INT32_MAX),
        TSEC_JSON_BOOL("attested_only", &s->attested_only, &s->has_attested_only),
        TSEC_JSON_BOOL("never_exportable", &s->never_exportable, &s->has_never_exportable),
    };

    return API_FIELDS(call, fields, err);
}

tsec_rc
api_op_transitConfigureKey(struct api_call *call, struct tsec_err *err)
{
    struct transit_settings settings = { .has_rate = false };
    const struct transit_key *key = NULL;
    const char *name = api_var(call, 0);
    tsec_rc rc;

    if (name == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the name of a key");
    }
    TSEC_TRY(transit_find(
        call, 0,
        tsec_arena_printf(api_arena(call), "no existing key named %s could be found", name), &key,
        err));
    TSEC_TRY(read_config(call, &settings, err));
    rc = transit_key_configure(call->txn, transit_mount(call), key, &settings, &key, err);
    if (tsec_failed(rc)) {
        return transit_refuse(call, rc, err);
    }
    if (settings.has_min_decryption && settings.min_decryption == 0) {
        api_warn(call, "versions begin at 1: min_decryption_version is 1");
    }
    return transit_answer_key(call, key, NO_CONTEXT, err);
}

tsec_rc
api_op_transitTrimKey(struct api_call *call, struct tsec_err *err)
{
    const struct transit_key *key = NULL;
    int64_t version = 0;
    bool given = false;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_INT("min_available_version", &version, &given, INT64_MIN, INT64_MAX),
    };
    tsec_rc rc;

    TSEC_TRY(transit_find(call, 0, "invalid key name", &key, err));
    TSEC_TRY(API_FIELDS(call, fields, err));
    if (!given) {
        return api_refuse(call, TSEC_E_INVALID, "missing min_available_version");
    }
    rc = transit_key_trim(call->txn, transit_mount(call), key, version, &key, err);
    return tsec_failed(rc) ? transit_refuse(call, rc, err) : api_no_content(call);
}
