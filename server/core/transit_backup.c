/* SPDX-License-Identifier: Apache-2.0 */
/* A key with all its versions as JSON that Vault and OpenBao restore. */
#include <inttypes.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/clock.h"
#include "codec/decimal.h"
#include "codec/json_out.h"
#include "codec/pem.h"
#include "core/transit_backup_form.h"
#include "core/transit_key_rows.h"
#include "core/transit_transfer.h"
#include "crypto/pair_numbers.h"

enum { BACKUP_JSON_MAX = TRANSIT_BACKUP_MAX / 4 * 3, OWN_TYPES = 1000 };

static const int64_t numbers[TRANSIT_TYPES] = {
    [TRANSIT_AES256_GCM96] = 0,
    [TRANSIT_ECDSA_P256] = 1,
    [TRANSIT_ED25519] = 2,
    [TRANSIT_RSA_2048] = 3,
    [TRANSIT_RSA_4096] = 4,
    [TRANSIT_CHACHA20_POLY1305] = 5,
    [TRANSIT_ECDSA_P384] = 6,
    [TRANSIT_ECDSA_P521] = 7,
    [TRANSIT_AES128_GCM96] = 8,
    [TRANSIT_RSA_3072] = 9,
    [TRANSIT_HMAC] = 10,
    [TRANSIT_XAES256_GCM] = OWN_TYPES,
    [TRANSIT_ECDSA_SECP256K1] = OWN_TYPES + 1,
};

int64_t
transit_backup_number(enum transit_type type)
{
    return transit_traits(type) == NULL ? -1 : numbers[type];
}

enum transit_type
transit_backup_type(int64_t number)
{
    for (int type = 1; type < TRANSIT_TYPES; type++) {
        if (numbers[type] == number) {
            return (enum transit_type)type;
        }
    }
    return (enum transit_type)0;
}

/* ---- one version ---- */

static void
put_bytes(struct tsec_json_out *json, const char *name, struct tsec_span bytes)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN(TRANSIT_CHAIN_MAX));

    tsec_base64_append(&text, TSEC_BASE64_STD, bytes);
    json->buf->failed |= text.failed;
    tsec_json_put_span(json, name, tsec_buf_span(&text));
}

static void
put_number(struct tsec_json_out *json, const char *name, struct tsec_span number)
{
    TSEC_AUTO_BUF struct tsec_buf digits = TSEC_BUF_INIT(TSEC_DECIMAL_DIGITS_MAX);

    tsec_decimal_append(&digits, number);
    json->buf->failed |= digits.failed;
    if (name != NULL) {
        tsec_json_key(json, name);
    }
    tsec_json_raw(json, tsec_buf_span(&digits));
}

static void
put_pem(struct tsec_json_out *json, struct tsec_span spki)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(2 * (size_t)TSEC_PAIR_SPKI_MAX);

    tsec_pem_append(&pem, "PUBLIC KEY", spki);
    tsec_json_put_span(json, "public_key", tsec_buf_span(&pem));
}

static void
put_curve(struct tsec_json_out *json, const struct tsec_pair_numbers *n,
          const struct transit_version *version)
{
    put_number(json, "ec_x", n->x);
    put_number(json, "ec_y", n->y);
    if (n->secret.len > 0) {
        put_number(json, "ec_d", n->secret);
    }
    put_pem(json, version->spki);
}

/* Go's crypto/ed25519 has the private key with the public one behind it. */
static void
put_ed25519(struct tsec_json_out *json, const struct tsec_pair_numbers *n)
{
    TSEC_AUTO_BUF struct tsec_buf both = TSEC_BUF_INIT(64);

    if (n->secret.len > 0) {
        tsec_buf_put_span(&both, n->secret);
        tsec_buf_put_span(&both, n->x);
        put_bytes(json, "key", tsec_buf_span(&both));
    }
    put_bytes(json, "public_key", n->x);
}

/* As Go writes its struct rsa.PrivateKey. */
static void
put_rsa(struct tsec_json_out *json, const struct tsec_pair_numbers *n)
{
    tsec_json_key(json, "rsa_public_key");
    tsec_json_object(json);
    put_number(json, "N", n->n);
    put_number(json, "E", n->e);
    tsec_json_object_end(json);
    if (n->secret.len == 0) {
        return;
    }
    tsec_json_key(json, "rsa_key");
    tsec_json_object(json);
    put_number(json, "N", n->n);
    put_number(json, "E", n->e);
    put_number(json, "D", n->secret);
    tsec_json_key(json, "Primes");
    tsec_json_array(json);
    put_number(json, NULL, n->p);
    put_number(json, NULL, n->q);
    tsec_json_array_end(json);
    tsec_json_key(json, "Precomputed");
    tsec_json_object(json);
    put_number(json, "Dp", n->dp);
    put_number(json, "Dq", n->dq);
    put_number(json, "Qinv", n->qinv);
    tsec_json_key(json, "CRTValues");
    tsec_json_array(json);
    tsec_json_array_end(json);
    tsec_json_object_end(json);
    tsec_json_object_end(json);
}

static tsec_rc
put_pair(struct tsec_json_out *json, enum tsec_pair_kind kind,
         const struct transit_version *version, struct tsec_err *err)
{
    struct tsec_pair_numbers n;

    TSEC_TRY(tsec_pair_numbers(kind, version->material, version->spki, &n, err));
    if (kind == TSEC_PAIR_ED25519) {
        put_ed25519(json, &n);
    } else if (tsec_pair_kind_is_rsa(kind)) {
        put_rsa(json, &n);
    } else {
        put_curve(json, &n, version);
    }
    return TSEC_OK;
}

static tsec_rc
put_chain(struct tsec_json_out *json, struct tsec_span chain, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TRANSIT_CHAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN(TRANSIT_CHAIN_MAX));
    struct tsec_span label = { NULL, 0 };
    bool found = false;

    if (chain.len == 0) {
        return TSEC_OK;
    }
    tsec_json_key(json, "certificate_chain");
    tsec_json_array(json);
    TSEC_TRY(tsec_pem_next(&chain, &label, &der, &found, err));
    while (found) {
        tsec_buf_reset(&text);
        tsec_base64_append(&text, TSEC_BASE64_STD, tsec_buf_span(&der));
        tsec_json_span(json, tsec_buf_span(&text));
        TSEC_TRY(tsec_pem_next(&chain, &label, &der, &found, err));
    }
    tsec_json_array_end(json);
    return TSEC_OK;
}

static tsec_rc
put_version(struct tsec_json_out *json, const struct transit_key *key,
            const struct transit_version *version, struct tsec_err *err)
{
    const enum transit_type type = transit_key_type(key);
    const struct transit_traits *traits = transit_traits(type);

    tsec_json_object(json);
    if (traits->pair == 0) {
        put_bytes(json, "key", version->material);
    } else {
        TSEC_TRY(put_pair(json, traits->pair, version, err));
    }
    put_bytes(json, "hmac_key", type == TRANSIT_HMAC ? version->material : version->hmac_key);
    TSEC_TRY(put_chain(json, version->chain, err));
    tsec_json_put_time(json, "time", version->created_ns);
    tsec_json_put_int(json, "creation_time", version->created_ns / TSEC_NS_PER_S);
    tsec_json_put_int(json, "convergent_version", key->convergent ? BACKUP_CONVERGENT : 0);
    tsec_json_object_end(json);
    return TSEC_OK;
}

/* ---- the key ---- */

static tsec_rc
put_versions(struct txn *txn, const char *mount, const struct transit_key *key,
             struct tsec_json_out *json, struct tsec_err *err)
{
    tsec_json_key(json, "keys");
    tsec_json_object(json);
    for (int64_t n = transit_key_oldest(key); n <= key->latest && !json->buf->failed; n++) {
        struct transit_version version;
        char name[24];

        TSEC_TRY(transit_key_version(txn, mount, key, n, &version, err));
        (void)snprintf(name, sizeof(name), "%" PRId64, n);
        tsec_json_key(json, name);
        TSEC_TRY(put_version(json, key, &version, err));
    }
    tsec_json_object_end(json);
    return TSEC_OK;
}

static void
put_own(const struct transit_key *key, int64_t used, struct tsec_json_out *json)
{
    tsec_json_key(json, BACKUP_OWN);
    tsec_json_object(json);
    tsec_json_put_str(json, "type_name", key->type_name);
    tsec_json_put_int(json, "max_uses", key->max_uses);
    tsec_json_put_int(json, "used", used);
    tsec_json_put_int(json, "rate", key->rate);
    tsec_json_put_bool(json, "attested_only", key->attested_only);
    tsec_json_object_end(json);
}

/* archive_version: the version before the oldest, so that Vault fills its archive from "keys". */
static void
put_settings(const struct transit_key *key, int64_t now_ns, struct tsec_json_out *json)
{
    tsec_json_put_str(json, "name", key->name);
    tsec_json_put_int(json, "type", transit_backup_number(transit_key_type(key)));
    tsec_json_put_int(json, "key_size", key->key_size);
    tsec_json_put_bool(json, "derived", key->derived);
    tsec_json_put_int(json, "kdf", key->derived ? BACKUP_KDF_HKDF : 0);
    tsec_json_put_bool(json, "convergent_encryption", key->convergent);
    tsec_json_put_int(json, "convergent_version", key->convergent ? -1 : 0);
    tsec_json_put_bool(json, "exportable", key->exportable);
    tsec_json_put_bool(json, "allow_plaintext_backup", key->plaintext_backup);
    tsec_json_put_bool(json, "deletion_allowed", key->deletion_allowed);
    tsec_json_put_int(json, "min_decryption_version", key->min_decryption);
    tsec_json_put_int(json, "min_encryption_version", key->min_encryption);
    tsec_json_put_int(json, "min_available_version", key->min_available);
    tsec_json_put_int(json, "latest_version", key->latest);
    tsec_json_put_int(json, "archive_version", transit_key_oldest(key) - 1);
    tsec_json_put_int(json, "archive_min_version", key->min_available);
    tsec_json_put_int(json, "auto_rotate_period", key->auto_rotate_ns);
    tsec_json_put_bool(json, "Imported", key->imported);
    tsec_json_put_bool(json, "AllowImportedKeyRotation", key->imported_rotation);
    tsec_json_put_bool(json, "soft_deleted", false);
    tsec_json_put_str(json, "version_template", "");
    tsec_json_put_str(json, "storage_prefix", "");
    tsec_json_key(json, "backup_info");
    tsec_json_object(json);
    tsec_json_put_time(json, "time", now_ns);
    tsec_json_put_int(json, "version", key->latest);
    tsec_json_object_end(json);
    tsec_json_put_null(json, "restore_info");
}

static tsec_rc
put_backup(struct txn *txn, const char *mount, const struct transit_key *key,
           struct tsec_json_out *json, struct tsec_err *err)
{
    int64_t used = 0;

    TSEC_TRY(transit_uses_read(txn, mount, key, &used, err));
    tsec_json_object(json);
    tsec_json_key(json, "policy");
    tsec_json_object(json);
    put_settings(key, txn_now(txn), json);
    put_own(key, used, json);
    TSEC_TRY(put_versions(txn, mount, key, json, err));
    tsec_json_object_end(json);
    tsec_json_key(json, "archived_keys");
    tsec_json_object(json);
    tsec_json_key(json, "keys");
    tsec_json_array(json);
    tsec_json_array_end(json);
    tsec_json_object_end(json);
    tsec_json_object_end(json);
    return TSEC_OK;
}

tsec_rc
transit_backup(struct txn *txn, const char *mount, const struct transit_key *key,
               struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(BACKUP_JSON_MAX);
    struct tsec_json_out json = tsec_json_out(&text);

    if (!key->exportable) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "exporting is disallowed on the policy");
    }
    if (!key->plaintext_backup) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "plaintext backup is disallowed on the policy");
    }
    TSEC_TRY(put_backup(txn, mount, key, &json, err));
    if (text.failed && !text.no_memory) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE,
                         "the backup of key %s would have more than %d bytes; trim the key",
                         key->name, TRANSIT_BACKUP_MAX);
    }
    TSEC_TRY(tsec_buf_check(&text, err));
    tsec_base64_append(out, TSEC_BASE64_STD, tsec_buf_span(&text));
    return tsec_buf_check(out, err);
}
