/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures that somebody sends, over one message, for keys of each family: four bytes say which
 * key, hash, form and salt, the rest is the signature.  What ECDSA accepts OpenSSL accepts too, and
 * the other way round; it has one encoding; and whoever demands a low s accepts no more. */
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "tests/fuzz/pair_keys.h"

enum { HEAD = 4, RAW = 1, LOW_S = 2, PREHASHED = 4, PKCS1 = 8, HALF_MAX = 66 };

static struct tsec_pair *pairs[PAIR_KEYS];
static EVP_PKEY *theirs[PAIR_KEYS];

static void
make_keys(void)
{
    for (size_t i = 0; i < PAIR_KEYS && pairs[i] == NULL; i++) {
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
        const unsigned char *at = NULL;

        pairs[i] = pair_key(i);
        FUZZ_ASSERT(!tsec_failed(tsec_pair_spki(pairs[i], &spki, NULL)));
        at = spki.ptr;
        theirs[i] = d2i_PUBKEY(NULL, &at, (long)spki.len);
        FUZZ_ASSERT(theirs[i] != NULL);
    }
}

static bool
openssl_verifies(size_t i, struct tsec_span digest, struct tsec_span der)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, theirs[i], NULL);
    const bool ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1
                    && EVP_PKEY_verify(ctx, der.ptr, der.len, digest.ptr, digest.len) == 1;

    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return ok;
}

/* r ‖ s as DER; empty when it cannot be. */
static void
to_der(struct tsec_span raw, struct tsec_buf *out)
{
    const int half = (int)(raw.len / 2);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    unsigned char *der = NULL;

    FUZZ_ASSERT(sig != NULL
                && ECDSA_SIG_set0(sig, BN_bin2bn(raw.ptr, half, NULL),
                                  BN_bin2bn(raw.ptr + half, half, NULL))
                       == 1);

    const int len = i2d_ECDSA_SIG(sig, &der);

    FUZZ_ASSERT(len > 0);
    tsec_buf_put(out, der, (size_t)len);
    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
}

static void
ecdsa_is_openssl_s(size_t i, const struct tsec_signing *how, struct tsec_span message,
                   struct tsec_span sig, bool accepted)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(4 * HALF_MAX);
    struct tsec_signing loose = *how;
    uint8_t digest[TSEC_SHA512_LEN];
    struct tsec_span hashed = { digest, tsec_hash_len(how->hash) };

    tsec_hash_parts(how->hash, &message, 1, digest);
    if (how->form == TSEC_FORM_DER) {
        tsec_buf_reserve(&der, sig.len);
        tsec_buf_put_span(&der, sig);
    } else if (sig.len > 0 && sig.len % 2 == 0 && sig.len <= (size_t)2 * HALF_MAX) {
        to_der(sig, &der);
    }
    loose.low_s = false;

    const bool loosely = !tsec_failed(tsec_pair_verify(pairs[i], &loose, message, sig, NULL));

    FUZZ_ASSERT(loosely || !accepted);
    if (how->form == TSEC_FORM_DER) {
        FUZZ_ASSERT(loosely == openssl_verifies(i, hashed, sig));
    } else {
        FUZZ_ASSERT(!loosely || openssl_verifies(i, hashed, tsec_buf_span(&der)));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD) {
        return 0;
    }
    make_keys();

    const struct tsec_span message = tsec_span_str("message");
    const struct tsec_span sig = tsec_span(data + HEAD, size - HEAD);
    const size_t i = data[0] % PAIR_KEYS;
    const struct tsec_signing how = {
        .hash = (enum tsec_hash)(data[1] % TSEC_HASHES),
        .form = (data[2] & RAW) != 0 ? TSEC_FORM_RAW : TSEC_FORM_DER,
        .low_s = (data[2] & LOW_S) != 0,
        .prehashed = (data[2] & PREHASHED) != 0,
        .scheme = (data[2] & PKCS1) != 0 ? TSEC_SCHEME_PKCS1 : TSEC_SCHEME_PSS,
        .salt_len = (int8_t)data[3],
    };
    const int code = tsec_pair_verify(pairs[i], &how, message, sig, NULL).code;

    FUZZ_ASSERT(code == TSEC_OK_CODE || code == TSEC_E_DENIED || code == TSEC_E_INVALID);
    if (tsec_pair_kind_is_ecdsa(pair_keys[i].kind) && tsec_hash_is(how.hash) && !how.prehashed) {
        ecdsa_is_openssl_s(i, &how, message, sig, code == TSEC_OK_CODE);
    }
    return 0;
}
