/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rotation.h"

#include "base/clock.h"

static const char ROTATION_KEY[] = "sys/rotation";

static const struct record_field rotation_fields[] = {
    RECORD_FIELD(rotation, max_operations, RECORD_I64),
    RECORD_FIELD(rotation, interval_s, RECORD_I64),
    RECORD_FIELD(rotation, enabled, RECORD_BOOL),
};
static const struct record_type rotation_record = { "rotation", 1, sizeof(struct rotation),
                                                    rotation_fields,
                                                    TSEC_ARRAY_LEN(rotation_fields) };

static tsec_rc
rotation_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&rotation_record, payload, object, err);
}

static const struct txn_object_type rotation_object = { "rotation", rotation_decode, record_free };

tsec_rc
rotation_read(struct txn *txn, struct rotation *out, struct tsec_err *err)
{
    const void *object = NULL;
    const tsec_rc rc = txn_object(txn, tsec_span_str(ROTATION_KEY), &rotation_object, &object, err);

    *out = (struct rotation){ .max_operations = ROTATION_OPERATIONS_MAX, .enabled = true };
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    *out = *(const struct rotation *)object;
    return TSEC_OK;
}

tsec_rc
rotation_write(struct txn *txn, const struct rotation *rotation, struct tsec_err *err)
{
    return record_put(txn, tsec_span_str(ROTATION_KEY), &rotation_record, rotation, err);
}

bool
rotation_due(const struct rotation *rotation, int64_t now_ns, int64_t created_ns,
             uint64_t operations)
{
    if (!rotation->enabled) {
        return false;
    }
    if (operations >= (uint64_t)rotation->max_operations) {
        return true;
    }
    return rotation->interval_s != 0 && now_ns - created_ns >= rotation->interval_s * TSEC_NS_PER_S;
}
