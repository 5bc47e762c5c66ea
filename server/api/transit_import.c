/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that come from outside: wrapped under the mount's wrapping key, or public keys alone. */
#include <strings.h>

#include "api/routes.h"
#include "api/transit.h"
#include "base/base64.h"
#include "codec/pem.h"
#include "core/transit_transfer.h"
#include "crypto/pair.h"

enum {
    MAKE_WRAPPING_US = 800000,
    UNWRAP_US = 8000,  /* RSA-4096 once */
    CHECKS_FASTER = 4, /* the checks of a key take so many times less than making one */
    HASH_NAME_MAX = 16,
    PUBLIC_MAX = 8 * 1024,
};

/* ---- the wrapping key ---- */

struct wrapping {
    struct api_work work; /* first */
    struct tsec_buf pkcs8;
    tsec_rc rc;
    struct tsec_err err;
};

static void
make_wrapping(struct api_work *work)
{
    struct wrapping *wrapping = (struct wrapping *)(void *)work;
    struct tsec_pair *pair = NULL;

    wrapping->rc = tsec_pair_generate(TSEC_PAIR_RSA4096, &pair, &wrapping->err);
    if (!tsec_failed(wrapping->rc)) {
        wrapping->rc = tsec_pair_pkcs8(pair, &wrapping->pkcs8, &wrapping->err);
    }
    tsec_pair_free(pair);
}

static void
drop_wrapping(struct api_work *work)
{
    tsec_buf_done(&((struct wrapping *)(void *)work)->pkcs8);
}

static tsec_rc
first_wrapping(struct api_call *call, struct tsec_span *pkcs8, struct tsec_err *err)
{
    struct wrapping *wrapping = tsec_arena_alloc(api_arena(call), sizeof(*wrapping));
    struct api_work *work;

    if (wrapping == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a wrapping key");
    }
    tsec_buf_init(&wrapping->pkcs8, TSEC_PAIR_PKCS8_MAX);
    wrapping->work.identity = tsec_span_str("wrapping key");
    wrapping->work.cost_us = MAKE_WRAPPING_US;
    wrapping->work.run = make_wrapping;
    wrapping->work.drop = drop_wrapping;
    work = &wrapping->work;
    TSEC_TRY(api_work(call, &work, err));
    wrapping = (struct wrapping *)(void *)work;
    if (tsec_failed(wrapping->rc)) {
        *err = wrapping->err;
        return wrapping->rc;
    }
    *pkcs8 = tsec_buf_span(&wrapping->pkcs8);
    return transit_wrapping_keep(call->txn, transit_mount(call), *pkcs8, err);
}

tsec_rc
api_op_transitWrappingKey(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT((size_t)2 * TSEC_PAIR_SPKI_MAX);
    struct tsec_span pkcs8;
    struct tsec_json_out out;
    tsec_rc rc = transit_wrapping_find(call->txn, transit_mount(call), &pkcs8, err);

    if (rc.code == TSEC_E_NOT_FOUND) {
        rc = first_wrapping(call, &pkcs8, err);
    }
    TSEC_TRY(rc);
    TSEC_TRY(tsec_pair_open(TSEC_PAIR_RSA4096, pkcs8, &pair, err));
    TSEC_TRY(tsec_pair_spki(pair, &spki, err));
    tsec_pem_append(&text, "PUBLIC KEY", tsec_buf_span(&spki));
    TSEC_TRY(tsec_buf_check(&text, err));
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_span(&out, "public_key", tsec_buf_span(&text));
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

/* ---- what comes in ---- */

struct arrival {
    struct api_work work; /* first */
    struct tsec_arena *arena;
    enum transit_type type;
    enum tsec_hash hash;
    struct tsec_span wrapping; /* empty: `body` is a public key */
    struct tsec_span body;
    struct transit_fresh fresh;
    tsec_rc rc;
    struct tsec_err err;
};

static void
take_in(struct api_work *work)
{
    struct arrival *a = (struct arrival *)(void *)work;

    a->rc =
        a->wrapping.len == 0
            ? transit_import_public(a->type, a->body, a->arena, &a->fresh, &a->err)
            : transit_unwrap(a->type, a->wrapping, a->hash, a->body, a->arena, &a->fresh, &a->err);
}

/* What the body says of the key itself. */
struct parcel {
    const char *hash;
    const char *ciphertext;
    const char *public_key;
    bool has_ciphertext;
    bool has_public_key;
};

static tsec_rc
read_hash(struct api_call *call, const char *name, enum tsec_hash *out)
{
    static const struct {
        const char *name;
        enum tsec_hash hash;
    } hashes[] = {
        { "SHA256", TSEC_SHA256 }, { "SHA1", TSEC_SHA1 },     { "SHA224", TSEC_SHA224 },
        { "SHA384", TSEC_SHA384 }, { "SHA512", TSEC_SHA512 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(hashes); i++) {
        if (strcasecmp(name, hashes[i].name) == 0) {
            *out = hashes[i].hash;
            return TSEC_OK;
        }
    }
    return api_refusef(call, TSEC_E_INVALID, "unknown hash function: %s", name);
}

static tsec_rc
read_wrapped(struct api_call *call, const struct parcel *parcel, struct arrival *a,
             struct tsec_err *err)
{
    struct tsec_span wrapping;
    const char *copy;
    tsec_rc rc;

    TSEC_TRY(read_hash(call, parcel->hash, &a->hash));
    TSEC_TRY(transit_base64(call, "ciphertext", parcel->ciphertext, &a->body, err));
    rc = transit_wrapping_find(call->txn, transit_mount(call), &wrapping, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refuse(call, TSEC_E_INVALID,
                          "there is no wrapping key yet: read wrapping_key and wrap under that");
    }
    TSEC_TRY(rc);
    copy = tsec_arena_dup(api_arena(call), wrapping);
    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a wrapping key");
    }
    a->wrapping = tsec_span(copy, wrapping.len);
    a->work.cost_us = UNWRAP_US + transit_traits(a->type)->make_us / CHECKS_FASTER;
    return TSEC_OK;
}

/* PEM, or base64 of DER. */
static tsec_rc
read_public(struct api_call *call, const char *text, struct arrival *a, struct tsec_err *err)
{
    a->body = tsec_span_str(text);
    return strstr(text, "-----BEGIN") != NULL
               ? TSEC_OK
               : transit_base64(call, "public_key", text, &a->body, err);
}

/* Which of the two came, as Vault wants it: one, and not both. */
static tsec_rc
read_parcel(struct api_call *call, const struct parcel *parcel, struct arrival *a,
            struct tsec_err *err)
{
    if (parcel->has_ciphertext && parcel->has_public_key) {
        return api_refuse(
            call, TSEC_E_INVALID,
            "only one of the following fields, ciphertext and public_key, can be set");
    }
    if (parcel->has_ciphertext) {
        return read_wrapped(call, parcel, a, err);
    }
    if (parcel->has_public_key) {
        return read_public(call, parcel->public_key, a, err);
    }
    return api_refuse(call, TSEC_E_INVALID, "ciphertext or public_key must be given");
}

static tsec_rc
receive(struct api_call *call, enum transit_type type, const struct parcel *parcel,
        const char *identity, const struct transit_fresh **out, struct tsec_err *err)
{
    struct arrival *a = tsec_arena_alloc(api_arena(call), sizeof(*a));
    struct api_work *work;

    if (a == NULL || identity == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a key to be imported");
    }
    a->work.identity = tsec_span_str(identity);
    a->work.cost_us = transit_traits(type)->sign_us;
    a->work.run = take_in;
    a->arena = api_arena(call);
    a->type = type;
    TSEC_TRY(read_parcel(call, parcel, a, err));
    work = &a->work;
    TSEC_TRY(api_work(call, &work, err));
    a = (struct arrival *)(void *)work;
    if (tsec_failed(a->rc)) {
        *err = a->err;
        return transit_refuse(call, a->rc, err);
    }
    *out = &a->fresh;
    return TSEC_OK;
}

struct import {
    struct transit_key settings;
    struct parcel parcel;
    enum transit_type type;
};

static tsec_rc
read_import(struct api_call *call, struct import *in, struct tsec_err *err)
{
    const char *type = "aes256-gcm96";
    bool convergent = false;
    bool has_convergent = false;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("type", &type, NULL, TRANSIT_TYPE_NAME_MAX),
        TSEC_JSON_STR("hash_function", &in->parcel.hash, NULL, HASH_NAME_MAX),
        TSEC_JSON_STR("ciphertext", &in->parcel.ciphertext, &in->parcel.has_ciphertext,
                      INT64_C(2) * TRANSIT_IMPORT_MAX),
        TSEC_JSON_STR("public_key", &in->parcel.public_key, &in->parcel.has_public_key, PUBLIC_MAX),
        TSEC_JSON_BOOL("allow_rotation", &in->settings.imported_rotation, NULL),
        TSEC_JSON_BOOL("derived", &in->settings.derived, NULL),
        TSEC_JSON_BOOL("convergent_encryption", &convergent, &has_convergent),
        TSEC_JSON_BOOL("exportable", &in->settings.exportable, NULL),
        TSEC_JSON_BOOL("allow_plaintext_backup", &in->settings.plaintext_backup, NULL),
        TSEC_JSON_DURATION("auto_rotate_period", &in->settings.auto_rotate_ns, NULL, INT64_MAX),
        TSEC_JSON_INT("max_uses", &in->settings.max_uses, NULL, 0, INT64_MAX),
        TSEC_JSON_INT("rate", &in->settings.rate, NULL, 0, INT32_MAX),
        TSEC_JSON_BOOL("attested_only", &in->settings.attested_only, NULL),
        TSEC_JSON_BOOL("never_exportable", &in->settings.never_exportable, NULL),
    };
    tsec_rc rc;

    TSEC_TRY(API_FIELDS(call, fields, err));
    if (has_convergent) {
        return api_refuse(call, TSEC_E_INVALID,
                          "import cannot be used on keys with convergent encryption enabled");
    }
    TSEC_TRY(transit_type_read(call, type, &in->type));
    in->settings.type_name = transit_traits(in->type)->name;
    in->settings.imported = true;
    rc = transit_check_settings(&in->settings, err);
    return tsec_failed(rc) ? transit_refuse(call, rc, err) : TSEC_OK;
}

static tsec_rc
check_absent(struct api_call *call, struct tsec_span name, struct tsec_err *err)
{
    const struct transit_key *key = NULL;
    const tsec_rc rc = transit_key_find(call->txn, transit_mount(call), name, &key, err);

    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    return tsec_failed(rc) ? transit_refuse(call, rc, err)
                           : api_refuse(call, TSEC_E_INVALID,
                                        "the import path cannot be used with an existing key; use "
                                        "import-version to rotate an existing imported key");
}

tsec_rc
api_op_transitImportKey(struct api_call *call, struct tsec_err *err)
{
    struct import in = { .parcel = { .hash = "SHA256" } };
    const struct transit_fresh *fresh = NULL;
    const struct transit_key *key = NULL;
    struct tsec_span name;
    tsec_rc rc;

    TSEC_TRY(transit_name(call, 0, &name, err));
    TSEC_TRY(check_absent(call, name, err));
    TSEC_TRY(read_import(call, &in, err));
    in.settings.name = api_var(call, 0);
    if (in.settings.name == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the name of a key");
    }
    TSEC_TRY(receive(call, in.type, &in.parcel, "import", &fresh, err));
    rc = transit_key_create(call->txn, transit_mount(call), &in.settings, fresh, &key, err);
    return tsec_failed(rc) ? transit_refuse(call, rc, err) : api_no_content(call);
}

/* Into a version that is there: never, since what was parsed from one stays true for ever. */
static tsec_rc
read_version(struct api_call *call, struct parcel *parcel, struct tsec_err *err)
{
    int64_t version = 0;
    bool has_version = false;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("hash_function", &parcel->hash, NULL, HASH_NAME_MAX),
        TSEC_JSON_STR("ciphertext", &parcel->ciphertext, &parcel->has_ciphertext,
                      INT64_C(2) * TRANSIT_IMPORT_MAX),
        TSEC_JSON_STR("public_key", &parcel->public_key, &parcel->has_public_key, PUBLIC_MAX),
        TSEC_JSON_INT("version", &version, &has_version, INT64_MIN, INT64_MAX),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    return has_version ? api_refuse(call, TSEC_E_INVALID,
                                    "the material of a version never changes; without version a "
                                    "new one is made of it")
                       : TSEC_OK;
}

tsec_rc
api_op_transitImportKeyVersion(struct api_call *call, struct tsec_err *err)
{
    struct parcel parcel = { .hash = "SHA256" };
    const struct transit_fresh *fresh = NULL;
    const struct transit_key *key = NULL;
    const char *name = api_var(call, 0);
    const char *missing = tsec_arena_printf(
        api_arena(call), "no key found with name %s; to import a new key, use the import/ endpoint",
        name == NULL ? "" : name);
    tsec_rc rc;

    if (missing == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the name of a key");
    }
    TSEC_TRY(transit_find(call, 0, missing, &key, err));
    if (!key->imported) {
        return api_refuse(call, TSEC_E_INVALID,
                          "the import_version endpoint can only be used with an imported key");
    }
    TSEC_TRY(read_version(call, &parcel, err));
    TSEC_TRY(receive(call, transit_key_type(key), &parcel, key->id, &fresh, err));
    rc = transit_key_rotate(call->txn, transit_mount(call), key, fresh, &key, err);
    return tsec_failed(rc) ? transit_refuse(call, rc, err) : api_no_content(call);
}
