/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a transit mount. */
#include "core/transit_config.h"

#include "api/routes.h"
#include "api/transit.h"

static tsec_rc
write_config(struct api_call *call, const struct transit_config *config, struct tsec_err *err)
{
    const tsec_rc rc = transit_config_write(call->txn, transit_mount(call), config, err);

    return tsec_failed(rc) ? transit_refuse(call, rc, err) : api_no_content(call);
}

tsec_rc
api_op_transitReadKeysConfig(struct api_call *call, struct tsec_err *err)
{
    struct transit_config config;
    struct tsec_json_out out;

    TSEC_TRY(transit_config_read(call->txn, transit_mount(call), &config, err));
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_bool(&out, "disable_upsert", config.disable_upsert);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

tsec_rc
api_op_transitWriteKeysConfig(struct api_call *call, struct tsec_err *err)
{
    struct transit_config config;

    TSEC_TRY(transit_config_read(call->txn, transit_mount(call), &config, err));
    config.disable_upsert = false;

    const struct tsec_json_field fields[] = {
        TSEC_JSON_BOOL("disable_upsert", &config.disable_upsert, NULL),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    return write_config(call, &config, err);
}

tsec_rc
api_op_transitReadCacheConfig(struct api_call *call, struct tsec_err *err)
{
    struct transit_config config;
    struct tsec_json_out out;

    TSEC_TRY(transit_config_read(call->txn, transit_mount(call), &config, err));
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_int(&out, "size", config.cache_size);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

tsec_rc
api_op_transitWriteCacheConfig(struct api_call *call, struct tsec_err *err)
{
    struct transit_config config;

    TSEC_TRY(transit_config_read(call->txn, transit_mount(call), &config, err));
    config.cache_size = 0;

    const struct tsec_json_field fields[] = {
        TSEC_JSON_INT("size", &config.cache_size, NULL, INT64_MIN, INT64_MAX),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    return write_config(call, &config, err);
}
