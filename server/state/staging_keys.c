/* SPDX-License-Identifier: Apache-2.0 */
/* Key changes of a batch: in a copy of the keyring each time, so that one that fails leaves
 * nothing, and never so that a row is left without its key. */
#include "state/staging_internal.h"

static bool
kid_is_used(const struct table *table, uint32_t kid)
{
    struct slot_entry at = { .key = tsec_span("", 0) };

    while (table_next(table, at.key, false, &at)) {
        if (at.row != NULL && row_kid(row_blob(at.row)) == kid) {
            return true;
        }
    }
    return false;
}

/* Only what was decrypt-only before this batch: an operation of the batch may still seal under what
 * became so in it. */
static void
keys_retire(const struct staging *s, struct keyring *keyring)
{
    const struct keyring *now = s->state->keyring;
    struct keyring_dek dek;

    for (size_t i = 0; i < keyring_dek_count(now); i++) {
        keyring_dek_at(now, i, &dek);
        if (dek.state == KEYRING_DECRYPT_ONLY && !kid_is_used(s->state->base, dek.kid)
            && !kid_is_used(s->overlay, dek.kid)) {
            keyring_dek_retire(keyring, dek.kid);
        }
    }
}

static tsec_rc
keys_rotate(struct keyring *keyring, const char *mount, int64_t now_ns, struct tsec_err *err)
{
    const size_t n = keyring_dek_count(keyring); /* what is added comes after */

    if (strcmp(mount, "*") != 0) {
        return keyring_dek_rotate(keyring, mount, now_ns, err);
    }
    for (size_t i = 0; i < n; i++) {
        struct keyring_dek dek;

        keyring_dek_at(keyring, i, &dek);
        if (dek.state == KEYRING_PRIMARY) {
            TSEC_TRY(keyring_dek_rotate(keyring, dek.mount, now_ns, err));
        }
    }
    return TSEC_OK;
}

static tsec_rc
keys_change(const struct staging *s, const struct txn_dek_op *op, int64_t now_ns,
            struct keyring *keyring, struct tsec_err *err)
{
    switch (op->change) {
    case TXN_DEK_CREATE:
        return keyring_dek_create(keyring, op->mount, now_ns, err);
    case TXN_DEK_ROTATE:
        return keys_rotate(keyring, op->mount, now_ns, err);
    case TXN_DEK_DESTROY:
        keyring_dek_destroy(keyring, op->mount);
        return TSEC_OK;
    case TXN_DEK_RETIRE:
        keys_retire(s, keyring);
        return TSEC_OK;
    case TXN_MEK_ROTATE:
        return keyring_mek_rotate(keyring, now_ns, err);
    default:
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "an unknown key change");
    }
}

tsec_rc
staging_keys(struct staging *staging, const struct txn *txn, struct tsec_err *err)
{
    TSEC_AUTO(keyring_free) struct keyring *keyring = NULL;
    struct staging *s = staging;

    if (txn->deks_len == 0) {
        return TSEC_OK;
    }
    TSEC_TRY(keyring_copy_as(s->keyring == NULL ? s->state->keyring : s->keyring,
                             keyring_version(s->state->keyring) + 1, &keyring, err));
    for (size_t i = 0; i < txn->deks_len; i++) {
        TSEC_TRY(keys_change(s, &txn->deks[i], txn->now_ns, keyring, err));
    }
    s->undo.keys = true;
    s->undo.keyring = s->keyring;
    s->keyring = TSEC_TAKE(keyring);
    return TSEC_OK;
}

static bool
mount_has_rows(const struct staging *s, const char *mount)
{
    uint8_t prefix[KEYRING_MOUNT_MAX + 1];
    const size_t len = strnlen(mount, KEYRING_MOUNT_MAX);
    struct slot_entry at;

    memcpy(prefix, mount, len);
    prefix[len] = '/';
    return view_next(s->overlay, s->state->base, tsec_span(prefix, len + 1), true, &at)
           && tsec_span_starts(at.key, tsec_span(prefix, len + 1));
}

tsec_rc
staging_keys_check(const struct staging *staging, const struct txn *txn, struct tsec_err *err)
{
    const struct staging *s = staging;
    struct keyring_dek dek;

    for (size_t i = 0; i < txn->deks_len; i++) {
        if (txn->deks[i].change == TXN_DEK_DESTROY && mount_has_rows(s, txn->deks[i].mount)) {
            return TSEC_FAIL(err, TSEC_E_CONFLICT, "mount %s still has rows under its key",
                             txn->deks[i].mount);
        }
    }
    for (size_t i = 0; i < txn->writes_len && s->keyring != NULL; i++) {
        const struct row *row = txn->writes[i].row;

        if (row != NULL && !keyring_dek_by_kid(s->keyring, row_kid(row_blob(row)), &dek)) {
            return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "the mount's data key is gone");
        }
    }
    return TSEC_OK;
}
