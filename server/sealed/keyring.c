/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed/keyring.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "codec/pack.h"
#include "crypto/rand.h"

enum {
    MEKS_MAX = 64,
    WRAPPED_LEN = TSEC_XAES_NONCE_LEN + 32 + TSEC_AEAD_TAG_LEN,
    PLAIN_MAX = 2 << 20
};

static const char MAGIC[] = "TSK1";

/* The cluster's own keys, in one locked page.  The order is the order in the sealed object. */
struct raw_keys {
    uint8_t row[32];
    uint8_t token[32];
    uint8_t pseudonym[32];
    uint8_t segment[32];
    uint8_t ledger[32];
    uint8_t signing[32];
    uint8_t identity[48];
};

struct mek {
    uint32_t version;
    int64_t created_ns;
    struct tsec_secret *key;
};

/* Shared by the copies of a keyring: the prepared key outlives the copy it was made in. */
struct dek_key {
    atomic_uint refs;
    _Atomic uint64_t uses;
    struct tsec_aead_key *aead;
};

struct dek {
    uint32_t kid;
    enum keyring_state state;
    int64_t created_ns;
    uint32_t mek;
    char mount[KEYRING_MOUNT_MAX + 1];
    uint8_t wrapped[WRAPPED_LEN];
    struct dek_key *shared;
};

struct keyring {
    char origin[160];
    uint64_t version;
    uint32_t generation;
    struct tsec_secret *raw; /* struct raw_keys */
    struct mek mek;          /* the primary; DEKs are always wrapped by it */
    struct dek *deks;
    size_t deks_len;
    struct tsec_hmac_key *row;
    struct tsec_hmac_key *token;
    struct tsec_hmac_key *pseudonym;
    struct tsec_hmac_key *segment;
    struct tsec_aead_key *ledger;
    struct tsec_key *signing;
    struct tsec_key *identity;
};

static struct raw_keys *
raw_of(const struct keyring *k)
{
    return (struct raw_keys *)(void *)tsec_secret_bytes(k->raw);
}

static void
dek_key_unref(struct dek_key *key)
{
    if (key != NULL && atomic_fetch_sub(&key->refs, 1) == 1) {
        tsec_aead_key_free(key->aead);
        free(key);
    }
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
prepare_keys(struct keyring *k, struct tsec_err *err)
{
    const struct raw_keys *raw = raw_of(k);

    TSEC_TRY(tsec_hmac_key_new(tsec_span(raw->row, 32), &k->row, err));
    TSEC_TRY(tsec_hmac_key_new(tsec_span(raw->token, 32), &k->token, err));
    TSEC_TRY(tsec_hmac_key_new(tsec_span(raw->pseudonym, 32), &k->pseudonym, err));
    TSEC_TRY(tsec_hmac_key_new(tsec_span(raw->segment, 32), &k->segment, err));
    TSEC_TRY(tsec_aead_key_new(TSEC_XAES_256_GCM, raw->ledger, &k->ledger, err));
    TSEC_TRY(
        tsec_key_from_private(TSEC_KEY_ED25519, tsec_span(raw->signing, 32), &k->signing, err));
    return tsec_key_from_private(TSEC_KEY_P384, tsec_span(raw->identity, 48), &k->identity, err);
}

static tsec_rc
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
    memcpy(raw_of(k)->identity, scalar.ptr, 48);
    TSEC_TRY(prepare_keys(k, err));
    k->mek.version = 1;
    k->mek.created_ns = now_ns;
    tsec_rand_bytes(tsec_secret_bytes(k->mek.key), 32);
    TSEC_TRY(keyring_dek_create(k, "sys", now_ns, err));
    *out = TSEC_TAKE(k);
    return TSEC_OK;
}

tsec_rc
keyring_copy(const struct keyring *from, struct keyring **out, struct tsec_err *err)
{
    TSEC_AUTO(keyring_free) struct keyring *k = NULL;

    TSEC_TRY(keyring_alloc(from->origin, &k, err));
    k->version = from->version + 1;
    k->generation = from->generation;
    memcpy(tsec_secret_bytes(k->raw), tsec_secret_bytes(from->raw), sizeof(struct raw_keys));
    TSEC_TRY(prepare_keys(k, err));
    k->mek.version = from->mek.version;
    k->mek.created_ns = from->mek.created_ns;
    memcpy(tsec_secret_bytes(k->mek.key), tsec_secret_bytes(from->mek.key), 32);
    k->deks = calloc(from->deks_len + 1, sizeof(*k->deks));
    if (k->deks == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "keyring");
    }
    for (size_t i = 0; i < from->deks_len; i++) {
        k->deks[i] = from->deks[i];
        atomic_fetch_add(&k->deks[i].shared->refs, 1);
    }
    k->deks_len = from->deks_len;
    *out = TSEC_TAKE(k);
    return TSEC_OK;
}

/* ---- DEKs ---- */

static void
dek_aad(const struct dek *dek, struct tsec_buf *aad)
{
    tsec_buf_put_str(aad, "tee-secrets/dek/1");
    tsec_pack_u32(aad, dek->kid);
    tsec_pack_u32(aad, dek->mek);
    tsec_pack_str(aad, dek->mount);
}

static tsec_rc
dek_wrap(struct keyring *k, struct dek *dek, const uint8_t raw[32], struct tsec_err *err)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *mek = NULL;
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(128);

    dek->mek = k->mek.version;
    dek_aad(dek, &aad);
    TSEC_TRY(tsec_buf_check(&aad, err));
    TSEC_TRY(tsec_aead_key_new(TSEC_XAES_256_GCM, tsec_secret_bytes(k->mek.key), &mek, err));
    tsec_rand_bytes(dek->wrapped, TSEC_XAES_NONCE_LEN);
    return tsec_aead_seal(mek, dek->wrapped, tsec_buf_span(&aad), tsec_span(raw, 32),
                          dek->wrapped + TSEC_XAES_NONCE_LEN, err);
}

static tsec_rc
dek_unwrap(const struct keyring *k, const struct dek *dek, uint8_t raw[32], struct tsec_err *err)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *mek = NULL;
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(128);

    dek_aad(dek, &aad);
    TSEC_TRY(tsec_buf_check(&aad, err));
    TSEC_TRY(tsec_aead_key_new(TSEC_XAES_256_GCM, tsec_secret_bytes(k->mek.key), &mek, err));
    return tsec_aead_open(mek, dek->wrapped, tsec_buf_span(&aad),
                          tsec_span(dek->wrapped + TSEC_XAES_NONCE_LEN, 32 + TSEC_AEAD_TAG_LEN),
                          raw, err);
}

static tsec_rc
dek_prepare(struct dek *dek, const uint8_t raw[32], struct tsec_err *err)
{
    struct dek_key *shared = calloc(1, sizeof(*shared));

    if (shared == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "data key");
    }
    atomic_init(&shared->refs, 1);

    const tsec_rc rc = tsec_aead_key_new(TSEC_XAES_256_GCM, raw, &shared->aead, err);

    if (tsec_failed(rc)) {
        free(shared);
        return rc;
    }
    dek->shared = shared;
    return TSEC_OK;
}

static const struct dek *
dek_find(const struct keyring *k, uint32_t kid)
{
    for (size_t i = 0; i < k->deks_len; i++) {
        if (k->deks[i].kid == kid) {
            return &k->deks[i];
        }
    }
    return NULL;
}

static const struct dek *
dek_primary(const struct keyring *k, struct tsec_span mount)
{
    for (size_t i = k->deks_len; i > 0; i--) {
        const struct dek *dek = &k->deks[i - 1];

        if (dek->state == KEYRING_PRIMARY && tsec_span_is(mount, dek->mount)) {
            return dek;
        }
    }
    return NULL;
}

/* Random and non-zero, so that a kid says nothing and is never reused by counting. */
static uint32_t
fresh_kid(const struct keyring *k)
{
    uint32_t kid = 0;

    while (kid == 0 || dek_find(k, kid) != NULL) {
        tsec_rand_bytes((uint8_t *)&kid, sizeof(kid));
    }
    return kid;
}

static tsec_rc
dek_add(struct keyring *k, const char *mount, int64_t now_ns, struct tsec_err *err)
{
    struct dek dek = { .state = KEYRING_PRIMARY, .created_ns = now_ns };
    uint8_t raw[32];

    if (strlen(mount) > KEYRING_MOUNT_MAX || k->deks_len >= KEYRING_DEKS_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "no room for another data key");
    }

    struct dek *grown = reallocarray(k->deks, k->deks_len + 1, sizeof(*grown));

    if (grown == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "data key");
    }
    k->deks = grown;
    dek.kid = fresh_kid(k);
    memcpy(dek.mount, mount, strlen(mount) + 1);
    tsec_rand_bytes(raw, sizeof(raw));

    tsec_rc rc = dek_wrap(k, &dek, raw, err);

    if (!tsec_failed(rc)) {
        rc = dek_prepare(&dek, raw, err);
    }
    explicit_bzero(raw, sizeof(raw));
    if (!tsec_failed(rc)) {
        k->deks[k->deks_len++] = dek;
    }
    return rc;
}

tsec_rc
keyring_dek_create(struct keyring *keyring, const char *mount, int64_t now_ns, struct tsec_err *err)
{
    if (dek_primary(keyring, tsec_span_str(mount)) != NULL) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "mount %s has a data key", mount);
    }
    return dek_add(keyring, mount, now_ns, err);
}

tsec_rc
keyring_dek_rotate(struct keyring *keyring, const char *mount, int64_t now_ns, struct tsec_err *err)
{
    const struct dek *old = dek_primary(keyring, tsec_span_str(mount));

    if (old == NULL) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "mount %s has no data key", mount);
    }

    const size_t at = (size_t)(old - keyring->deks);

    TSEC_TRY(dek_add(keyring, mount, now_ns, err));
    keyring->deks[at].state = KEYRING_DECRYPT_ONLY;
    return TSEC_OK;
}

static void
dek_remove(struct keyring *k, size_t i)
{
    dek_key_unref(k->deks[i].shared);
    explicit_bzero(&k->deks[i], sizeof(k->deks[i]));
    k->deks[i] = k->deks[--k->deks_len];
}

void
keyring_dek_destroy(struct keyring *keyring, const char *mount)
{
    for (size_t i = keyring->deks_len; i > 0; i--) {
        if (strcmp(keyring->deks[i - 1].mount, mount) == 0) {
            dek_remove(keyring, i - 1);
        }
    }
}

void
keyring_dek_retire(struct keyring *keyring, uint32_t kid)
{
    for (size_t i = keyring->deks_len; i > 0; i--) {
        if (keyring->deks[i - 1].kid == kid && keyring->deks[i - 1].state == KEYRING_DECRYPT_ONLY) {
            dek_remove(keyring, i - 1);
        }
    }
}

tsec_rc
keyring_mek_rotate(struct keyring *keyring, int64_t now_ns, struct tsec_err *err)
{
    TSEC_AUTO(tsec_secret_free) struct tsec_secret *raw = NULL;

    if (keyring->deks_len == 0) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a keyring without data keys");
    }
    TSEC_TRY(tsec_secret_new(32 * keyring->deks_len, &raw, err));
    for (size_t i = 0; i < keyring->deks_len; i++) {
        TSEC_TRY(dek_unwrap(keyring, &keyring->deks[i], tsec_secret_bytes(raw) + 32 * i, err));
    }
    tsec_rand_bytes(tsec_secret_bytes(keyring->mek.key), 32);
    keyring->mek.version++;
    keyring->mek.created_ns = now_ns;
    for (size_t i = 0; i < keyring->deks_len; i++) {
        TSEC_TRY(dek_wrap(keyring, &keyring->deks[i], tsec_secret_bytes(raw) + 32 * i, err));
    }
    return TSEC_OK;
}

/* ---- the sealed object ---- */

static void
keyring_pack(const struct keyring *k, struct tsec_buf *out)
{
    tsec_pack_u8(out, 1);
    tsec_pack_bytes(out, tsec_span(tsec_secret_bytes(k->raw), sizeof(struct raw_keys)));
    tsec_pack_u32(out, k->mek.version);
    tsec_pack_i64(out, k->mek.created_ns);
    tsec_buf_put(out, tsec_secret_bytes(k->mek.key), 32);
    tsec_pack_u32(out, (uint32_t)k->deks_len);
    for (size_t i = 0; i < k->deks_len; i++) {
        const struct dek *dek = &k->deks[i];

        tsec_pack_u32(out, dek->kid);
        tsec_pack_u8(out, (uint8_t)dek->state);
        tsec_pack_i64(out, dek->created_ns);
        tsec_pack_u32(out, dek->mek);
        tsec_pack_str(out, dek->mount);
        tsec_buf_put(out, dek->wrapped, WRAPPED_LEN);
    }
}

static tsec_rc
dek_read(struct keyring *k, struct tsec_reader *in, struct tsec_err *err)
{
    struct dek dek = { .kid = tsec_read_u32(in) };
    uint8_t raw[32];

    dek.state = (enum keyring_state)tsec_read_u8(in);
    dek.created_ns = tsec_read_i64(in);
    dek.mek = tsec_read_u32(in);

    const struct tsec_span mount = tsec_read_bytes(in, KEYRING_MOUNT_MAX);
    const struct tsec_span wrapped = tsec_read_fixed(in, WRAPPED_LEN);

    if (in->failed) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "the keyring is cut short");
    }
    memcpy(dek.mount, mount.ptr, mount.len);
    memcpy(dek.wrapped, wrapped.ptr, wrapped.len);

    tsec_rc rc = dek_unwrap(k, &dek, raw, err);

    if (!tsec_failed(rc)) {
        rc = dek_prepare(&dek, raw, err);
    }
    explicit_bzero(raw, sizeof(raw));
    if (!tsec_failed(rc)) {
        k->deks[k->deks_len++] = dek;
    }
    return rc;
}

static tsec_rc
keyring_unpack(struct keyring *k, struct tsec_span plain, struct tsec_err *err)
{
    struct tsec_reader in = tsec_reader(plain);
    const uint8_t format = tsec_read_u8(&in);
    const struct tsec_span raw = tsec_read_bytes(&in, sizeof(struct raw_keys));

    k->mek.version = tsec_read_u32(&in);
    k->mek.created_ns = tsec_read_i64(&in);

    const struct tsec_span mek = tsec_read_fixed(&in, 32);
    const uint32_t n = tsec_read_u32(&in);

    if (in.failed || format != 1 || raw.len != sizeof(struct raw_keys) || n > KEYRING_DEKS_MAX) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "the keyring has a form this server does not know");
    }
    memcpy(tsec_secret_bytes(k->raw), raw.ptr, raw.len);
    memcpy(tsec_secret_bytes(k->mek.key), mek.ptr, mek.len);
    TSEC_TRY(prepare_keys(k, err));
    k->deks = calloc((size_t)n + 1, sizeof(*k->deks));
    if (k->deks == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "keyring");
    }
    for (uint32_t i = 0; i < n; i++) {
        TSEC_TRY(dek_read(k, &in, err));
    }
    return tsec_reader_end(&in, "keyring", err);
}

static void
keyring_header(uint32_t generation, uint64_t version, struct tsec_buf *out)
{
    tsec_buf_put(out, MAGIC, 4);
    tsec_pack_u32(out, generation);
    tsec_pack_u64(out, version);
}

tsec_rc
keyring_seal(const struct keyring *keyring, const uint8_t root[32], struct tsec_buf *blob,
             struct tsec_err *err)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *rk = NULL;
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(256);
    uint8_t nonce[TSEC_XAES_NONCE_LEN];

    keyring_pack(keyring, &plain);
    TSEC_TRY(tsec_buf_check(&plain, err));
    keyring_header(keyring->generation, keyring->version, &aad);
    tsec_buf_put_span(blob, tsec_buf_span(&aad));
    tsec_pack_str(&aad, keyring->origin);
    tsec_rand_bytes(nonce, sizeof(nonce));
    tsec_buf_put(blob, nonce, sizeof(nonce));

    uint8_t *out = tsec_buf_extend(blob, plain.len + TSEC_AEAD_TAG_LEN);

    TSEC_TRY(tsec_buf_check(blob, err));
    TSEC_TRY(tsec_buf_check(&aad, err));
    TSEC_TRY(tsec_aead_key_new(TSEC_XAES_256_GCM, root, &rk, err));
    return tsec_aead_seal(rk, nonce, tsec_buf_span(&aad), tsec_buf_span(&plain), out, err);
}

tsec_rc
keyring_open(struct tsec_span blob, const uint8_t root[32], const char *origin,
             struct keyring **out, struct tsec_err *err)
{
    TSEC_AUTO(keyring_free) struct keyring *k = NULL;
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *rk = NULL;
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(256);
    struct tsec_reader in = tsec_reader(blob);
    const struct tsec_span magic = tsec_read_fixed(&in, 4);
    const uint32_t generation = tsec_read_u32(&in);
    const uint64_t version = tsec_read_u64(&in);
    const struct tsec_span nonce = tsec_read_fixed(&in, TSEC_XAES_NONCE_LEN);

    if (in.failed || !tsec_span_is(magic, MAGIC) || in.rest.len < TSEC_AEAD_TAG_LEN) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "the keyring is not one");
    }
    TSEC_TRY(keyring_alloc(origin, &k, err));
    k->generation = generation;
    k->version = version;
    keyring_header(generation, version, &aad);
    tsec_pack_str(&aad, origin);

    uint8_t *bytes = tsec_buf_extend(&plain, in.rest.len - TSEC_AEAD_TAG_LEN);

    TSEC_TRY(tsec_buf_check(&plain, err));
    TSEC_TRY(tsec_buf_check(&aad, err));
    TSEC_TRY(tsec_aead_key_new(TSEC_XAES_256_GCM, root, &rk, err));
    if (tsec_failed(tsec_aead_open(rk, nonce.ptr, tsec_buf_span(&aad), in.rest, bytes, NULL))) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED,
                         "the keyring does not open: altered, or of another root key or origin");
    }
    TSEC_TRY(keyring_unpack(k, tsec_buf_span(&plain), err));
    *out = TSEC_TAKE(k);
    return TSEC_OK;
}

/* ---- reading ---- */

static void
dek_show(const struct dek *dek, struct keyring_dek *out)
{
    out->kid = dek->kid;
    out->state = dek->state;
    out->created_ns = dek->created_ns;
    memcpy(out->mount, dek->mount, sizeof(out->mount));
    out->key = dek->shared->aead;
    out->uses = atomic_load_explicit(&dek->shared->uses, memory_order_relaxed);
}

bool
keyring_dek_primary(const struct keyring *keyring, struct tsec_span mount, struct keyring_dek *out)
{
    const struct dek *dek = dek_primary(keyring, mount);

    if (dek != NULL) {
        dek_show(dek, out);
    }
    return dek != NULL;
}

bool
keyring_dek_by_kid(const struct keyring *keyring, uint32_t kid, struct keyring_dek *out)
{
    const struct dek *dek = dek_find(keyring, kid);

    if (dek != NULL) {
        dek_show(dek, out);
    }
    return dek != NULL;
}

size_t
keyring_dek_count(const struct keyring *keyring)
{
    return keyring->deks_len;
}

void
keyring_dek_at(const struct keyring *keyring, size_t i, struct keyring_dek *out)
{
    dek_show(&keyring->deks[i], out);
}

void
keyring_dek_used(const struct keyring *keyring, uint32_t kid)
{
    const struct dek *dek = dek_find(keyring, kid);

    if (dek != NULL) {
        atomic_fetch_add_explicit(&dek->shared->uses, 1, memory_order_relaxed);
    }
}

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
