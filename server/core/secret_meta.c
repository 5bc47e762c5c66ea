/* SPDX-License-Identifier: Apache-2.0 */
#include "core/secret_head.h"

tsec_rc
secret_meta_read(struct txn *txn, const char *mount, struct tsec_span path, struct secret *out,
                 struct tsec_err *err)
{
    struct secret_head head;

    TSEC_TRY(secret_head_load(txn, mount, path, &head, err));
    if (!head.exists) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such secret");
    }
    *out = head.secret;
    return TSEC_OK;
}

/* UTF-8 without control characters. */
static bool
is_printable(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.ptr[i];
        const bool c1 = c == 0xc2 && i + 1 < text.len && text.ptr[i + 1] < 0xa0;

        if (c < 0x20 || c == 0x7f || c1) {
            return false;
        }
    }
    return tsec_utf8_valid(text);
}

static tsec_rc
check_custom(const struct tsec_string_map *custom, struct tsec_err *err)
{
    if (custom->len > SECRET_CUSTOM_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "custom_metadata has %zu keys, %d is the most",
                         custom->len, SECRET_CUSTOM_MAX);
    }
    for (size_t i = 0; i < custom->len; i++) {
        const struct tsec_span key = tsec_span_str(custom->keys[i]);
        const struct tsec_span value = tsec_span_str(custom->values[i]);

        if (key.len == 0 || key.len > SECRET_CUSTOM_KEY_MAX) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "a key of custom_metadata has %zu bytes, it must have 1 to %d",
                             key.len, SECRET_CUSTOM_KEY_MAX);
        }
        if (value.len > SECRET_CUSTOM_VALUE_MAX) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "a value of custom_metadata has %zu bytes, %d is the most", value.len,
                             SECRET_CUSTOM_VALUE_MAX);
        }
        if (!is_printable(key) || !is_printable(value)) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "custom_metadata has characters that cannot be printed");
        }
    }
    return TSEC_OK;
}

static tsec_rc
check_settings(const struct secret_settings *settings, struct tsec_err *err)
{
    if (settings->has_max_versions
        && (settings->max_versions < 0 || settings->max_versions > SECRET_VERSIONS_MAX)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "max_versions must be 0 to %d", SECRET_VERSIONS_MAX);
    }
    return settings->has_custom ? check_custom(&settings->custom, err) : TSEC_OK;
}

static void
apply(struct secret *secret, const struct secret_settings *settings)
{
    if (settings->has_max_versions) {
        secret->max_versions = settings->max_versions;
    }
    if (settings->has_cas_required) {
        secret->cas_required = settings->cas_required;
    }
    if (settings->has_delete_after) {
        secret->delete_after_ns = settings->delete_after_ns;
    }
    if (settings->has_custom) {
        secret->custom = settings->custom;
    }
}

tsec_rc
secret_meta_write(struct txn *txn, const char *mount, struct tsec_span path,
                  const struct secret_settings *settings, struct tsec_err *err)
{
    struct secret_head head;

    TSEC_TRY(check_settings(settings, err));
    TSEC_TRY(secret_head_load(txn, mount, path, &head, err));
    if (!head.exists) {
        head.slot = 1; /* until there is a version */
        head.secret.created_ns = txn_now(txn);
    }
    head.secret.updated_ns = txn_now(txn);
    apply(&head.secret, settings);
    return secret_head_store(txn, &head, err);
}
