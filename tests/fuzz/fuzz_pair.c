/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that somebody sends.  The first byte says of which kind, and whether it is a private key
 * (PKCS #8) or a public one (SubjectPublicKeyInfo).  What is taken is written in one form only,
 * which is taken again and which OpenSSL reads as the same key; it signs what its public part
 * verifies.  A public key does nothing private. */
#include <openssl/err.h>
#include <openssl/x509.h>

#include "crypto/pair.h"
#include "tests/fuzz/fuzz.h"

enum { KINDS = 8, PUBLIC = 0x10 };

static const struct tsec_signing how = { .hash = TSEC_SHA256 };

static void
openssl_reads_the_same(struct tsec_span pkcs8, struct tsec_span spki)
{
    const unsigned char *at = pkcs8.ptr;
    unsigned char *der = NULL;
    EVP_PKEY *theirs = d2i_AutoPrivateKey(NULL, &at, (long)pkcs8.len);

    FUZZ_ASSERT(theirs != NULL && at == pkcs8.ptr + pkcs8.len);

    const int len = i2d_PUBKEY(theirs, &der);

    FUZZ_ASSERT(len > 0 && tsec_span_equal(tsec_span(der, (size_t)len), spki));
    OPENSSL_free(der);
    EVP_PKEY_free(theirs);
    ERR_clear_error();
}

static void
public_part_verifies(const struct tsec_pair *pair, struct tsec_span spki)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *theirs = NULL;
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    const struct tsec_span message = tsec_span_str("message");

    FUZZ_ASSERT(!tsec_failed(tsec_pair_from_spki(tsec_pair_kind_of(pair), spki, &theirs, NULL)));
    FUZZ_ASSERT(!tsec_failed(tsec_pair_sign(pair, &how, message, &sig, NULL, NULL)));
    FUZZ_ASSERT(!tsec_failed(tsec_pair_verify(theirs, &how, message, tsec_buf_span(&sig), NULL)));
    sig.ptr[sig.len - 1] ^= 1;
    FUZZ_ASSERT(tsec_failed(tsec_pair_verify(theirs, &how, message, tsec_buf_span(&sig), NULL)));
}

static void
comes_again(const struct tsec_pair *pair)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *again = NULL;
    TSEC_AUTO_BUF struct tsec_buf first = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf second = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf old = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

    FUZZ_ASSERT(tsec_pair_is_private(pair));
    FUZZ_ASSERT(!tsec_failed(tsec_pair_pkcs8(pair, &first, NULL)));
    FUZZ_ASSERT(!tsec_failed(tsec_pair_traditional(pair, &old, NULL)) && old.len > 0);
    FUZZ_ASSERT(!tsec_failed(tsec_pair_spki(pair, &spki, NULL)));
    FUZZ_ASSERT(
        !tsec_failed(tsec_pair_open(tsec_pair_kind_of(pair), tsec_buf_span(&first), &again, NULL)));
    FUZZ_ASSERT(!tsec_failed(tsec_pair_pkcs8(again, &second, NULL)));
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&first), tsec_buf_span(&second)));
    openssl_reads_the_same(tsec_buf_span(&first), tsec_buf_span(&spki));
    public_part_verifies(again, tsec_buf_span(&spki));
}

static void
private_key(enum tsec_pair_kind kind, struct tsec_span der)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *opened = NULL;
    const int code = tsec_pair_import(kind, der, &pair, NULL).code;

    FUZZ_ASSERT(code == TSEC_E_INVALID ? pair == NULL : code == TSEC_OK_CODE);
    if (code == TSEC_OK_CODE) {
        comes_again(pair);
    }
    /* what was checked opens without checks */
    FUZZ_ASSERT(!tsec_failed(tsec_pair_open(kind, der, &opened, NULL)) || code != TSEC_OK_CODE);
}

static void
public_key(enum tsec_pair_kind kind, struct tsec_span der)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    const int code = tsec_pair_from_spki(kind, der, &pair, NULL).code;
    const unsigned char *at = der.ptr;

    FUZZ_ASSERT(code == TSEC_E_INVALID ? pair == NULL : code == TSEC_OK_CODE);
    if (code != TSEC_OK_CODE) {
        return;
    }
    FUZZ_ASSERT(!tsec_pair_is_private(pair));
    FUZZ_ASSERT(tsec_failed(tsec_pair_pkcs8(pair, &out, NULL)));
    FUZZ_ASSERT(tsec_failed(tsec_pair_traditional(pair, &out, NULL)));
    FUZZ_ASSERT(tsec_failed(tsec_pair_sign(pair, &how, tsec_span_str("m"), &out, NULL, NULL)));
    FUZZ_ASSERT(out.len == 0);
    FUZZ_ASSERT(!tsec_failed(tsec_pair_spki(pair, &out, NULL)));
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&out), der));

    EVP_PKEY *theirs = d2i_PUBKEY(NULL, &at, (long)der.len);

    FUZZ_ASSERT(theirs != NULL);
    EVP_PKEY_free(theirs);
    ERR_clear_error();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }

    const enum tsec_pair_kind kind = (enum tsec_pair_kind)(TSEC_PAIR_ED25519 + data[0] % KINDS);
    const struct tsec_span der = tsec_span(data + 1, size - 1);

    if ((data[0] & PUBLIC) != 0) {
        public_key(kind, der);
    } else {
        private_key(kind, der);
    }
    return 0;
}
