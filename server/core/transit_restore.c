/* SPDX-License-Identifier: Apache-2.0 */
/* Backups read and put: ours, Vault's and OpenBao's. */
#include "base/base64.h"
#include "base/clock.h"
#include "codec/json_scan.h"
#include "codec/pem.h"
#include "core/transit_backup_form.h"
#include "core/transit_key_rows.h"
#include "core/transit_transfer.h"

enum { BACKUP_MEMBERS_MAX = 256 * 1024, VERSION_MAX = 1000000000 };

static tsec_rc
no_backup(struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_INVALID, "the backup is not base64 of JSON with a \"policy\"");
}

/* ---- what the key is and may do ---- */

static tsec_rc
read_type(struct tsec_span policy, struct transit_key *key, struct tsec_err *err)
{
    const struct transit_traits *traits;
    int64_t number = 0;

    TSEC_TRY(backup_i64(policy, "type", &number, err));
    traits = transit_traits(transit_backup_type(number));
    if (traits == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the backup is of a key type that there is not here, number %lld",
                         (long long)number);
    }
    key->type_name = traits->name;
    return backup_i64(policy, "key_size", &key->key_size, err);
}

static tsec_rc
read_derivation(struct tsec_span policy, struct transit_key *key, struct tsec_err *err)
{
    int64_t kdf = 0;

    TSEC_TRY(backup_bool(policy, "derived", &key->derived, err));
    TSEC_TRY(backup_bool(policy, "convergent_encryption", &key->convergent, err));
    TSEC_TRY(backup_i64(policy, "kdf", &kdf, err));
    if (key->derived && kdf != BACKUP_KDF_HKDF) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the backup's key derives with a function that there is not here, kdf "
                         "%lld",
                         (long long)kdf);
    }
    return TSEC_OK;
}

static tsec_rc
read_permissions(struct tsec_span policy, struct transit_key *key, struct tsec_err *err)
{
    bool soft_deleted = false;

    TSEC_TRY(backup_bool(policy, "exportable", &key->exportable, err));
    TSEC_TRY(backup_bool(policy, "allow_plaintext_backup", &key->plaintext_backup, err));
    TSEC_TRY(backup_bool(policy, "deletion_allowed", &key->deletion_allowed, err));
    TSEC_TRY(backup_bool(policy, "Imported", &key->imported, err));
    TSEC_TRY(backup_bool(policy, "AllowImportedKeyRotation", &key->imported_rotation, err));
    TSEC_TRY(backup_i64(policy, "auto_rotate_period", &key->auto_rotate_ns, err));
    TSEC_TRY(backup_bool(policy, "soft_deleted", &soft_deleted, err));
    return soft_deleted ? TSEC_FAIL(err, TSEC_E_INVALID, "the backup's key was soft-deleted")
                        : TSEC_OK;
}

static tsec_rc
read_own(struct tsec_span policy, struct transit_backup_key *out, struct tsec_err *err)
{
    struct tsec_span own;

    TSEC_TRY(backup_container(policy, BACKUP_OWN, false, &own, err));
    TSEC_TRY(backup_i64(own, "max_uses", &out->key.max_uses, err));
    TSEC_TRY(backup_i64(own, "used", &out->used, err));
    TSEC_TRY(backup_i64(own, "rate", &out->key.rate, err));
    TSEC_TRY(backup_bool(own, "attested_only", &out->key.attested_only, err));
    return out->used >= 0 ? TSEC_OK
                          : TSEC_FAIL(err, TSEC_E_INVALID, "the backup's key was used %lld times",
                                      (long long)out->used);
}

static tsec_rc
read_minima(struct tsec_span policy, struct transit_key *key, struct tsec_err *err)
{
    TSEC_TRY(backup_i64(policy, "latest_version", &key->latest, err));
    TSEC_TRY(backup_i64(policy, "min_available_version", &key->min_available, err));
    TSEC_TRY(backup_i64(policy, "min_decryption_version", &key->min_decryption, err));
    TSEC_TRY(backup_i64(policy, "min_encryption_version", &key->min_encryption, err));
    if (key->min_decryption == 0) {
        key->min_decryption = 1;
    }
    if (key->latest < 1 || key->latest > VERSION_MAX || key->min_available < 0
        || key->min_decryption < transit_key_oldest(key) || key->min_decryption > key->latest
        || key->min_encryption < 0 || key->min_encryption > key->latest
        || (key->min_encryption > 0 && key->min_encryption < key->min_decryption)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the backup's versions do not go together");
    }
    if (key->latest - transit_key_oldest(key) + 1 > TRANSIT_VERSIONS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the backup's key has more than %d versions; trim it first",
                         TRANSIT_VERSIONS_MAX);
    }
    return TSEC_OK;
}

static tsec_rc
read_policy(struct tsec_span policy, struct tsec_arena *arena, struct transit_backup_key *out,
            struct tsec_err *err)
{
    TSEC_TRY(backup_text(policy, "name", arena, &out->key.name, err));
    TSEC_TRY(read_type(policy, &out->key, err));
    TSEC_TRY(read_derivation(policy, &out->key, err));
    TSEC_TRY(read_permissions(policy, &out->key, err));
    TSEC_TRY(read_own(policy, out, err));
    return read_minima(policy, &out->key, err);
}

/* ---- where its versions are ---- */

struct entries {
    struct tsec_span *items; /* from the oldest version on */
    size_t len;
    int64_t oldest;
};

static void
note_entry(struct entries *entries, int64_t version, struct tsec_span value)
{
    if (version >= entries->oldest && version - entries->oldest < (int64_t)entries->len
        && tsec_json_type_of(value) == TSEC_JSON_OBJECT) {
        entries->items[version - entries->oldest] = value;
    }
}

/* What "keys" has comes over what the archive has. */
static tsec_rc
find_entries(struct tsec_span root, struct tsec_span policy, const struct transit_key *key,
             struct entries *entries, struct tsec_err *err)
{
    struct tsec_json_member member;
    struct tsec_json_walk walk;
    struct tsec_span archive;
    struct tsec_span keys;
    int64_t version = 0;

    TSEC_TRY(backup_container(root, "archived_keys", false, &archive, err));
    TSEC_TRY(backup_container(archive, "keys", true, &keys, err));
    walk = tsec_json_walk(keys);
    for (int64_t i = key->min_available; keys.len > 0 && tsec_json_next(&walk, &member); i++) {
        note_entry(entries, i, member.value);
    }
    TSEC_TRY(backup_container(policy, "keys", false, &keys, err));
    walk = tsec_json_walk(keys);
    while (keys.len > 0 && tsec_json_next(&walk, &member)) {
        if (tsec_json_to_i64(member.name_raw, &version)) {
            note_entry(entries, version, member.value);
        }
    }
    return TSEC_OK;
}

/* ---- one version ---- */

static tsec_rc
read_time(struct tsec_span entry, struct tsec_arena *arena, int64_t now_ns, int64_t *out,
          struct tsec_err *err)
{
    const char *text = NULL;
    int64_t seconds = 0;

    TSEC_TRY(backup_text(entry, "time", arena, &text, err));
    TSEC_TRY(backup_i64(entry, "creation_time", &seconds, err));
    if (text != NULL && tsec_rfc3339_parse(tsec_span_str(text), out) && *out > 0) {
        return TSEC_OK;
    }
    *out = seconds > 0 && seconds < INT64_MAX / TSEC_NS_PER_S ? seconds * TSEC_NS_PER_S : now_ns;
    return TSEC_OK;
}

static tsec_rc
read_chain(struct tsec_span entry, struct tsec_arena *arena, struct tsec_span *out,
           struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TRANSIT_CHAIN_MAX);
    struct tsec_json_member element;
    struct tsec_json_walk walk;
    struct tsec_span chain;
    struct tsec_span der;
    const char *copy;

    *out = tsec_span(NULL, 0);
    TSEC_TRY(backup_container(entry, "certificate_chain", true, &chain, err));
    walk = tsec_json_walk(chain);
    while (chain.len > 0 && tsec_json_next(&walk, &element)) {
        TSEC_TRY(backup_decode(element.value, arena, &der, err));
        tsec_pem_append(&text, "CERTIFICATE", der);
    }
    TSEC_TRY(tsec_buf_check(&text, err));
    copy = tsec_arena_dup(arena, tsec_buf_span(&text));
    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a backup");
    }
    *out = tsec_span(copy, text.len);
    return TSEC_OK;
}

static tsec_rc
check_convergent(int64_t of_key, struct tsec_span entry, const struct transit_key *key,
                 struct tsec_err *err)
{
    int64_t version = 0;

    TSEC_TRY(backup_i64(entry, "convergent_version", &version, err));
    version = version != 0 ? version : of_key;
    return !key->convergent || version == BACKUP_CONVERGENT
               ? TSEC_OK
               : TSEC_FAIL(err, TSEC_E_INVALID,
                           "the backup's key has version %lld of convergent encryption, which "
                           "there is not here",
                           (long long)version);
}

static tsec_rc
read_version(const struct transit_key *key, struct tsec_span entry, int64_t now_ns,
             struct tsec_arena *arena, struct transit_version *out, struct tsec_err *err)
{
    struct transit_fresh fresh;

    TSEC_TRY(transit_backup_material(key, entry, arena, &fresh, err));
    TSEC_TRY(read_time(entry, arena, now_ns, &out->created_ns, err));
    TSEC_TRY(read_chain(entry, arena, &out->chain, err));
    out->material = fresh.material;
    out->hmac_key = fresh.hmac_key;
    out->spki = fresh.spki;
    out->imported = true; /* its material was outside */
    return TSEC_OK;
}

static tsec_rc
read_versions(struct tsec_span root, struct tsec_span policy, int64_t now_ns,
              struct tsec_arena *arena, struct transit_backup_key *out, struct tsec_err *err)
{
    const int64_t oldest = transit_key_oldest(&out->key);
    struct entries entries = { .len = (size_t)(out->key.latest - oldest + 1), .oldest = oldest };
    int64_t convergent = 0;

    entries.items = tsec_arena_alloc(arena, entries.len * sizeof(*entries.items));
    out->versions = tsec_arena_alloc(arena, entries.len * sizeof(*out->versions));
    if (entries.items == NULL || out->versions == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a backup");
    }
    TSEC_TRY(find_entries(root, policy, &out->key, &entries, err));
    TSEC_TRY(backup_i64(policy, "convergent_version", &convergent, err));
    for (size_t i = 0; i < entries.len; i++) {
        if (entries.items[i].len == 0) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "the backup lacks version %lld of the key",
                             (long long)(oldest + (int64_t)i));
        }
        out->versions[i].number = oldest + (int64_t)i;
        TSEC_TRY(check_convergent(convergent, entries.items[i], &out->key, err));
        TSEC_TRY(read_version(&out->key, entries.items[i], now_ns, arena, &out->versions[i], err));
    }
    out->versions_len = entries.len;
    return TSEC_OK;
}

/* ---- all of it ---- */

static tsec_rc
decode(struct tsec_span backup, struct tsec_buf *json, struct tsec_err *err)
{
    const struct tsec_json_limits limits = { .depth_max = 32, .members_max = BACKUP_MEMBERS_MAX };

    if (backup.len > TRANSIT_BACKUP_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the backup has more than %d bytes",
                         TRANSIT_BACKUP_MAX);
    }
    if (tsec_failed(tsec_base64_decode(json, TSEC_BASE64_STD, tsec_json_trim(backup), NULL))
        || tsec_failed(tsec_json_check(tsec_buf_span(json), &limits, NULL))
        || tsec_json_type_of(tsec_json_trim(tsec_buf_span(json))) != TSEC_JSON_OBJECT) {
        return no_backup(err);
    }
    return TSEC_OK;
}

static void
fill_times(struct transit_backup_key *out)
{
    const struct transit_version *latest = &out->versions[out->versions_len - 1];

    out->key.created_ns = out->versions[0].created_ns;
    out->key.rotated_ns = latest->created_ns;
    if (transit_key_type(&out->key) == TRANSIT_HMAC && out->key.key_size == 0) {
        out->key.key_size = (int64_t)latest->material.len;
    }
}

tsec_rc
transit_backup_read(struct tsec_span backup, int64_t now_ns, struct tsec_arena *arena,
                    struct transit_backup_key *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(TRANSIT_BACKUP_MAX);
    struct tsec_span policy;
    struct tsec_span root;

    *out = (struct transit_backup_key){ .versions = NULL };
    TSEC_TRY(decode(backup, &json, err));
    root = tsec_json_trim(tsec_buf_span(&json));
    TSEC_TRY(backup_container(root, "policy", false, &policy, err));
    if (policy.len == 0) {
        return no_backup(err);
    }
    TSEC_TRY(read_policy(policy, arena, out, err));
    TSEC_TRY(read_versions(root, policy, now_ns, arena, out, err));
    fill_times(out);
    return transit_check_settings(&out->key, err);
}

/* ---- putting it ---- */

/* What was set on a key for ever no backup takes away: its name stands for that. */
static tsec_rc
check_replaced(const struct transit_key *there, const struct transit_key *key, struct tsec_err *err)
{
    if (there->never_exportable) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "key %s is never_exportable, and a backup has been outside: delete the "
                         "key first",
                         there->name);
    }
    return !there->attested_only || key->attested_only
               ? TSEC_OK
               : TSEC_FAIL(err, TSEC_E_INVALID,
                           "key %s is attested_only, and the backup's is not: delete the key first",
                           there->name);
}

static tsec_rc
make_room(struct txn *txn, const char *mount, struct tsec_span name,
          const struct transit_backup_key *backup, bool force, struct tsec_err *err)
{
    const struct transit_key *there = NULL;
    const tsec_rc rc = transit_key_find(txn, mount, name, &there, err);
    const size_t versions = backup->versions_len;

    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    if (!force) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "key \"%s\" already exists", there->name);
    }
    TSEC_TRY(check_replaced(there, &backup->key, err));
    if ((size_t)(there->latest - transit_key_oldest(there) + 1) + versions > TRANSIT_VERSIONS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "key %s and the backup have more than %d versions together: delete the "
                         "key first",
                         there->name, TRANSIT_VERSIONS_MAX);
    }
    return transit_row_remove(txn, mount, there, err);
}

tsec_rc
transit_restore(struct txn *txn, const char *mount, struct tsec_span name,
                const struct transit_backup_key *backup, bool force, struct tsec_err *err)
{
    const struct tsec_span wanted = name.len > 0 ? name : tsec_span_str(backup->key.name);
    const struct transit_key *out = NULL;
    struct transit_key key = backup->key;

    if (!transit_name_valid(wanted)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "invalid key name");
    }
    TSEC_TRY(make_room(txn, mount, wanted, backup, force, err));
    key.name = tsec_arena_dup(txn_arena(txn), wanted);
    key.id = transit_new_id(txn);
    key.next_rotation_ns = transit_next_rotation(&key);
    if (key.name == NULL || key.id == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a transit key");
    }
    for (size_t i = 0; i < backup->versions_len; i++) {
        TSEC_TRY(transit_version_put(txn, mount, key.id, &backup->versions[i], err));
    }
    TSEC_TRY(transit_uses_put(txn, mount, &key, backup->used, err));
    return transit_row_add(txn, mount, &key, &out, err);
}
