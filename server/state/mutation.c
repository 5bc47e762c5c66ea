/* SPDX-License-Identifier: Apache-2.0 */
/* Mutation leaves: which rows a batch changed, sealed for the cluster's own eyes.
 *
 *     leaf = header ‖ nonce[24] ‖ XAES-256-GCM(K_ledger, aad, list) ‖ tag
 *     aad  = "TSM1" ‖ LP(origin) ‖ header
 *     list = n × (u8 op ‖ rk[32] ‖ u64 version ‖ u8 class ‖ SHA-256(blob))
 */
#include "state/state_internal.h"

#include "codec/leaf.h"
#include "codec/pack.h"
#include "crypto/rand.h"

enum { AAD_MAX = 320 };

static void
leaf_aad(const struct keyring *keyring, const uint8_t *header, struct tsec_buf *aad)
{
    tsec_buf_put(aad, "TSM1", 4);
    tsec_pack_str(aad, keyring_origin(keyring));
    tsec_buf_put(aad, header, TSEC_LEAF_HEADER_LEN);
}

static void
mutation_pack(const struct mutation *m, struct tsec_buf *out)
{
    tsec_pack_u8(out, m->op);
    tsec_buf_put(out, m->rk, sizeof(m->rk));
    tsec_pack_u64(out, m->version);
    tsec_pack_u8(out, m->class);
    tsec_buf_put(out, m->hash, sizeof(m->hash));
}

void
mutation_at(struct tsec_span plain, size_t i, struct mutation *out)
{
    struct tsec_reader in = tsec_reader(tsec_span(plain.ptr + i * MUTATION_LEN, MUTATION_LEN));

    out->op = tsec_read_u8(&in);
    memcpy(out->rk, tsec_read_fixed(&in, ROW_KEY_LEN).ptr, ROW_KEY_LEN);
    out->version = tsec_read_u64(&in);
    out->class = tsec_read_u8(&in);
    memcpy(out->hash, tsec_read_fixed(&in, TSEC_SHA256_LEN).ptr, TSEC_SHA256_LEN);
}

tsec_rc
mutation_leaf(const struct keyring *keyring, uint64_t index, const struct mutation *list, size_t n,
              struct tsec_buf *leaf, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(TSEC_LEAF_MAX);
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(AAD_MAX);
    uint8_t nonce[TSEC_XAES_NONCE_LEN];

    for (size_t i = 0; i < n; i++) {
        mutation_pack(&list[i], &plain);
    }
    tsec_leaf_header(leaf, TSEC_LEAF_MUTATION, index);
    TSEC_TRY(tsec_buf_check(leaf, err));
    leaf_aad(keyring, leaf->ptr + leaf->len - TSEC_LEAF_HEADER_LEN, &aad);
    tsec_rand_nonce(nonce, sizeof(nonce));
    tsec_buf_put(leaf, nonce, sizeof(nonce));

    uint8_t *out = tsec_buf_extend(leaf, plain.len + TSEC_AEAD_TAG_LEN);

    TSEC_TRY(tsec_buf_check(leaf, err));
    TSEC_TRY(tsec_buf_check(&plain, err));
    TSEC_TRY(tsec_buf_check(&aad, err));
    return tsec_aead_seal(keyring_ledger_key(keyring), nonce, tsec_buf_span(&aad),
                          tsec_buf_span(&plain), out, err);
}

tsec_rc
mutation_open(const struct keyring *keyring, struct tsec_span leaf, struct tsec_buf *plain,
              struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(AAD_MAX);
    struct tsec_reader in = tsec_reader(leaf);

    (void)tsec_read_fixed(&in, TSEC_LEAF_HEADER_LEN);

    const struct tsec_span nonce = tsec_read_fixed(&in, TSEC_XAES_NONCE_LEN);

    if (in.failed || in.rest.len < TSEC_AEAD_TAG_LEN
        || (in.rest.len - TSEC_AEAD_TAG_LEN) % MUTATION_LEN != 0) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a mutation leaf has a wrong form");
    }
    leaf_aad(keyring, leaf.ptr, &aad);
    TSEC_TRY(tsec_buf_check(&aad, err));

    uint8_t *out = tsec_buf_extend(plain, in.rest.len - TSEC_AEAD_TAG_LEN);

    TSEC_TRY(tsec_buf_check(plain, err));
    if (tsec_failed(tsec_aead_open(keyring_ledger_key(keyring), nonce.ptr, tsec_buf_span(&aad),
                                   in.rest, out, NULL))) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a mutation leaf failed authentication");
    }
    return TSEC_OK;
}

void
state_rotation_leaf(uint64_t index, uint64_t version, struct tsec_span blob, struct tsec_buf *out)
{
    uint8_t hash[TSEC_SHA256_LEN];

    tsec_sha256(blob, hash);
    tsec_leaf_header(out, TSEC_LEAF_ROTATION, index);
    tsec_pack_u64(out, version);
    tsec_buf_put(out, hash, sizeof(hash));
}

void
state_keyring_key(uint64_t version, uint8_t key[KEYRING_KEY_LEN])
{
    key[0] = 'k';
    for (unsigned i = 0; i < 8; i++) {
        key[1 + i] = (uint8_t)(version >> (56 - 8 * i));
    }
}
