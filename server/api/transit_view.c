/* SPDX-License-Identifier: Apache-2.0 */
/* What a key looks like to who may read it: everything but what is secret. */
#include "api/transit.h"

#include <stdio.h>

#include "base/base64.h"
#include "base/clock.h"
#include "codec/pem.h"
#include "core/transit_crypt.h"

enum { ED25519_LEN = 32, PUBLIC_TEXT_MAX = 2048 };

void
transit_public_text(enum transit_type type, struct tsec_span spki, struct tsec_buf *out)
{
    if (spki.len == 0) {
        return;
    }
    if (type == TRANSIT_ED25519 && spki.len > ED25519_LEN) { /* RFC 8410: the key ends it */
        tsec_base64_append(out, TSEC_BASE64_STD,
                           tsec_span(spki.ptr + spki.len - ED25519_LEN, ED25519_LEN));
        return;
    }
    tsec_pem_append(out, "PUBLIC KEY", spki);
}

static tsec_rc
derived_public(struct api_call *call, enum transit_type type, const struct transit_version *version,
               struct tsec_span context, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(64);
    const struct transit_material *material = NULL;
    tsec_rc rc = transit_material_new(type, version, &material, err);

    if (!tsec_failed(rc)) {
        rc = transit_derived_public(material, context, &raw, err);
        transit_material_release(material);
    }
    if (tsec_failed(rc)) {
        return transit_refuse(call, rc, err);
    }
    tsec_base64_append(out, TSEC_BASE64_STD, tsec_buf_span(&raw));
    return TSEC_OK;
}

static tsec_rc
put_pair_version(struct api_call *call, struct tsec_json_out *out, const struct transit_key *key,
                 const struct transit_version *version, struct tsec_span context,
                 struct tsec_err *err)
{
    const enum transit_type type = transit_key_type(key);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(PUBLIC_TEXT_MAX);
    char time[TSEC_RFC3339_LEN];

    if (!key->derived) {
        transit_public_text(type, version->spki, &text);
    } else if (context.len > 0) {
        TSEC_TRY(derived_public(call, type, version, context, &text, err));
    }
    TSEC_TRY(tsec_buf_check(&text, err));
    tsec_rfc3339(version->created_ns, time);
    tsec_json_object(out);
    tsec_json_put_span(out, "certificate_chain", version->chain);
    tsec_json_put_str(out, "creation_time", time);
    tsec_json_put_str(out, "name", transit_traits(type)->public_name);
    tsec_json_put_span(out, "public_key", tsec_buf_span(&text));
    tsec_json_object_end(out);
    return TSEC_OK;
}

static tsec_rc
put_version(struct api_call *call, struct tsec_json_out *out, const struct transit_key *key,
            int64_t n, struct tsec_span context, struct tsec_err *err)
{
    struct transit_version version;
    char number[24];

    TSEC_TRY(transit_key_version(call->txn, transit_mount(call), key, n, &version, err));
    (void)snprintf(number, sizeof(number), "%lld", (long long)n);
    tsec_json_key(out, number);
    if (transit_traits(transit_key_type(key))->pair != 0) {
        return put_pair_version(call, out, key, &version, context, err);
    }
    tsec_json_int(out, version.created_ns / TSEC_NS_PER_S);
    return TSEC_OK;
}

int64_t
transit_first_shown(const struct transit_key *key)
{
    const int64_t kept = transit_key_oldest(key);

    return kept > key->min_decryption ? kept : key->min_decryption;
}

static tsec_rc
put_versions(struct api_call *call, struct tsec_json_out *out, const struct transit_key *key,
             struct tsec_span context, struct tsec_err *err)
{
    tsec_json_key(out, "keys");
    tsec_json_object(out);
    for (int64_t n = transit_first_shown(key); n <= key->latest; n++) {
        TSEC_TRY(put_version(call, out, key, n, context, err));
    }
    tsec_json_object_end(out);
    return TSEC_OK;
}

static void
put_abilities(struct tsec_json_out *out, const struct transit_key *key)
{
    const struct transit_traits *traits = transit_traits(transit_key_type(key));

    tsec_json_put_bool(out, "supports_encryption", traits->encrypts);
    tsec_json_put_bool(out, "supports_decryption", traits->encrypts);
    tsec_json_put_bool(out, "supports_signing", traits->signs);
    tsec_json_put_bool(out, "supports_derivation", traits->derives);
    if (key->derived) {
        tsec_json_put_str(out, "kdf", "hkdf_sha256");
        tsec_json_put_bool(out, "convergent_encryption", key->convergent);
    }
    if (key->convergent) {
        tsec_json_put_int(out, "convergent_encryption_version", -1);
    }
}

static void
put_settings(struct tsec_json_out *out, const struct transit_key *key)
{
    tsec_json_put_str(out, "name", key->name);
    tsec_json_put_str(out, "type", key->type_name);
    tsec_json_put_bool(out, "derived", key->derived);
    tsec_json_put_bool(out, "deletion_allowed", key->deletion_allowed);
    tsec_json_put_bool(out, "exportable", key->exportable);
    tsec_json_put_bool(out, "allow_plaintext_backup", key->plaintext_backup);
    tsec_json_put_int(out, "auto_rotate_period", key->auto_rotate_ns / TSEC_NS_PER_S);
    tsec_json_put_bool(out, "imported_key", key->imported);
    if (key->imported) {
        tsec_json_put_bool(out, "imported_key_allow_rotation", key->imported_rotation);
    }
    if (key->key_size != 0) {
        tsec_json_put_int(out, "key_size", key->key_size);
    }
    tsec_json_put_int(out, "latest_version", key->latest);
    tsec_json_put_int(out, "min_available_version", key->min_available);
    tsec_json_put_int(out, "min_decryption_version", key->min_decryption);
    tsec_json_put_int(out, "min_encryption_version", key->min_encryption);
    tsec_json_put_bool(out, "soft_deleted", false);
}

/* What Vault's keys do not have. */
static tsec_rc
put_limits(struct api_call *call, struct tsec_json_out *out, const struct transit_key *key,
           struct tsec_err *err)
{
    int64_t left = -1;

    TSEC_TRY(transit_key_uses_left(call->txn, transit_mount(call), key, &left, err));
    tsec_json_put_int(out, "max_uses", key->max_uses);
    if (left < 0) {
        tsec_json_put_null(out, "uses_left");
    } else {
        tsec_json_put_int(out, "uses_left", left);
    }
    tsec_json_put_int(out, "rate", key->rate);
    tsec_json_put_bool(out, "attested_only", key->attested_only);
    tsec_json_put_bool(out, "never_exportable", key->never_exportable);
    return TSEC_OK;
}

tsec_rc
transit_put_key(struct api_call *call, struct tsec_json_out *out, const struct transit_key *key,
                struct tsec_span context, struct tsec_err *err)
{
    tsec_json_object(out);
    put_settings(out, key);
    put_abilities(out, key);
    TSEC_TRY(put_limits(call, out, key, err));
    TSEC_TRY(put_versions(call, out, key, context, err));
    tsec_json_object_end(out);
    return TSEC_OK;
}

tsec_rc
transit_answer_key(struct api_call *call, const struct transit_key *key, struct tsec_span context,
                   struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    TSEC_TRY(transit_put_key(call, &out, key, context, err));
    return api_data_end(call, &out, err);
}
