/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed/keyring_internal.h"

#include <stdlib.h>

#include "crypto/rand.h"

struct raw_keys *
keyring_raw(const struct keyring *k)
{
    return (struct raw_keys *)(void *)tsec_secret_bytes(k->raw);
}

void
keyring_free(struct keyring *keyring)
{
    if (keyring == NULL) {
        return;
    }
    for (size_t i = 0; i < keyring->deks_len; i++) {
        dek_key_unref(keyring->deks[i].shared);
    }
    free(keyring->deks);
    tsec_hmac_key_free(keyring->row);
    tsec_hmac_key_free(keyring->token);
    tsec_hmac_key_free(keyring->pseudonym);
    tsec_hmac_key_free(keyring->segment);
    tsec_aead_key_free(keyring->ledger);
    tsec_key_free(keyring->signing);
    tsec_key_free(keyring->identity);
    tsec_secret_free(keyring->mek.key);
    tsec_secret_free(keyring->raw);
    free(keyring);
}

static tsec_rc
prepare_secret(struct keyring *k, struct tsec_err *err)
{
    const struct raw_keys *raw = keyring_raw(k);

    TSEC_TRY(tsec_hmac_key_new(tsec_span(raw->row, 32), &k->row, err));
    TSEC_TRY(tsec_hmac_key_new(tsec_span(raw->token, 32), &k->token, err));
    TSEC_TRY(tsec_hmac_key_new(tsec_span(raw->pseudonym, 32), &k->pseudonym, err));
    TSEC_TRY(tsec_hmac_key_new(tsec_span(raw->segment, 32), &k->segment, err));
    return tsec_aead_key_new(TSEC_XAES_256_GCM, raw->ledger, &k->ledger, err);
}

tsec_rc
keyring_prepare(struct keyring *k, struct tsec_err *err)
{
    const struct raw_keys *raw = keyring_raw(k);

    TSEC_TRY(prepare_secret(k, err));
    TSEC_TRY(
        tsec_key_from_private(TSEC_KEY_ED25519, tsec_span(raw->signing, 32), &k->signing, err));
    return tsec_key_from_private(TSEC_KEY_P384, tsec_span(raw->identity, 48), &k->identity, err);
}

tsec_rc
keyring_alloc(const char *origin, struct keyring **out, struct tsec_err *err)
{
    TSEC_AUTO(keyring_free) struct keyring *k = calloc(1, sizeof(*k));

    if (k == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "keyring");
    }
    if (strlen(origin) >= sizeof(k->origin)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the ledger's origin is too long");
    }
    memcpy(k->origin, origin, strlen(origin) + 1);
    TSEC_TRY(tsec_secret_new(sizeof(struct raw_keys), &k->raw, err));
    TSEC_TRY(tsec_secret_new(32, &k->mek.key, err));
    *out = TSEC_TAKE(k);
    return TSEC_OK;
}

tsec_rc
keyring_new(const char *origin, int64_t now_ns, struct keyring **out, struct tsec_err *err)
{
    TSEC_AUTO(keyring_free) struct keyring *k = NULL;
    TSEC_AUTO(tsec_key_free) struct tsec_key *identity = NULL;
    TSEC_AUTO_BUF struct tsec_buf scalar = TSEC_BUF_INIT(64);

    TSEC_TRY(keyring_alloc(origin, &k, err));
    k->version = 1;
    k->generation = 1;
    tsec_rand_bytes(tsec_secret_bytes(k->raw), sizeof(struct raw_keys));
    TSEC_TRY(tsec_key_generate(TSEC_KEY_P384, &identity, err));
    TSEC_TRY(tsec_key_private(identity, &scalar, err));
    if (scalar.len != 48) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a P-384 key of %zu bytes", scalar.len);
    }
    memcpy(keyring_raw(k)->identity, scalar.ptr, 48);
    TSEC_TRY(keyring_prepare(k, err));
    k->mek.version = 1;
    k->mek.created_ns = now_ns;
    tsec_rand_bytes(tsec_secret_bytes(k->mek.key), 32);
    TSEC_TRY(keyring_dek_create(k, "sys", now_ns, err));
    *out = TSEC_TAKE(k);
    return TSEC_OK;
}

tsec_rc
keyring_copy_as(const struct keyring *from, uint64_t version, struct keyring **out,
                struct tsec_err *err)
{
    TSEC_AUTO(keyring_free) struct keyring *k = NULL;

    TSEC_TRY(keyring_alloc(from->origin, &k, err));
    k->version = version;
    k->generation = from->generation;
    memcpy(tsec_secret_bytes(k->raw), tsec_secret_bytes(from->raw), sizeof(struct raw_keys));
    TSEC_TRY(prepare_secret(k, err));
    TSEC_TRY(tsec_key_share(from->signing, &k->signing, err));
    TSEC_TRY(tsec_key_share(from->identity, &k->identity, err));
    k->mek.version = from->mek.version;
    k->mek.created_ns = from->mek.created_ns;
    memcpy(tsec_secret_bytes(k->mek.key), tsec_secret_bytes(from->mek.key), 32);
    k->deks = calloc(from->deks_len + 1, sizeof(*k->deks));
    if (k->deks == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "keyring");
    }
    for (size_t i = 0; i < from->deks_len; i++) {
        k->deks[i] = from->deks[i];
        dek_key_ref(k->deks[i].shared);
    }
    k->deks_len = from->deks_len;
    *out = TSEC_TAKE(k);
    return TSEC_OK;
}

tsec_rc
keyring_copy(const struct keyring *from, struct keyring **out, struct tsec_err *err)
{
    return keyring_copy_as(from, from->version + 1, out, err);
}

/* ---- reading ---- */

uint64_t
keyring_version(const struct keyring *keyring)
{
    return keyring->version;
}

uint32_t
keyring_generation(const struct keyring *keyring)
{
    return keyring->generation;
}

const char *
keyring_origin(const struct keyring *keyring)
{
    return keyring->origin;
}

uint32_t
keyring_mek_version(const struct keyring *keyring)
{
    return keyring->mek.version;
}

int64_t
keyring_mek_created(const struct keyring *keyring)
{
    return keyring->mek.created_ns;
}

const struct tsec_hmac_key *
keyring_row_key(const struct keyring *keyring)
{
    return keyring->row;
}

const struct tsec_hmac_key *
keyring_token_key(const struct keyring *keyring)
{
    return keyring->token;
}

const struct tsec_hmac_key *
keyring_pseudonym_key(const struct keyring *keyring)
{
    return keyring->pseudonym;
}

const struct tsec_hmac_key *
keyring_segment_key(const struct keyring *keyring)
{
    return keyring->segment;
}

const struct tsec_aead_key *
keyring_ledger_key(const struct keyring *keyring)
{
    return keyring->ledger;
}

const struct tsec_key *
keyring_signing_key(const struct keyring *keyring)
{
    return keyring->signing;
}

const struct tsec_key *
keyring_identity_key(const struct keyring *keyring)
{
    return keyring->identity;
}
