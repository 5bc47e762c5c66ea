/* SPDX-License-Identifier: Apache-2.0 */
/* Versions deleted, brought back and destroyed. */
#include "core/secret_head.h"

static bool
delete_version(struct secret_version *version, int64_t now_ns)
{
    if (version->destroyed || secret_version_deleted(version, now_ns)) {
        return false;
    }
    version->deletion_ns = now_ns;
    return true;
}

static bool
undelete_version(struct secret_version *version)
{
    if (version->destroyed || version->deletion_ns == 0) {
        return false;
    }
    version->deletion_ns = 0;
    return true;
}

/* The head loses its data, any other version its row. */
static tsec_rc
destroy_version(struct txn *txn, struct secret_head *head, struct secret_version *version,
                bool *changed, struct tsec_err *err)
{
    if (version->destroyed) {
        return TSEC_OK;
    }
    if (version->number == head->data_version) {
        head->data = tsec_span(NULL, 0);
        head->data_version = 0;
    } else {
        TSEC_TRY(txn_delete_member(txn, head->group, version->slot, err));
    }
    version->destroyed = true;
    version->slot = 0;
    *changed = true;
    return TSEC_OK;
}

static tsec_rc
change_version(struct txn *txn, struct secret_head *head, uint64_t number,
               enum secret_change change, bool *changed, struct tsec_err *err)
{
    struct secret_version *version = secret_head_version(head, number);

    if (version == NULL) {
        return TSEC_OK;
    }
    if (change == SECRET_DESTROY) {
        return destroy_version(txn, head, version, changed, err);
    }
    *changed |=
        change == SECRET_DELETE ? delete_version(version, txn_now(txn)) : undelete_version(version);
    return TSEC_OK;
}

tsec_rc
secret_change_versions(struct txn *txn, const char *mount, struct tsec_span path,
                       const struct secret_changes *changes, struct tsec_err *err)
{
    struct secret_head head;
    bool changed = false;

    TSEC_TRY(secret_head_load(txn, mount, path, &head, err));
    for (size_t i = 0; i < changes->versions_len; i++) {
        TSEC_TRY(change_version(txn, &head, changes->versions[i], changes->change, &changed, err));
    }
    return changed ? secret_head_store(txn, &head, err) : TSEC_OK;
}

tsec_rc
secret_delete_current(struct txn *txn, const char *mount, struct tsec_span path,
                      struct tsec_err *err)
{
    struct secret_head head;
    struct secret_version *current;

    TSEC_TRY(secret_head_load(txn, mount, path, &head, err));
    current = secret_head_version(&head, head.secret.current);
    if (current == NULL || !delete_version(current, txn_now(txn))) {
        return TSEC_OK;
    }
    return secret_head_store(txn, &head, err);
}
