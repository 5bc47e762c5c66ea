/* SPDX-License-Identifier: Apache-2.0 */
/* The keyring as the store has it: packed, and sealed under the root key. */
#include <stdlib.h>

#include "codec/pack.h"
#include "crypto/rand.h"
#include "sealed/keyring_internal.h"

enum { PLAIN_MAX = 2 << 20 };

static const char MAGIC[] = "TSK1";

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
    const uint8_t state = tsec_read_u8(in);

    dek.created_ns = tsec_read_i64(in);
    dek.mek = tsec_read_u32(in);

    const struct tsec_span mount = tsec_read_bytes(in, KEYRING_MOUNT_MAX);
    const struct tsec_span wrapped = tsec_read_fixed(in, WRAPPED_LEN);

    if (in->failed || mount.len == 0 || memchr(mount.ptr, 0, mount.len) != NULL
        || (state != KEYRING_PRIMARY && state != KEYRING_DECRYPT_ONLY) || dek.kid == 0
        || keyring_dek_find(k, dek.kid) != NULL) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a data key of the keyring is not one");
    }
    dek.state = (enum keyring_state)state;
    memcpy(dek.mount, mount.ptr, mount.len);
    memcpy(dek.wrapped, wrapped.ptr, wrapped.len);
    TSEC_TRY(keyring_dek_open(k, &dek, err));
    k->deks[k->deks_len++] = dek;
    return TSEC_OK;
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
    TSEC_TRY(keyring_prepare(k, err));
    k->deks = calloc((size_t)n + 1, sizeof(*k->deks));
    if (k->deks == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "keyring");
    }
    for (uint32_t i = 0; i < n; i++) {
        TSEC_TRY(dek_read(k, &in, err));
    }
    return tsec_failed(tsec_reader_end(&in, "keyring", NULL))
               ? TSEC_FAIL(err, TSEC_E_TAMPERED, "the keyring has stray bytes")
               : TSEC_OK;
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
