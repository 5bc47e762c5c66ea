/* SPDX-License-Identifier: Apache-2.0 */
#include "core/record.h"
#include "core/secret.h"

static const struct record_field config_fields[] = {
    RECORD_FIELD(secret_config, max_versions, RECORD_I64),
    RECORD_FIELD(secret_config, delete_after_ns, RECORD_I64),
    RECORD_FIELD(secret_config, cas_required, RECORD_BOOL),
};
static const struct record_type config_record = { "secret config", 1, sizeof(struct secret_config),
                                                  config_fields, TSEC_ARRAY_LEN(config_fields) };

static tsec_rc
config_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&config_record, payload, object, err);
}

static const struct txn_object_type config_object = { "secret config", config_decode, record_free };

static struct tsec_span
config_key(struct txn *txn, const char *mount)
{
    return txn_key2(txn, mount, tsec_span_str("/config"));
}

tsec_rc
secret_config_read(struct txn *txn, const char *mount, struct secret_config *out,
                   struct tsec_err *err)
{
    const void *object = NULL;
    const tsec_rc rc = txn_object(txn, config_key(txn, mount), &config_object, &object, err);

    *out = (struct secret_config){ .max_versions = 0 };
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    *out = *(const struct secret_config *)object;
    return TSEC_OK;
}

tsec_rc
secret_config_write(struct txn *txn, const char *mount, const struct secret_config *config,
                    struct tsec_err *err)
{
    if (config->max_versions < 0 || config->max_versions > SECRET_VERSIONS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "max_versions must be 0 to %d", SECRET_VERSIONS_MAX);
    }
    return record_put(txn, config_key(txn, mount), &config_record, config, err);
}
