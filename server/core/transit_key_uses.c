/* SPDX-License-Identifier: Apache-2.0 */
/* The uses of a key whose uses are limited: a row of their own, so that the key's does not change
 * with each. */
#include "core/transit_key.h"
#include "core/transit_key_rows.h"

struct transit_uses {
    int64_t used;
};

static const struct record_field uses_fields[] = {
    RECORD_FIELD(transit_uses, used, RECORD_I64),
};
static const struct record_type uses_record = { "uses of a transit key", 1,
                                                sizeof(struct transit_uses), uses_fields,
                                                TSEC_ARRAY_LEN(uses_fields) };

static tsec_rc
uses_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&uses_record, payload, object, err);
}

static const struct txn_object_type uses_object = { "uses of a transit key", uses_decode,
                                                    record_free };

static struct tsec_span
uses_row(struct txn *txn, const char *mount, const char *id)
{
    return txn_key3(txn, mount, tsec_span_str("/u/"), tsec_span_str(id));
}

static tsec_rc
read_used(struct txn *txn, const char *mount, const struct transit_key *key, int64_t *used,
          struct tsec_err *err)
{
    const void *object = NULL;
    const tsec_rc rc = txn_object(txn, uses_row(txn, mount, key->id), &uses_object, &object, err);

    *used = 0;
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    *used = ((const struct transit_uses *)object)->used;
    return TSEC_OK;
}

tsec_rc
transit_key_uses_left(struct txn *txn, const char *mount, const struct transit_key *key,
                      int64_t *out, struct tsec_err *err)
{
    int64_t used = 0;

    *out = -1;
    if (key->max_uses == 0) {
        return TSEC_OK;
    }
    TSEC_TRY(read_used(txn, mount, key, &used, err));
    *out = key->max_uses > used ? key->max_uses - used : 0;
    return TSEC_OK;
}

tsec_rc
transit_key_use(struct txn *txn, const char *mount, const struct transit_key *key, int64_t n,
                struct tsec_err *err)
{
    struct transit_uses uses = { 0 };

    if (key->max_uses == 0 || n == 0) {
        return TSEC_OK;
    }
    TSEC_TRY(read_used(txn, mount, key, &uses.used, err));
    if (n < 0 || uses.used >= key->max_uses || n > key->max_uses - uses.used) {
        return TSEC_FAIL(
            err, TSEC_E_DENIED, "key %s may be used %lld more times, not %lld", key->name,
            (long long)(key->max_uses > uses.used ? key->max_uses - uses.used : 0), (long long)n);
    }
    uses.used += n;
    return record_put(txn, uses_row(txn, mount, key->id), &uses_record, &uses, err);
}

tsec_rc
transit_uses_read(struct txn *txn, const char *mount, const struct transit_key *key, int64_t *used,
                  struct tsec_err *err)
{
    *used = 0;
    return key->max_uses == 0 ? TSEC_OK : read_used(txn, mount, key, used, err);
}

tsec_rc
transit_uses_put(struct txn *txn, const char *mount, const struct transit_key *key, int64_t used,
                 struct tsec_err *err)
{
    const struct transit_uses uses = { used };

    return key->max_uses == 0
               ? TSEC_OK
               : record_put(txn, uses_row(txn, mount, key->id), &uses_record, &uses, err);
}

tsec_rc
transit_uses_forget(struct txn *txn, const char *mount, const char *id, struct tsec_err *err)
{
    return txn_delete(txn, uses_row(txn, mount, id), err);
}
