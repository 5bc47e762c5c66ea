/* SPDX-License-Identifier: Apache-2.0 */
#include "core/purge.h"

#define PURGE_PREFIX "sys/purge/"

static const struct record_field purge_fields[] = {
    RECORD_FIELD(purge, id, RECORD_STR),
    RECORD_FIELD(purge, prefix, RECORD_STR),
    RECORD_FIELD(purge, destroy_dek, RECORD_BOOL),
};
static const struct record_type purge_record = { "purge", 1, sizeof(struct purge), purge_fields,
                                                 TSEC_ARRAY_LEN(purge_fields) };

static tsec_rc
purge_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&purge_record, payload, object, err);
}

static const struct txn_object_type purge_object = { "purge", purge_decode, record_free };

tsec_rc
purge_add(struct txn *txn, const struct purge *purge, struct tsec_err *err)
{
    return record_put(txn, txn_key2(txn, PURGE_PREFIX, tsec_span_str(purge->id)), &purge_record,
                      purge, err);
}

bool
purge_has(struct txn *txn, const char *id)
{
    return txn_has(txn, txn_key2(txn, PURGE_PREFIX, tsec_span_str(id)));
}

static tsec_rc
purge_row(struct txn *txn, struct tsec_span key, struct tsec_err *err)
{
    return txn_head_slot(txn, key) != 0 ? txn_delete_group(txn, key, err)
                                        : txn_delete(txn, key, err);
}

static tsec_rc
purge_rows(struct txn *txn, const struct purge *purge, const struct tsec_strings *names,
           struct tsec_err *err)
{
    for (size_t i = 0; i < names->len; i++) {
        TSEC_TRY(purge_row(txn, txn_key2(txn, purge->prefix, tsec_span_str(names->items[i])), err));
    }
    return TSEC_OK;
}

/* A group can hold many members, all of which are writes of this transaction: groups that do not
 * fit together go one by one. */
static tsec_rc
purge_step_rows(struct txn *txn, const struct purge *purge, struct tsec_strings *names,
                struct tsec_err *err)
{
    const tsec_rc rc = purge_rows(txn, purge, names, err);

    if (rc.code != TSEC_E_TOO_LARGE || names->len == 1) {
        return rc;
    }
    txn_rollback(txn);
    names->len = 1;
    return purge_rows(txn, purge, names, err);
}

static bool
has_groups(const struct purge *purge)
{
    return purge->destroy_dek;
}

/* Some rows of the purge, or when there are none left, what it ends with. */
static tsec_rc
purge_step(struct txn *txn, struct tsec_span key, const struct purge *purge, struct tsec_err *err)
{
    const size_t step = has_groups(purge) ? PURGE_STEP_ROWS / 16 : PURGE_STEP_ROWS;
    struct tsec_strings names;

    TSEC_TRY(record_names(txn, tsec_span_str(purge->prefix), tsec_span(NULL, 0), step, true, &names,
                          err));
    if (names.len > 0) {
        return purge_step_rows(txn, purge, &names, err);
    }
    if (purge->destroy_dek) {
        TSEC_TRY(txn_dek(txn, TXN_DEK_DESTROY, purge->id, err));
    }
    return txn_delete(txn, key, err);
}

tsec_rc
core_purge_step(struct txn *txn, bool *idle, struct tsec_err *err)
{
    struct tsec_strings names;
    const void *object = NULL;
    struct tsec_span key;

    *idle = true;
    TSEC_TRY(
        record_names(txn, tsec_span_str(PURGE_PREFIX), tsec_span(NULL, 0), 1, false, &names, err));
    if (names.len == 0) {
        return TSEC_OK;
    }
    *idle = false;
    key = txn_key2(txn, PURGE_PREFIX, tsec_span_str(names.items[0]));
    TSEC_TRY(txn_object(txn, key, &purge_object, &object, err));
    return purge_step(txn, key, object, err);
}
