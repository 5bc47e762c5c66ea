/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_config.h"

static const struct record_field config_fields[] = {
    RECORD_FIELD(transit_config, disable_upsert, RECORD_BOOL),
    RECORD_FIELD(transit_config, cache_size, RECORD_I64),
};
static const struct record_type config_record = { "transit config", 1,
                                                  sizeof(struct transit_config), config_fields,
                                                  TSEC_ARRAY_LEN(config_fields) };

static tsec_rc
config_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&config_record, payload, object, err);
}

static const struct txn_object_type config_object = { "transit config", config_decode,
                                                      record_free };

static struct tsec_span
config_key(struct txn *txn, const char *mount)
{
    return txn_key2(txn, mount, tsec_span_str("/config"));
}

tsec_rc
transit_config_read(struct txn *txn, const char *mount, struct transit_config *out,
                    struct tsec_err *err)
{
    const void *object = NULL;
    const tsec_rc rc = txn_object(txn, config_key(txn, mount), &config_object, &object, err);

    *out = (struct transit_config){ .cache_size = 0 };
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    *out = *(const struct transit_config *)object;
    return TSEC_OK;
}

tsec_rc
transit_config_write(struct txn *txn, const char *mount, const struct transit_config *config,
                     struct tsec_err *err)
{
    const int64_t size = config->cache_size;

    if (size != 0 && (size < TRANSIT_CACHE_SIZE_MIN || size > TRANSIT_CACHE_SIZE_MAX)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "size must be 0 or a value greater or equal to %d, and at most %d",
                         TRANSIT_CACHE_SIZE_MIN, TRANSIT_CACHE_SIZE_MAX);
    }
    return record_put(txn, config_key(txn, mount), &config_record, config, err);
}
