/* SPDX-License-Identifier: Apache-2.0 */
/* Versions: their rows, and how they come and go. */
#include <inttypes.h>

#include "codec/pack.h"
#include "core/transit_key.h"
#include "core/transit_key_rows.h"

enum { VERSION_FORMAT = 1, VERSION_ROW_MAX = TRANSIT_MATERIAL_MAX + TRANSIT_CHAIN_MAX + 4096 };

static struct tsec_span
version_row(struct txn *txn, const char *mount, const char *id, int64_t number)
{
    return tsec_span_str(tsec_arena_printf(txn_arena(txn), "%s/v/%s/%" PRId64, mount, id, number));
}

tsec_rc
transit_version_put(struct txn *txn, const char *mount, const char *id,
                    const struct transit_version *version, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf row = TSEC_BUF_INIT(VERSION_ROW_MAX);

    tsec_pack_u8(&row, VERSION_FORMAT);
    tsec_pack_i64(&row, version->created_ns);
    tsec_pack_u8(&row, version->imported ? 1 : 0);
    tsec_pack_bytes(&row, version->material);
    tsec_pack_bytes(&row, version->hmac_key);
    tsec_pack_bytes(&row, version->spki);
    tsec_pack_bytes(&row, version->chain);
    TSEC_TRY(tsec_buf_check(&row, err));
    return txn_put(txn, version_row(txn, mount, id, version->number), tsec_buf_span(&row), err);
}

tsec_rc
transit_version_drop(struct txn *txn, const char *mount, const char *id, int64_t from, int64_t to,
                     struct tsec_err *err)
{
    for (int64_t number = from; number < to; number++) {
        TSEC_TRY(txn_delete(txn, version_row(txn, mount, id, number), err));
    }
    return TSEC_OK;
}

/* What it points to lies in the opened row, which is the transaction's. */
static tsec_rc
version_unpack(struct tsec_span row, struct transit_version *out, struct tsec_err *err)
{
    struct tsec_reader in = tsec_reader(row);

    if (tsec_read_u8(&in) != VERSION_FORMAT) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a key's version of an unknown format");
    }
    out->created_ns = tsec_read_i64(&in);
    out->imported = tsec_read_u8(&in) != 0;
    out->material = tsec_read_bytes(&in, TRANSIT_MATERIAL_MAX);
    out->hmac_key = tsec_read_bytes(&in, TRANSIT_KEY_SIZE_MAX);
    out->spki = tsec_read_bytes(&in, TSEC_PAIR_SPKI_MAX);
    out->chain = tsec_read_bytes(&in, TRANSIT_CHAIN_MAX);
    return tsec_reader_end(&in, "a key's version", err);
}

tsec_rc
transit_key_version(struct txn *txn, const char *mount, const struct transit_key *key,
                    int64_t number, struct transit_version *out, struct tsec_err *err)
{
    struct tsec_span row;
    tsec_rc rc;

    *out = (struct transit_version){ .number = number };
    if (number < transit_key_oldest(key) || number > key->latest) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such key version");
    }
    rc = txn_get(txn, version_row(txn, mount, key->id, number), &row, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a key's row names a version that is not there");
    }
    TSEC_TRY(rc);
    return version_unpack(row, out, err);
}

/* ---- coming ---- */

/* Raw keys have one length, pairs a public half; only what was imported may have nothing else. */
tsec_rc
transit_check_fresh(const struct transit_key *key, const struct transit_fresh *fresh,
                    struct tsec_err *err)
{
    const struct transit_traits *traits = transit_traits(fresh->type);
    const size_t len = fresh->material.len;
    bool fits;

    if (traits == NULL || fresh->type != transit_key_type(key)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the key's material is not of type %s",
                         key->type_name);
    }
    if (traits->pair != 0) {
        fits = fresh->spki.len > 0 && fresh->spki.len <= TSEC_PAIR_SPKI_MAX
               && len <= TRANSIT_MATERIAL_MAX && (len > 0 || fresh->imported);
    } else if (traits->aead != 0) {
        fits = len == tsec_aead_key_len(traits->aead) && fresh->spki.len == 0;
    } else {
        fits = len >= TRANSIT_KEY_SIZE_MIN && len <= TRANSIT_KEY_SIZE_MAX && fresh->spki.len == 0;
    }
    if (!fits || fresh->hmac_key.len < TRANSIT_HMAC_KEY_LEN
        || fresh->hmac_key.len > TRANSIT_KEY_SIZE_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "invalid key size for a key of type %s",
                         traits->name);
    }
    if (len == 0 && key->derived) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "a key that others are derived from cannot be a public key alone");
    }
    return TSEC_OK;
}

static struct transit_version
version_of(const struct transit_fresh *fresh, int64_t number, int64_t now_ns)
{
    return (struct transit_version){
        .number = number,
        .created_ns = now_ns,
        .material = fresh->material,
        .hmac_key = fresh->hmac_key,
        .spki = fresh->spki,
        .imported = fresh->imported,
    };
}

static tsec_rc
may_rotate(const struct transit_key *key, const struct transit_fresh *fresh, struct tsec_err *err)
{
    if (fresh->imported && !key->imported) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the import_version endpoint can only be used with an imported key");
    }
    if (!fresh->imported && key->imported && !key->imported_rotation) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "imported key %s does not allow rotation here",
                         key->name);
    }
    if (key->latest - transit_key_oldest(key) + 1 >= TRANSIT_VERSIONS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "key %s has %d versions, which is as many as a key can have; trim it",
                         key->name, TRANSIT_VERSIONS_MAX);
    }
    if (key->key_size != 0 && !fresh->imported && (int64_t)fresh->material.len != key->key_size) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the key's material is not of the size asked for");
    }
    return transit_check_fresh(key, fresh, err);
}

tsec_rc
transit_key_rotate(struct txn *txn, const char *mount, const struct transit_key *key,
                   const struct transit_fresh *fresh, const struct transit_key **out,
                   struct tsec_err *err)
{
    const struct transit_version version = version_of(fresh, key->latest + 1, txn_now(txn));
    struct transit_key changed = *key;

    TSEC_TRY(may_rotate(key, fresh, err));
    changed.latest = version.number;
    changed.rotated_ns = version.created_ns;
    changed.imported = key->imported && fresh->imported;
    changed.next_rotation_ns = transit_next_rotation(&changed);
    TSEC_TRY(transit_version_put(txn, mount, key->id, &version, err));
    return transit_row_change(txn, mount, key, &changed, out, err);
}

static void
fill_first(struct transit_key *key, const struct transit_fresh *first, int64_t now_ns)
{
    key->created_ns = now_ns;
    key->rotated_ns = now_ns;
    key->latest = 1;
    key->min_available = 0;
    key->min_decryption = 1;
    key->min_encryption = 0;
    key->deletion_allowed = false;
    key->imported = first->imported;
    key->imported_rotation = first->imported && key->imported_rotation;
    if (first->type == TRANSIT_HMAC) {
        key->key_size = (int64_t)first->material.len;
    }
    key->next_rotation_ns = transit_next_rotation(key);
}

static tsec_rc
check_absent(struct txn *txn, const char *mount, const char *name, struct tsec_err *err)
{
    const struct transit_key *there = NULL;
    const tsec_rc rc = transit_key_find(txn, mount, tsec_span_str(name), &there, err);

    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    return TSEC_FAIL(err, TSEC_E_CONFLICT, "key \"%s\" already exists", name);
}

tsec_rc
transit_key_create(struct txn *txn, const char *mount, const struct transit_key *settings,
                   const struct transit_fresh *first, const struct transit_key **out,
                   struct tsec_err *err)
{
    const struct transit_version version = version_of(first, 1, txn_now(txn));
    struct transit_key key = *settings;

    if (!transit_name_valid(tsec_span_str(key.name))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "invalid key name");
    }
    fill_first(&key, first, version.created_ns);
    TSEC_TRY(transit_check_settings(&key, err));
    TSEC_TRY(transit_check_fresh(&key, first, err));
    if (settings->key_size != 0 && settings->key_size != key.key_size) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the key's material is not of the size asked for");
    }
    TSEC_TRY(check_absent(txn, mount, key.name, err));
    key.name = tsec_arena_dup(txn_arena(txn), tsec_span_str(settings->name));
    key.type_name = transit_traits(first->type)->name;
    key.id = transit_new_id(txn);
    if (key.name == NULL || key.id == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a transit key");
    }
    TSEC_TRY(transit_version_put(txn, mount, key.id, &version, err));
    return transit_row_add(txn, mount, &key, out, err);
}

/* ---- going ---- */

static tsec_rc
may_trim(const struct transit_key *key, int64_t min_available, struct tsec_err *err)
{
    if (min_available < 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "minimum available version cannot be negative");
    }
    if (min_available < key->min_available) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "minimum available version cannot be decremented");
    }
    if (key->min_encryption == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "minimum available version cannot be set when minimum encryption version "
                         "is not set");
    }
    if (key->min_decryption == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "minimum available version cannot be set when minimum decryption version "
                         "is not set");
    }
    if (min_available > key->min_encryption) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "minimum available version cannot be greater than minimum encryption "
                         "version");
    }
    if (min_available > key->min_decryption) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "minimum available version cannot be greater than minimum decryption "
                         "version");
    }
    return min_available > 0
               ? TSEC_OK
               : TSEC_FAIL(err, TSEC_E_INVALID, "minimum available version should be positive");
}

tsec_rc
transit_key_trim(struct txn *txn, const char *mount, const struct transit_key *key,
                 int64_t min_available, const struct transit_key **out, struct tsec_err *err)
{
    struct transit_key changed = *key;

    TSEC_TRY(may_trim(key, min_available, err));
    TSEC_TRY(
        transit_version_drop(txn, mount, key->id, transit_key_oldest(key), min_available, err));
    changed.min_available = min_available;
    return transit_row_change(txn, mount, key, &changed, out, err);
}

tsec_rc
transit_key_set_chain(struct txn *txn, const char *mount, const struct transit_key *key,
                      int64_t number, struct tsec_span chain, struct tsec_err *err)
{
    struct transit_version version;

    if (chain.len > TRANSIT_CHAIN_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a certificate chain has at most %d bytes",
                         TRANSIT_CHAIN_MAX);
    }
    TSEC_TRY(transit_key_version(txn, mount, key, number, &version, err));
    if (version.spki.len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "a key of type %s has no public key that a certificate could be for",
                         key->type_name);
    }
    version.chain = chain;
    return transit_version_put(txn, mount, key->id, &version, err);
}
