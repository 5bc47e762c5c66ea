/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a snapshot: keys, parts, the pointer, the leaf. */
#include "codec/leaf.h"
#include "codec/pack.h"
#include "core/node_snapshot.h"
#include "crypto/rand.h"

enum { PART_OVERHEAD = TSEC_XAES_NONCE_LEN + TSEC_AEAD_TAG_LEN, AAD_MAX = 256 };

tsec_rc
snapshot_refused(struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_TAMPERED,
                     "the ledger's snapshot failed authentication; restore the database as it was, "
                     "or delete its row with the key \"S\": the start then reads the whole ledger");
}

/* ---- names ---- */

static void
put_number(uint8_t *out, uint64_t v, unsigned bytes)
{
    for (unsigned b = 0; b < bytes; b++) {
        out[b] = (uint8_t)(v >> (8 * (bytes - 1 - b)));
    }
}

void
snapshot_pointer(const struct snapshot_name *name, uint8_t value[SNAPSHOT_POINTER_LEN])
{
    put_number(value, name->size, 8);
    memcpy(value + 8, name->id, SNAPSHOT_ID_LEN);
    put_number(value + 8 + SNAPSHOT_ID_LEN, name->parts, 4);
}

bool
snapshot_pointer_read(struct tsec_span value, struct snapshot_name *out)
{
    struct tsec_reader in = tsec_reader(value);

    out->size = tsec_read_u64(&in);

    const struct tsec_span id = tsec_read_fixed(&in, SNAPSHOT_ID_LEN);

    out->parts = tsec_read_u32(&in);
    if (in.failed || in.rest.len > 0 || out->parts == 0 || out->parts > SNAPSHOT_PARTS_MAX) {
        return false;
    }
    memcpy(out->id, id.ptr, SNAPSHOT_ID_LEN);
    return true;
}

void
snapshot_key(const struct snapshot_name *name, uint32_t i, uint8_t key[SNAPSHOT_KEY_LEN])
{
    key[0] = 'S';
    snapshot_pointer(name, key + 1);
    put_number(key + 1 + SNAPSHOT_POINTER_LEN, i, 4);
}

bool
snapshot_key_read(struct tsec_span key, struct snapshot_name *out)
{
    return key.len == SNAPSHOT_KEY_LEN && key.ptr[0] == 'S'
           && snapshot_pointer_read(tsec_span(key.ptr + 1, SNAPSHOT_POINTER_LEN), out);
}

/* ---- parts ---- */

static void
part_aad(const struct snapshot_seal *seal, const struct snapshot_name *name, uint32_t i,
         struct tsec_buf *aad)
{
    uint8_t named[SNAPSHOT_POINTER_LEN];

    snapshot_pointer(name, named);
    tsec_buf_put(aad, "TSN2", 4);
    tsec_pack_str(aad, seal->origin);
    tsec_buf_put(aad, named, sizeof(named));
    tsec_pack_u32(aad, i);
}

tsec_rc
snapshot_part_seal(const struct snapshot_seal *seal, const struct snapshot_name *name, uint32_t i,
                   struct tsec_span plain, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(AAD_MAX);

    part_aad(seal, name, i, &aad);

    uint8_t *bytes = tsec_buf_extend(out, plain.len + PART_OVERHEAD);

    TSEC_TRY(tsec_buf_check(out, err));
    TSEC_TRY(tsec_buf_check(&aad, err));
    tsec_rand_nonce(bytes, TSEC_XAES_NONCE_LEN);
    return tsec_aead_seal(seal->key, bytes, tsec_buf_span(&aad), plain, bytes + TSEC_XAES_NONCE_LEN,
                          err);
}

tsec_rc
snapshot_part_open(const struct snapshot_seal *seal, const struct snapshot_name *name, uint32_t i,
                   struct tsec_span sealed, struct tsec_buf *plain, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(AAD_MAX);

    if (sealed.len < PART_OVERHEAD) {
        return snapshot_refused(err);
    }
    part_aad(seal, name, i, &aad);

    uint8_t *out = tsec_buf_extend(plain, sealed.len - PART_OVERHEAD);

    TSEC_TRY(tsec_buf_check(&aad, err));
    TSEC_TRY(tsec_buf_check(plain, err));
    if (tsec_failed(tsec_aead_open(
            seal->key, sealed.ptr, tsec_buf_span(&aad),
            tsec_span(sealed.ptr + TSEC_XAES_NONCE_LEN, sealed.len - TSEC_XAES_NONCE_LEN), out,
            NULL))) {
        return snapshot_refused(err);
    }
    return TSEC_OK;
}

/* ---- what vouches for them ---- */

void
snapshot_sum_init(struct snapshot_sum *sum)
{
    tsec_buf_init(&sum->hashes, (size_t)SNAPSHOT_PARTS_MAX * TSEC_SHA256_LEN);
    sum->length = 0;
}

void
snapshot_sum_done(struct snapshot_sum *sum)
{
    tsec_buf_done(&sum->hashes);
}

void
snapshot_sum_add(struct snapshot_sum *sum, struct tsec_span sealed)
{
    uint8_t hash[TSEC_SHA256_LEN];

    tsec_sha256(sealed, hash);
    tsec_buf_put(&sum->hashes, hash, sizeof(hash));
    sum->length += sealed.len;
}

void
snapshot_sum_hash(const struct snapshot_sum *sum, uint8_t hash[TSEC_SHA256_LEN])
{
    tsec_sha256(tsec_buf_span(&sum->hashes), hash);
}

void
snapshot_leaf(const struct snapshot_claim *claim, uint64_t index, struct tsec_buf *leaf)
{
    tsec_leaf_header(leaf, TSEC_LEAF_SNAPSHOT, index);
    tsec_pack_u64(leaf, claim->size);
    tsec_buf_put(leaf, claim->hash, sizeof(claim->hash));
    tsec_pack_u64(leaf, claim->length);
}

bool
snapshot_leaf_read(struct tsec_span leaf, struct snapshot_claim *out)
{
    struct tsec_leaf parsed;

    if (tsec_failed(tsec_leaf_parse(leaf, &parsed, NULL)) || parsed.kind != TSEC_LEAF_SNAPSHOT) {
        return false;
    }

    struct tsec_reader in = tsec_reader(parsed.body);

    out->size = tsec_read_u64(&in);

    const struct tsec_span hash = tsec_read_fixed(&in, TSEC_SHA256_LEN);

    out->length = tsec_read_u64(&in);
    if (in.failed) {
        return false;
    }
    memcpy(out->hash, hash.ptr, TSEC_SHA256_LEN);
    return true;
}
