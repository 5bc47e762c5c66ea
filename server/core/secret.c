/* SPDX-License-Identifier: Apache-2.0 */
#include "core/secret.h"

#include "core/secret_head.h"

bool
secret_version_deleted(const struct secret_version *version, int64_t now_ns)
{
    return version->deletion_ns != 0 && version->deletion_ns <= now_ns;
}

bool
secret_exists(struct txn *txn, const char *mount, struct tsec_span path)
{
    struct tsec_span group;

    return !tsec_failed(secret_head_key(txn, mount, path, &group, NULL)) && txn_has(txn, group);
}

tsec_rc
secret_read(struct txn *txn, const char *mount, struct tsec_span path, uint64_t version,
            struct secret_reading *out, struct tsec_err *err)
{
    struct secret_head head;
    const struct secret_version *found;

    TSEC_TRY(secret_head_load(txn, mount, path, &head, err));
    found = secret_head_version(&head, version == 0 ? head.secret.current : version);
    if (found == NULL) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such version");
    }
    *out = (struct secret_reading){ .secret = head.secret, .version = *found };
    out->live = !found->destroyed && !secret_version_deleted(found, txn_now(txn));
    if (!out->live) {
        return TSEC_OK;
    }
    if (found->number != head.data_version) {
        return secret_member_data(txn, &head, found, &out->data, err);
    }
    out->data = head.data;
    return TSEC_OK;
}

static tsec_rc
check_cas(const struct secret *secret, const struct secret_config *config,
          const struct secret_write *write, struct tsec_err *err)
{
    if (!write->has_cas) {
        return secret->cas_required || config->cas_required
                   ? TSEC_FAIL(err, TSEC_E_DENIED, "cas is required")
                   : TSEC_OK;
    }
    return write->cas == secret->current
               ? TSEC_OK
               : TSEC_FAIL(err, TSEC_E_CONFLICT, "cas is not the current version");
}

static uint64_t
versions_kept(const struct secret *secret, const struct secret_config *config)
{
    const int64_t most =
        secret->max_versions > config->max_versions ? secret->max_versions : config->max_versions;

    if (most <= 0) {
        return SECRET_VERSIONS_DEFAULT;
    }
    return most > SECRET_VERSIONS_MAX ? SECRET_VERSIONS_MAX : (uint64_t)most;
}

/* When a version written now will be deleted; 0: never. */
static int64_t
deletion_time(const struct secret *secret, const struct secret_config *config, int64_t now_ns)
{
    const int64_t own = secret->delete_after_ns;
    const int64_t mount = config->delete_after_ns;
    int64_t after = own;
    int64_t at = 0;

    if (own < 0 || mount < 0 || (own == 0 && mount == 0)) {
        return 0;
    }
    if (own == 0 || (mount != 0 && mount < own)) {
        after = mount;
    }
    return __builtin_add_overflow(now_ns, after, &at) ? INT64_MAX : at;
}

static bool
slot_in_use(const struct secret *secret, uint16_t slot)
{
    for (size_t i = 0; i < secret->versions_len; i++) {
        if (!secret->versions[i].destroyed && secret->versions[i].slot == slot) {
            return true;
        }
    }
    return false;
}

/* Takes the version out of the metadata, and its member out of the store unless the new version
 * takes its place. */
static tsec_rc
drop_version(struct txn *txn, const struct secret_head *head, const struct secret_version *version,
             uint16_t *slot, struct tsec_err *err)
{
    if (version->destroyed) {
        return TSEC_OK;
    }
    if (*slot == 0) {
        *slot = version->slot;
    }
    if (*slot == version->slot) {
        return TSEC_OK;
    }
    return txn_delete_member(txn, head->group, version->slot, err);
}

/* Drops versions up to and with `last`; a slot that becomes free is taken when none is yet. */
static tsec_rc
drop_versions(struct txn *txn, struct secret_head *head, uint64_t last, uint16_t *slot,
              struct tsec_err *err)
{
    struct secret *secret = &head->secret;
    size_t gone = 0;

    while (gone < secret->versions_len && secret->versions[gone].number <= last) {
        TSEC_TRY(drop_version(txn, head, &secret->versions[gone], slot, err));
        gone++;
    }
    secret->versions_len -= gone;
    memmove(secret->versions, secret->versions + gone,
            secret->versions_len * sizeof(*secret->versions));
    return TSEC_OK;
}

/* A head whose member goes anyway is overwritten: nothing else would name its row any more. */
static uint16_t
slot_of_idle_head(const struct secret_head *head, uint64_t kept)
{
    const struct secret_version *current = secret_head_version(head, head->secret.current);

    return current == NULL || current->destroyed || kept == 1 ? head->slot : 0;
}

static uint16_t
free_slot(const struct secret *secret)
{
    uint16_t slot = 1;

    while (slot_in_use(secret, slot)) {
        slot++;
    }
    return slot;
}

static tsec_rc
make_room(struct txn *txn, struct secret_head *head, const struct secret_config *config,
          struct tsec_err *err)
{
    struct secret *secret = &head->secret;
    const uint64_t next = secret->current + 1;
    const uint64_t kept = versions_kept(secret, config);
    uint16_t slot = slot_of_idle_head(head, kept);

    if (next - secret->oldest >= kept) {
        TSEC_TRY(drop_versions(txn, head, next - kept, &slot, err));
        secret->oldest = next - kept + 1;
    }
    head->slot = slot != 0 ? slot : free_slot(secret);
    return TSEC_OK;
}

static void
add_version(struct secret_head *head, const struct secret_config *config, struct tsec_span data,
            int64_t now_ns)
{
    struct secret *secret = &head->secret;

    secret->current++;
    secret->versions[secret->versions_len++] = (struct secret_version){
        .number = secret->current,
        .created_ns = now_ns,
        .deletion_ns = deletion_time(secret, config, now_ns),
        .slot = head->slot,
    };
    secret->created_ns = head->exists ? secret->created_ns : now_ns;
    secret->updated_ns = now_ns;
    head->data_version = secret->current;
    head->data = data;
}

tsec_rc
secret_write(struct txn *txn, const char *mount, struct tsec_span path,
             const struct secret_write *write, struct secret_reading *out, struct tsec_err *err)
{
    struct secret_config config;
    struct secret_head head;

    TSEC_TRY(secret_head_load(txn, mount, path, &head, err));
    TSEC_TRY(secret_config_read(txn, mount, &config, err));
    TSEC_TRY(check_cas(&head.secret, &config, write, err));
    TSEC_TRY(make_room(txn, &head, &config, err));
    add_version(&head, &config, write->data, txn_now(txn));
    TSEC_TRY(secret_head_store(txn, &head, err));
    *out = (struct secret_reading){
        .secret = head.secret,
        .version = head.secret.versions[head.secret.versions_len - 1],
        .live = true,
    };
    return TSEC_OK;
}

tsec_rc
secret_remove(struct txn *txn, const char *mount, struct tsec_span path, struct tsec_err *err)
{
    struct tsec_span group;

    TSEC_TRY(secret_head_key(txn, mount, path, &group, err));
    return txn_delete_group(txn, group, err);
}

tsec_rc
secret_list(struct txn *txn, const char *mount, const struct secret_listing *listing,
            struct tsec_err *err)
{
    const struct tsec_span parts[] = { tsec_span_str(mount), tsec_span_str("/d/"),
                                       listing->folder };

    if (listing->folder.len > SECRET_PATH_MAX || listing->after.len > SECRET_PATH_MAX
        || (listing->folder.len > 0 && listing->folder.ptr[listing->folder.len - 1] != '/')) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a folder ends in '/' and has at most %d bytes",
                         SECRET_PATH_MAX);
    }
    return txn_list(txn, txn_key(txn, parts, TSEC_ARRAY_LEN(parts)), listing->after, listing->limit,
                    listing->deep, listing->visit, listing->ctx, err);
}
