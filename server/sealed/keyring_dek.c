/* SPDX-License-Identifier: Apache-2.0 */
/* Data encryption keys: made, rotated, taken away, wrapped under the MEK, found. */
#include <stdlib.h>

#include "codec/pack.h"
#include "crypto/rand.h"
#include "sealed/keyring_internal.h"

void
dek_key_ref(struct dek_key *key)
{
    atomic_fetch_add(&key->refs, 1);
}

void
dek_key_unref(struct dek_key *key)
{
    if (key != NULL && atomic_fetch_sub(&key->refs, 1) == 1) {
        tsec_aead_key_free(key->aead);
        free(key);
    }
}

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

const struct dek *
keyring_dek_find(const struct keyring *k, uint32_t kid)
{
    for (size_t i = 0; i < k->deks_len; i++) {
        if (k->deks[i].kid == kid) {
            return &k->deks[i];
        }
    }
    return NULL;
}

tsec_rc
keyring_dek_open(const struct keyring *keyring, struct dek *dek, struct tsec_err *err)
{
    uint8_t raw[32];
    tsec_rc rc = dek_unwrap(keyring, dek, raw, err);

    if (!tsec_failed(rc)) {
        rc = dek_prepare(dek, raw, err);
    }
    explicit_bzero(raw, sizeof(raw));
    return rc;
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

    while (kid == 0 || keyring_dek_find(k, kid) != NULL) {
        tsec_rand_bytes((uint8_t *)&kid, sizeof(kid));
    }
    return kid;
}

static tsec_rc
dek_add(struct keyring *k, const char *mount, int64_t now_ns, struct tsec_err *err)
{
    struct dek dek = { .state = KEYRING_PRIMARY, .created_ns = now_ns };
    uint8_t raw[32];

    if (mount[0] == '\0' || strchr(mount, '/') != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a data key needs the name of a mount");
    }
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

void
keyring_dek_carry(struct keyring *keyring, const struct keyring *from)
{
    for (size_t i = 0; i < keyring->deks_len; i++) {
        struct dek *dek = &keyring->deks[i];
        /* Mostly in the same place: keys are added at the end. */
        const struct dek *same = i < from->deks_len && from->deks[i].kid == dek->kid
                                     ? &from->deks[i]
                                     : keyring_dek_find(from, dek->kid);

        if (same != NULL && same->shared != dek->shared && strcmp(same->mount, dek->mount) == 0) {
            atomic_fetch_add(&dek->shared->uses, atomic_load(&same->shared->uses));
        }
    }
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
    const struct dek *dek = keyring_dek_find(keyring, kid);

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
    const struct dek *dek = keyring_dek_find(keyring, kid);

    if (dek != NULL) {
        atomic_fetch_add_explicit(&dek->shared->uses, 1, memory_order_relaxed);
    }
}
