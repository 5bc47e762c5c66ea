/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair.h"

#include <stdlib.h>

#include "crypto/asn1.h"
#include "crypto/asn1_put.h"
#include "crypto/internal.h"
#include "crypto/pair_internal.h"

enum { ATTRIBUTES = 0xa0, PUBLIC_KEY = 0x81 /* [1] IMPLICIT BIT STRING (RFC 5958) */ };

void
tsec_pair_free(struct tsec_pair *pair)
{
    if (pair == NULL) {
        return;
    }
    tsec_pair_contexts_free(pair);
    if (pair->type->curve != NULL && pair->type->curve->done != NULL) {
        pair->type->curve->done(pair);
    }
    EVP_PKEY_free(pair->pkey); /* clears the private part */
    free(pair);
}

enum tsec_pair_kind
tsec_pair_kind_of(const struct tsec_pair *pair)
{
    return pair->type->kind;
}

bool
tsec_pair_is_private(const struct tsec_pair *pair)
{
    return pair->is_private;
}

bool
tsec_pair_kind_is_rsa(enum tsec_pair_kind kind)
{
    return kind >= TSEC_PAIR_RSA2048 && kind <= TSEC_PAIR_RSA4096;
}

bool
tsec_pair_kind_is_ecdsa(enum tsec_pair_kind kind)
{
    return kind >= TSEC_PAIR_P256 && kind <= TSEC_PAIR_SECP256K1;
}

static tsec_rc
new_pair(enum tsec_pair_kind kind, bool is_private, struct tsec_pair **out, struct tsec_err *err)
{
    const struct tsec_pair_type *type = tsec_pair_type(kind);

    if (type == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "key pair of kind %d", (int)kind);
    }
    if (is_private && !tsec_crypto_heap_has_room()) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the locked memory for private keys is full");
    }

    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = calloc(1, sizeof(*pair));

    if (pair == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "key pair");
    }
    pair->type = type;
    pair->is_private = is_private;
    pair->idle = tsec_slots_new();
    if (pair->idle == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "key pair");
    }
    *out = TSEC_TAKE(pair);
    return TSEC_OK;
}

tsec_rc
tsec_pair_generate(enum tsec_pair_kind kind, struct tsec_pair **out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;

    TSEC_TRY(new_pair(kind, true, &pair, err));
    TSEC_TRY(pair->type->family->generate(pair, err));
    *out = TSEC_TAKE(pair);
    return TSEC_OK;
}

/* ---- PKCS #8 (RFC 5958) and SubjectPublicKeyInfo, read ---- */

struct private_info {
    struct tsec_span algorithm; /* with its head */
    struct tsec_span key;
    struct tsec_span point; /* NULL: left out */
};

/* EncryptedPrivateKeyInfo starts with an AlgorithmIdentifier where the other has its version. */
static bool
is_encrypted(struct tsec_span info)
{
    return tsec_asn1_at(info, ASN1_TAG_SEQUENCE);
}

static bool
take_version(struct tsec_span *info, uint8_t *version)
{
    struct tsec_span number = { NULL, 0 };

    if (!tsec_asn1_take_magnitude(info, &number) || number.len > 1) {
        return false;
    }
    *version = number.len == 0 ? 0 : number.ptr[0];
    return *version <= 1;
}

static bool
take_tail(struct tsec_span *info, uint8_t version, struct tsec_span *point)
{
    struct tsec_span skipped = { NULL, 0 };
    struct tsec_span bits = { NULL, 0 };

    if (tsec_asn1_at(*info, ATTRIBUTES) && !tsec_asn1_take(info, ATTRIBUTES, &skipped)) {
        return false;
    }
    if (version == 1 && tsec_asn1_at(*info, PUBLIC_KEY)) {
        if (!tsec_asn1_take(info, PUBLIC_KEY, &bits) || bits.len < 1 || bits.ptr[0] != 0) {
            return false;
        }
        *point = tsec_span(bits.ptr + 1, bits.len - 1);
    }
    return info->len == 0;
}

static tsec_rc
read_private(struct tsec_span der, struct private_info *out, struct tsec_err *err)
{
    struct tsec_span info = { NULL, 0 };
    uint8_t version = 0;

    if (!tsec_asn1_take(&der, ASN1_TAG_SEQUENCE, &info)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the key is not PKCS #8 in DER");
    }
    if (der.len != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%zu bytes stand behind the PKCS #8 key", der.len);
    }
    if (is_encrypted(info)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the PKCS #8 key is encrypted with a password; it must be in the clear");
    }
    if (!take_version(&info, &version)
        || !tsec_asn1_take_whole(&info, ASN1_TAG_SEQUENCE, &out->algorithm)
        || !tsec_asn1_take(&info, ASN1_TAG_OCTETS, &out->key)
        || !take_tail(&info, version, &out->point)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the key is not PKCS #8 in DER");
    }
    return TSEC_OK;
}

static tsec_rc
from_pkcs8(enum tsec_pair_kind kind, struct tsec_span der, bool check, struct tsec_pair **out,
           struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    struct private_info info = { .point = { NULL, 0 } };

    TSEC_TRY(new_pair(kind, true, &pair, err));
    TSEC_TRY(read_private(der, &info, err));
    if (!tsec_span_equal(info.algorithm, pair->type->algorithm)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the PKCS #8 key is not of type %s",
                         pair->type->name);
    }
    TSEC_TRY(pair->type->family->set_private(pair, info.key, info.point, check, err));
    *out = TSEC_TAKE(pair);
    return TSEC_OK;
}

tsec_rc
tsec_pair_open(enum tsec_pair_kind kind, struct tsec_span pkcs8, struct tsec_pair **out,
               struct tsec_err *err)
{
    return from_pkcs8(kind, pkcs8, false, out, err);
}

tsec_rc
tsec_pair_import(enum tsec_pair_kind kind, struct tsec_span pkcs8, struct tsec_pair **out,
                 struct tsec_err *err)
{
    return from_pkcs8(kind, pkcs8, true, out, err);
}

tsec_rc
tsec_pair_from_spki(enum tsec_pair_kind kind, struct tsec_span spki, struct tsec_pair **out,
                    struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    struct tsec_span info = { NULL, 0 };
    struct tsec_span algorithm = { NULL, 0 };
    struct tsec_span key = { NULL, 0 };

    TSEC_TRY(new_pair(kind, false, &pair, err));
    if (!tsec_asn1_take(&spki, ASN1_TAG_SEQUENCE, &info) || spki.len != 0
        || !tsec_asn1_take_whole(&info, ASN1_TAG_SEQUENCE, &algorithm)
        || !tsec_asn1_take_bytes(&info, &key) || info.len != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the key is not SubjectPublicKeyInfo in DER");
    }
    if (!tsec_span_equal(algorithm, pair->type->algorithm)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the public key is not of type %s", pair->type->name);
    }
    TSEC_TRY(pair->type->family->set_public(pair, key, err));
    *out = TSEC_TAKE(pair);
    return TSEC_OK;
}

tsec_rc
tsec_pair_from_seed(const uint8_t seed[32], struct tsec_pair **out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;

    TSEC_TRY(new_pair(TSEC_PAIR_ED25519, true, &pair, err));
    TSEC_TRY(tsec_pair_set_seed(pair, seed, err));
    *out = TSEC_TAKE(pair);
    return TSEC_OK;
}

/* ---- written ---- */

static tsec_rc
need_private(const struct tsec_pair *pair, struct tsec_err *err)
{
    return pair->is_private ? TSEC_OK
                            : TSEC_FAIL(err, TSEC_E_INVALID, "this %s key is a public key only",
                                        pair->type->name);
}

tsec_rc
tsec_pair_pkcs8(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf info = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    TSEC_TRY(need_private(pair, err));
    TSEC_TRY(pair->type->family->put_private(pair, &key, err));
    tsec_asn1_put_magnitude(&info, tsec_span(NULL, 0));
    tsec_buf_put_span(&info, pair->type->algorithm);
    tsec_asn1_put(&info, ASN1_TAG_OCTETS, tsec_buf_span(&key));
    TSEC_TRY(tsec_buf_check(&info, err));
    tsec_asn1_put(out, ASN1_TAG_SEQUENCE, tsec_buf_span(&info));
    return tsec_buf_check(out, err);
}

tsec_rc
tsec_pair_spki(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf info = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

    TSEC_TRY(pair->type->family->put_public(pair, &key, err));
    tsec_buf_put_span(&info, pair->type->algorithm);
    tsec_asn1_put_bytes(&info, tsec_buf_span(&key));
    TSEC_TRY(tsec_buf_check(&info, err));
    tsec_asn1_put(out, ASN1_TAG_SEQUENCE, tsec_buf_span(&info));
    return tsec_buf_check(out, err);
}

tsec_rc
tsec_pair_point(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    if (pair->type->point_len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "an %s key is no point", pair->type->name);
    }
    tsec_buf_put_span(out, tsec_pair_point_span(pair));
    return tsec_buf_check(out, err);
}

tsec_rc
tsec_pair_traditional(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_TRY(need_private(pair, err));
    return pair->type->family->put_traditional(pair, out, err);
}

/* ---- used ---- */

tsec_rc
tsec_pair_sign(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span input,
               struct tsec_buf *sig, int *recovery_id, struct tsec_err *err)
{
    int id = -1;

    TSEC_TRY(need_private(pair, err));
    TSEC_TRY(pair->type->family->sign(pair, how, input, sig, &id, err));
    if (recovery_id != NULL) {
        *recovery_id = id;
    }
    return tsec_buf_check(sig, err);
}

tsec_rc
tsec_pair_verify(const struct tsec_pair *pair, const struct tsec_signing *how,
                 struct tsec_span input, struct tsec_span sig, struct tsec_err *err)
{
    return pair->type->family->verify(pair, how, input, sig, err);
}

tsec_rc
tsec_pair_agree(const struct tsec_pair *own, const struct tsec_pair *peer, struct tsec_buf *secret,
                struct tsec_err *err)
{
    uint8_t x[PAIR_HALF_MAX];

    TSEC_TRY(need_private(own, err));
    if (own->type->curve == NULL || own->type != peer->type) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "no key agreement between %s and %s", own->type->name,
                         peer->type->name);
    }

    const tsec_rc rc = own->type->curve->agree(own, peer, x, err);

    if (!tsec_failed(rc)) {
        tsec_buf_put(secret, x, own->type->half);
    }
    explicit_bzero(x, sizeof(x));
    return tsec_failed(rc) ? rc : tsec_buf_check(secret, err);
}
