/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed/row.h"

#include "base/hex.h"
#include "codec/pack.h"
#include "crypto/rand.h"

enum { HEADER_LEN = 9, AAD_MAX = 320, ALG_XAES_256_GCM = 1 };

static const char MAGIC[] = "TSR1";

struct tsec_span
row_mount(struct tsec_span key)
{
    const uint8_t *slash = key.len == 0 ? NULL : memchr(key.ptr, '/', key.len);

    return slash == NULL ? tsec_span(NULL, 0) : tsec_span(key.ptr, (size_t)(slash - key.ptr));
}

void
row_blind(const struct keyring *keyring, struct tsec_span key, uint8_t rk[ROW_KEY_LEN])
{
    static const uint8_t zero = 0;
    const struct tsec_span mount = row_mount(key);
    const size_t skip = mount.len + (mount.len < key.len ? 1 : 0);
    const struct tsec_span parts[] = {
        tsec_span("row", 3),
        tsec_span(&zero, 1),
        mount,
        tsec_span(&zero, 1),
        tsec_span(key.ptr + skip, key.len - skip),
    };

    tsec_hmac_parts(keyring_row_key(keyring), parts, TSEC_ARRAY_LEN(parts), rk);
}

static void
row_aad(const struct keyring *keyring, uint32_t kid, const uint8_t rk[ROW_KEY_LEN],
        uint64_t version, uint8_t class, struct tsec_buf *aad)
{
    tsec_buf_put(aad, MAGIC, 4);
    tsec_pack_u8(aad, ALG_XAES_256_GCM);
    tsec_pack_u32(aad, kid);
    tsec_pack_str(aad, keyring_origin(keyring));
    tsec_buf_put(aad, rk, ROW_KEY_LEN);
    tsec_pack_u64(aad, version);
    tsec_pack_u8(aad, class);
}

static size_t
body_len(const struct row_record *record)
{
    return 2 + record->key.len + 2 + 8 + 4 + record->payload.len + 1;
}

uint8_t
row_class(const struct row_record *record)
{
    const size_t body = body_len(record);
    uint8_t c = ROW_CLASS_MIN;

    if (record->key.len > ROW_LOGICAL_MAX || record->group_len > record->key.len
        || record->payload.len > (size_t)1 << ROW_CLASS_MAX) {
        return 0;
    }
    while (c <= ROW_CLASS_MAX && ((size_t)1 << c) < body) {
        c++;
    }
    return c > ROW_CLASS_MAX ? 0 : c;
}

/* The record, then 0x80 and zeroes up to the class (ISO/IEC 7816-4), where the ciphertext will be.
 */
static void
row_pad(const struct row_record *record, uint8_t class, uint8_t *out)
{
    struct tsec_buf plain = { .ptr = out, .cap = (size_t)1 << class, .max = (size_t)1 << class };

    tsec_pack_u16(&plain, (uint16_t)record->key.len);
    tsec_buf_put_span(&plain, record->key);
    tsec_pack_u16(&plain, record->group_len);
    tsec_pack_u64(&plain, record->group_version);
    tsec_pack_bytes(&plain, record->payload);
    tsec_pack_u8(&plain, 0x80);
    memset(out + plain.len, 0, plain.cap - plain.len);
}

tsec_rc
row_seal(const struct keyring *keyring, const struct row_record *record,
         const uint8_t rk[ROW_KEY_LEN], uint64_t version, uint8_t class, uint8_t *blob,
         struct tsec_err *err)
{
    uint8_t room[AAD_MAX];
    struct tsec_buf aad = { .ptr = room, .cap = sizeof(room), .max = sizeof(room) };
    uint8_t *const nonce = blob + HEADER_LEN;
    uint8_t *const body = nonce + TSEC_XAES_NONCE_LEN;
    struct keyring_dek dek;

    if (class == 0 || class != row_class(record)) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "a record of %zu bytes", body_len(record));
    }
    if (!keyring_dek_primary(keyring, row_mount(record->key), &dek)) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "the mount has no data key");
    }
    row_aad(keyring, dek.kid, rk, version, class, &aad);
    TSEC_TRY(tsec_buf_check(&aad, err));
    memcpy(blob, aad.ptr, HEADER_LEN);
    tsec_rand_nonce(nonce, TSEC_XAES_NONCE_LEN);
    row_pad(record, class, body);

    const tsec_rc rc = tsec_aead_seal(dek.key, nonce, tsec_buf_span(&aad),
                                      tsec_span(body, (size_t)1 << class), body, err);

    if (tsec_failed(rc)) {
        explicit_bzero(body, (size_t)1 << class);
        return rc;
    }
    keyring_dek_used(keyring, dek.kid);
    return TSEC_OK;
}

uint32_t
row_kid(struct tsec_span blob)
{
    struct tsec_reader in = tsec_reader(blob);
    const struct tsec_span magic = tsec_read_fixed(&in, 4);
    const uint8_t alg = tsec_read_u8(&in);
    const uint32_t kid = tsec_read_u32(&in);

    return !in.failed && tsec_span_is(magic, MAGIC) && alg == ALG_XAES_256_GCM ? kid : 0;
}

static tsec_rc
row_altered(const uint8_t rk[ROW_KEY_LEN], const char *why, struct tsec_err *err)
{
    char hex[2 * ROW_KEY_LEN + 1];

    tsec_hex_encode(tsec_span(rk, ROW_KEY_LEN), hex);
    return TSEC_FAIL(err, TSEC_E_TAMPERED, "row failed authentication: %s (%s)", hex, why);
}

static bool
record_parse(struct tsec_span plain, struct row_record *record)
{
    struct tsec_reader in = tsec_reader(plain);

    record->key = tsec_read_fixed(&in, tsec_read_u16(&in));
    record->group_len = tsec_read_u16(&in);
    record->group_version = tsec_read_u64(&in);
    record->payload = tsec_read_bytes(&in, (size_t)1 << ROW_CLASS_MAX);
    return tsec_read_u8(&in) == 0x80 && !in.failed && record->group_len <= record->key.len;
}

tsec_rc
row_open(const struct keyring *keyring, const uint8_t rk[ROW_KEY_LEN], uint64_t version,
         uint8_t class, struct tsec_span blob, uint8_t *plain, struct row_record *record,
         struct tsec_err *err)
{
    uint8_t room[AAD_MAX];
    struct tsec_buf aad = { .ptr = room, .cap = sizeof(room), .max = sizeof(room) };
    const uint32_t kid = row_kid(blob);
    struct keyring_dek dek;

    if (class < ROW_CLASS_MIN || class > ROW_CLASS_MAX || kid == 0
        || blob.len != row_blob_len(class)) {
        return row_altered(rk, "its form", err);
    }
    if (!keyring_dek_by_kid(keyring, kid, &dek)) {
        return row_altered(rk, "its key is not known", err);
    }
    row_aad(keyring, kid, rk, version, class, &aad);
    TSEC_TRY(tsec_buf_check(&aad, err));

    const struct tsec_span sealed = tsec_span(blob.ptr + HEADER_LEN + TSEC_XAES_NONCE_LEN,
                                              blob.len - HEADER_LEN - TSEC_XAES_NONCE_LEN);

    if (tsec_failed(tsec_aead_open(dek.key, blob.ptr + HEADER_LEN, tsec_buf_span(&aad), sealed,
                                   plain, NULL))) {
        return row_altered(rk, "its tag", err);
    }
    if (!record_parse(tsec_span(plain, (size_t)1 << class), record)
        || !tsec_span_is(row_mount(record->key), dek.mount)) {
        explicit_bzero(plain, (size_t)1 << class);
        return row_altered(rk, "its record", err);
    }
    return TSEC_OK;
}
