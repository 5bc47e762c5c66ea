/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that come in: wrapped under the mount's wrapping key, or public keys as they are. */
#include "codec/pack.h"
#include "codec/pem.h"
#include "core/transit_transfer.h"
#include "crypto/keywrap.h"
#include "crypto/rand.h"

enum { WRAPPING_FORMAT = 1, WRAPPING_LEN = 512 /* of what RSA-4096 encrypts to */ };

/* ---- the mount's wrapping key ---- */

static struct tsec_span
wrapping_row(struct txn *txn, const char *mount)
{
    return txn_key2(txn, mount, tsec_span_str("/w"));
}

tsec_rc
transit_wrapping_find(struct txn *txn, const char *mount, struct tsec_span *pkcs8,
                      struct tsec_err *err)
{
    struct tsec_span row;
    struct tsec_reader in;

    *pkcs8 = tsec_span(NULL, 0);
    TSEC_TRY(txn_get(txn, wrapping_row(txn, mount), &row, err));
    in = tsec_reader(row);
    if (tsec_read_u8(&in) != WRAPPING_FORMAT) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a wrapping key of an unknown format");
    }
    *pkcs8 = tsec_read_bytes(&in, TSEC_PAIR_PKCS8_MAX);
    return tsec_reader_end(&in, "a wrapping key", err);
}

tsec_rc
transit_wrapping_keep(struct txn *txn, const char *mount, struct tsec_span pkcs8,
                      struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf row = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX + 16);

    if (txn_has(txn, wrapping_row(txn, mount))) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "the mount has a wrapping key");
    }
    tsec_pack_u8(&row, WRAPPING_FORMAT);
    tsec_pack_bytes(&row, pkcs8);
    TSEC_TRY(tsec_buf_check(&row, err));
    return txn_put(txn, wrapping_row(txn, mount), tsec_buf_span(&row), err);
}

/* ---- what came in, as a version ---- */

static tsec_rc
keep(struct tsec_arena *arena, struct tsec_span bytes, struct tsec_span *out, struct tsec_err *err)
{
    const char *copy = tsec_arena_dup(arena, bytes);

    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "an imported key");
    }
    *out = tsec_span(copy, bytes.len);
    return TSEC_OK;
}

static tsec_rc
keep_hmac_key(struct tsec_arena *arena, struct tsec_span *out, struct tsec_err *err)
{
    uint8_t *bytes = tsec_arena_alloc(arena, TRANSIT_HMAC_KEY_LEN);

    if (bytes == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "an imported key");
    }
    tsec_rand_bytes(bytes, TRANSIT_HMAC_KEY_LEN);
    *out = tsec_span(bytes, TRANSIT_HMAC_KEY_LEN);
    return TSEC_OK;
}

static tsec_rc
keep_spki(const struct tsec_pair *pair, struct tsec_arena *arena, struct transit_fresh *out,
          struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

    TSEC_TRY(tsec_pair_spki(pair, &spki, err));
    return keep(arena, tsec_buf_span(&spki), &out->spki, err);
}

/* Every number is checked, and what is kept is written anew. */
static tsec_rc
take_pair(enum tsec_pair_kind kind, struct tsec_span pkcs8, struct tsec_arena *arena,
          struct transit_fresh *out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf own = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    TSEC_TRY(tsec_pair_import(kind, pkcs8, &pair, err));
    TSEC_TRY(tsec_pair_pkcs8(pair, &own, err));
    TSEC_TRY(keep(arena, tsec_buf_span(&own), &out->material, err));
    return keep_spki(pair, arena, out, err);
}

static bool
length_fits(const struct transit_traits *traits, size_t len)
{
    return traits->aead != 0 ? len == tsec_aead_key_len(traits->aead)
                             : len >= TRANSIT_KEY_SIZE_MIN && len <= TRANSIT_KEY_SIZE_MAX;
}

tsec_rc
transit_take(enum transit_type type, struct tsec_span key, struct tsec_arena *arena,
             struct transit_fresh *out, struct tsec_err *err)
{
    const struct transit_traits *traits = transit_traits(type);

    *out = (struct transit_fresh){ .type = type, .imported = true };
    if (traits == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "unknown key type");
    }
    TSEC_TRY(keep_hmac_key(arena, &out->hmac_key, err));
    if (traits->pair != 0) {
        return take_pair(traits->pair, key, arena, out, err);
    }
    if (!length_fits(traits, key.len)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "invalid key size %zu bytes for key type %s", key.len,
                         traits->name);
    }
    return keep(arena, key, &out->material, err);
}

/* ---- unwrapping ---- */

/* The ephemeral key; a random one where there is none, so that nobody learns at which of the two
 * wrappings it failed. */
static tsec_rc
unwrap_ephemeral(const struct tsec_pair *wrapping, enum tsec_hash hash, struct tsec_span wrapped,
                 uint8_t key[TSEC_KWP_KEY_LEN], struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(WRAPPING_LEN);
    const tsec_rc rc = tsec_pair_decrypt(wrapping, hash, tsec_span(NULL, 0), wrapped, &plain, NULL);

    if (tsec_failed(rc) && rc.code != TSEC_E_TAMPERED) {
        return TSEC_FAIL(err, (enum tsec_code)rc.code, "unwrapping a key");
    }
    tsec_rand_bytes(key, TSEC_KWP_KEY_LEN);
    if (!tsec_failed(rc) && plain.len == TSEC_KWP_KEY_LEN) {
        memcpy(key, plain.ptr, TSEC_KWP_KEY_LEN);
    }
    return TSEC_OK;
}

static tsec_rc
unwrap(const struct tsec_pair *wrapping, enum tsec_hash hash, struct tsec_span wrapped,
       struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t key[TSEC_KWP_KEY_LEN];
    tsec_rc rc = unwrap_ephemeral(wrapping, hash, tsec_span(wrapped.ptr, WRAPPING_LEN), key, err);

    if (!tsec_failed(rc)) {
        rc = tsec_kwp_unwrap(key, tsec_span(wrapped.ptr + WRAPPING_LEN, wrapped.len - WRAPPING_LEN),
                             out, err);
    }
    explicit_bzero(key, sizeof(key));
    if (rc.code == TSEC_E_TAMPERED || rc.code == TSEC_E_INVALID) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "error importing key: it is not wrapped for this mount's wrapping key");
    }
    return rc;
}

tsec_rc
transit_unwrap(enum transit_type type, struct tsec_span wrapping_pkcs8, enum tsec_hash hash,
               struct tsec_span wrapped, struct tsec_arena *arena, struct transit_fresh *out,
               struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *wrapping = NULL;
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TRANSIT_IMPORT_MAX);

    if (wrapped.len <= WRAPPING_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "provided ciphertext is too short");
    }
    if (wrapped.len > TRANSIT_IMPORT_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "provided ciphertext is too long");
    }
    TSEC_TRY(tsec_pair_open(TSEC_PAIR_RSA4096, wrapping_pkcs8, &wrapping, err));
    TSEC_TRY(unwrap(wrapping, hash, wrapped, &key, err));
    return transit_take(type, tsec_buf_span(&key), arena, out, err);
}

/* ---- public keys ---- */

static tsec_rc
read_public(struct tsec_span key, struct tsec_buf *der, struct tsec_err *err)
{
    struct tsec_span label = { NULL, 0 };
    bool found = false;

    if (key.len > 0 && key.ptr[0] == 0x30 /* of a SEQUENCE */) {
        tsec_buf_put_span(der, key);
        return tsec_buf_check(der, err);
    }
    if (tsec_failed(tsec_pem_next(&key, &label, der, &found, NULL)) || !found
        || !tsec_span_is(label, "PUBLIC KEY")) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "error parsing public key: not in PEM format");
    }
    return TSEC_OK;
}

tsec_rc
transit_import_public(enum transit_type type, struct tsec_span key, struct tsec_arena *arena,
                      struct transit_fresh *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TRANSIT_IMPORT_MAX);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    const struct transit_traits *traits = transit_traits(type);

    *out = (struct transit_fresh){ .type = type, .imported = true };
    if (traits == NULL || traits->pair == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "provided type does not support public_key import");
    }
    TSEC_TRY(read_public(key, &der, err));
    TSEC_TRY(tsec_pair_from_spki(traits->pair, tsec_buf_span(&der), &pair, err));
    TSEC_TRY(keep_hmac_key(arena, &out->hmac_key, err));
    return keep_spki(pair, arena, out, err);
}
