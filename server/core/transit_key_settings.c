/* SPDX-License-Identifier: Apache-2.0 */
/* What a key's settings may be, and how they change. */
#include "base/clock.h"
#include "core/transit_key.h"
#include "core/transit_key_rows.h"

#define ROTATE_MIN_NS ((int64_t)TRANSIT_ROTATE_MIN_S * TSEC_NS_PER_S)

int64_t
transit_next_rotation(const struct transit_key *key)
{
    int64_t at = 0;

    if (key->auto_rotate_ns == 0) {
        return 0;
    }
    return __builtin_add_overflow(key->rotated_ns, key->auto_rotate_ns, &at) ? INT64_MAX : at;
}

static tsec_rc
check_rotation(const struct transit_key *key, struct tsec_err *err)
{
    if (key->auto_rotate_ns == 0) {
        return TSEC_OK;
    }
    if (key->auto_rotate_ns < ROTATE_MIN_NS) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "auto rotate period must be 0 to disable or at least an hour");
    }
    if (key->imported && !key->imported_rotation) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "allow_rotation must be set to true if auto-rotation is enabled");
    }
    return TSEC_OK;
}

static tsec_rc
check_limits(const struct transit_key *key, struct tsec_err *err)
{
    if (key->max_uses < 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "max_uses cannot be negative");
    }
    return key->rate >= 0 ? TSEC_OK : TSEC_FAIL(err, TSEC_E_INVALID, "rate cannot be negative");
}

/* Whether others can be derived from a key of that type, and from this one. */
static tsec_rc
check_derivation(const struct transit_key *key, const struct transit_traits *traits,
                 struct tsec_err *err)
{
    if (key->convergent && !key->derived) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "convergent encryption requires derivation to be enabled");
    }
    if (key->derived && !traits->derives) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "key derivation and convergent encryption not supported for keys of type "
                         "%s",
                         traits->name);
    }
    if (key->convergent && !traits->encrypts) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "convergent encryption not supported for keys of type %s", traits->name);
    }
    if (key->convergent && key->imported) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "import cannot be used on keys with convergent encryption enabled");
    }
    return TSEC_OK;
}

static tsec_rc
check_size(const struct transit_key *key, const struct transit_traits *traits, struct tsec_err *err)
{
    if (key->key_size == 0) {
        return TSEC_OK;
    }
    if (transit_key_type(key) != TRANSIT_HMAC) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "key_size is not valid for algorithm %s",
                         traits->name);
    }
    return key->key_size >= TRANSIT_KEY_SIZE_MIN && key->key_size <= TRANSIT_KEY_SIZE_MAX
               ? TSEC_OK
               : TSEC_FAIL(err, TSEC_E_INVALID, "invalid key_size %lld", (long long)key->key_size);
}

tsec_rc
transit_check_settings(const struct transit_key *key, struct tsec_err *err)
{
    const struct transit_traits *traits = transit_traits(transit_key_type(key));

    if (traits == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "unknown key type %s",
                         key->type_name == NULL ? "" : key->type_name);
    }
    TSEC_TRY(check_size(key, traits, err));
    TSEC_TRY(check_derivation(key, traits, err));
    if (key->never_exportable && (key->exportable || key->plaintext_backup)) {
        return TSEC_FAIL(
            err, TSEC_E_INVALID,
            "a key that is never_exportable can be neither exportable nor backed up in "
            "plain text");
    }
    TSEC_TRY(check_rotation(key, err));
    return check_limits(key, err);
}

static tsec_rc
set_min_decryption(struct transit_key *key, int64_t wanted, struct tsec_err *err)
{
    const int64_t version = wanted == 0 ? 1 : wanted;

    if (version < 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "min decryption version cannot be negative");
    }
    if (version > key->latest) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "cannot set min decryption version of %lld, latest key version is %lld",
                         (long long)version, (long long)key->latest);
    }
    key->min_decryption = version;
    return TSEC_OK;
}

static tsec_rc
set_min_encryption(struct transit_key *key, int64_t version, struct tsec_err *err)
{
    if (version < 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "min encryption version cannot be negative");
    }
    if (version > key->latest) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "cannot set min encryption version of %lld, latest key version is %lld",
                         (long long)version, (long long)key->latest);
    }
    key->min_encryption = version;
    return TSEC_OK;
}

static tsec_rc
set_versions(struct transit_key *key, const struct transit_settings *s, struct tsec_err *err)
{
    if (s->has_min_decryption) {
        TSEC_TRY(set_min_decryption(key, s->min_decryption, err));
    }
    if (s->has_min_encryption) {
        TSEC_TRY(set_min_encryption(key, s->min_encryption, err));
    }
    if (key->min_encryption > 0 && key->min_encryption < key->min_decryption) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "cannot set min encryption/decryption values; min encryption version of "
                         "%lld must be greater than or equal to min decryption version of %lld",
                         (long long)key->min_encryption, (long long)key->min_decryption);
    }
    if (key->min_available > key->min_encryption) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "min encryption version should not be less than min available version");
    }
    if (key->min_available > key->min_decryption) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "min decryption version should not be less than min available version");
    }
    return TSEC_OK;
}

static void
set_rest(struct transit_key *key, const struct transit_settings *s)
{
    if (s->has_deletion_allowed) {
        key->deletion_allowed = s->deletion_allowed;
    }
    key->exportable |= s->has_exportable && s->exportable;
    key->plaintext_backup |= s->has_plaintext_backup && s->plaintext_backup;
    key->attested_only |= s->has_attested_only && s->attested_only;
    key->never_exportable |= s->has_never_exportable && s->never_exportable;
    if (s->has_max_uses) {
        key->max_uses = s->max_uses;
    }
    if (s->has_rate) {
        key->rate = s->rate;
    }
    if (s->has_auto_rotate && s->auto_rotate_ns != key->auto_rotate_ns) {
        key->auto_rotate_ns = s->auto_rotate_ns;
        key->next_rotation_ns = transit_next_rotation(key);
    }
}

static bool
is_same(const struct transit_key *a, const struct transit_key *b)
{
    return a->min_decryption == b->min_decryption && a->min_encryption == b->min_encryption
           && a->deletion_allowed == b->deletion_allowed && a->exportable == b->exportable
           && a->plaintext_backup == b->plaintext_backup && a->attested_only == b->attested_only
           && a->never_exportable == b->never_exportable && a->auto_rotate_ns == b->auto_rotate_ns
           && a->max_uses == b->max_uses && a->rate == b->rate;
}

tsec_rc
transit_key_configure(struct txn *txn, const char *mount, const struct transit_key *key,
                      const struct transit_settings *settings, const struct transit_key **out,
                      struct tsec_err *err)
{
    struct transit_key changed = *key;

    TSEC_TRY(set_versions(&changed, settings, err));
    set_rest(&changed, settings);
    TSEC_TRY(transit_check_settings(&changed, err));
    if (is_same(key, &changed)) {
        *out = key;
        return TSEC_OK;
    }
    if (changed.max_uses == 0 && key->max_uses != 0) {
        TSEC_TRY(transit_uses_forget(txn, mount, key->id, err));
    }
    return transit_row_change(txn, mount, key, &changed, out, err);
}
