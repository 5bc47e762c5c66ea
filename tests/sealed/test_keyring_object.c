/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pack.h"
#include "crypto/rand.h"
#include "tests/sealed/bench.h"

static const uint8_t root[32] = { 3 };

static tsec_rc
open_span(struct tsec_span blob, struct tsec_err *err)
{
    TSEC_AUTO(keyring_free) struct keyring *k = NULL;

    return keyring_open(blob, root, BENCH_ORIGIN, &k, err);
}

static void
what_was_sealed_opens_as_it_was(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    TSEC_AUTO(keyring_free) struct keyring *again = NULL;
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(1 << 20);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf spki_again = TSEC_BUF_INIT(1024);

    OK(keyring_dek_create(k, "kv1", 1, NULL));
    OK(keyring_dek_rotate(k, "kv1", 2, NULL));
    OK(keyring_seal(k, root, &blob, NULL));
    OK(keyring_open(tsec_buf_span(&blob), root, BENCH_ORIGIN, &again, NULL));
    CU_ASSERT_EQUAL(keyring_version(again), keyring_version(k));
    CU_ASSERT_EQUAL(keyring_generation(again), keyring_generation(k));
    CU_ASSERT_EQUAL(keyring_mek_version(again), 1);
    CU_ASSERT_EQUAL(keyring_mek_created(again), BENCH_NOW);
    CU_ASSERT_EQUAL_FATAL(keyring_dek_count(again), 3);
    for (size_t i = 0; i < 3; i++) {
        struct keyring_dek a;
        struct keyring_dek b;

        keyring_dek_at(k, i, &a);
        keyring_dek_at(again, i, &b);
        CU_ASSERT_EQUAL(a.kid, b.kid);
        CU_ASSERT_EQUAL(a.state, b.state);
        CU_ASSERT_EQUAL(a.created_ns, b.created_ns);
        CU_ASSERT_STRING_EQUAL(a.mount, b.mount);
    }
    OK(tsec_key_spki(keyring_identity_key(k), &spki, NULL));
    OK(tsec_key_spki(keyring_identity_key(again), &spki_again, NULL));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&spki), tsec_buf_span(&spki_again)));
}

static void
every_altered_byte_is_noticed(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(1 << 20);

    OK(keyring_seal(k, root, &blob, NULL));
    OK(open_span(tsec_buf_span(&blob), NULL));
    for (size_t i = 0; i < blob.len; i++) {
        blob.ptr[i] ^= 0x40;
        FAILS(open_span(tsec_buf_span(&blob), NULL), TSEC_E_TAMPERED);
        blob.ptr[i] ^= 0x40;
    }
    for (size_t len = 0; len < blob.len; len++) {
        FAILS(open_span(tsec_span(blob.ptr, len), NULL), TSEC_E_TAMPERED);
    }
    tsec_buf_put_byte(&blob, 0);
    FAILS(open_span(tsec_buf_span(&blob), NULL), TSEC_E_TAMPERED);
}

static void
another_root_key_or_origin_does_not_open_it(void)
{
    static const uint8_t other[32] = { 4 };
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    TSEC_AUTO(keyring_free) struct keyring *none = NULL;
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(1 << 20);

    OK(keyring_seal(k, root, &blob, NULL));
    FAILS(keyring_open(tsec_buf_span(&blob), other, BENCH_ORIGIN, &none, NULL), TSEC_E_TAMPERED);
    FAILS(keyring_open(tsec_buf_span(&blob), root, "test.example/ledger/2", &none, NULL),
          TSEC_E_TAMPERED);
    CU_ASSERT_PTR_NULL(none);
}

/* Opens the seal, lets the test alter what is inside, and seals it again: what a holder of the root
 * key could write by mistake. */
static tsec_rc
reopen_altered(const struct tsec_buf *blob, size_t at, uint8_t flip, size_t cut, size_t more)
{
    enum { HEADER = 4 + 4 + 8, BODY = HEADER + TSEC_XAES_NONCE_LEN };
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *rk = NULL;
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(1 << 20);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1 << 20);
    const size_t len = blob->len - BODY - TSEC_AEAD_TAG_LEN;

    tsec_buf_put(&aad, blob->ptr, HEADER);
    tsec_pack_str(&aad, BENCH_ORIGIN);
    OK(tsec_aead_key_new(TSEC_XAES_256_GCM, root, &rk, NULL));
    CU_ASSERT_PTR_NOT_NULL_FATAL(tsec_buf_extend(&plain, len));
    OK(tsec_aead_open(rk, blob->ptr + HEADER, tsec_buf_span(&aad),
                      tsec_span(blob->ptr + BODY, blob->len - BODY), plain.ptr, NULL));
    plain.ptr[at] ^= flip;
    tsec_buf_truncate(&plain, len - cut);
    CU_ASSERT_TRUE_FATAL(more == 0 || tsec_buf_extend(&plain, more) != NULL);
    tsec_buf_put(&out, blob->ptr, BODY);

    uint8_t *body = tsec_buf_extend(&out, plain.len + TSEC_AEAD_TAG_LEN);

    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    OK(tsec_aead_seal(rk, blob->ptr + HEADER, tsec_buf_span(&aad), tsec_buf_span(&plain), body,
                      NULL));
    return open_span(tsec_buf_span(&out), NULL);
}

static void
a_form_that_is_not_ours_is_refused_even_when_authentic(void)
{
    enum { AFTER_RAW = 1 + 4 + 240, DEKS = AFTER_RAW + 4 + 8 + 32, DEK = DEKS + 4 };
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(1 << 20);

    OK(keyring_seal(k, root, &blob, NULL));
    OK(reopen_altered(&blob, 0, 0, 0, 0));
    FAILS(reopen_altered(&blob, 0, 2, 0, 0), TSEC_E_TAMPERED);        /* the format */
    FAILS(reopen_altered(&blob, 4, 1, 0, 0), TSEC_E_TAMPERED);        /* the length of the keys */
    FAILS(reopen_altered(&blob, DEKS, 1, 0, 0), TSEC_E_TAMPERED);     /* too many data keys */
    FAILS(reopen_altered(&blob, DEKS + 3, 3, 0, 0), TSEC_E_TAMPERED); /* more than there are */
    FAILS(reopen_altered(&blob, DEKS + 3, 1, 0, 0), TSEC_E_TAMPERED); /* fewer */
    FAILS(reopen_altered(&blob, DEK, 1, 0, 0), TSEC_E_TAMPERED);      /* another kid */
    FAILS(reopen_altered(&blob, DEK + 4, 4, 0, 0), TSEC_E_TAMPERED);  /* an unknown state */
    FAILS(reopen_altered(&blob, DEK + 16, 1, 0, 0), TSEC_E_TAMPERED); /* of another MEK */
    FAILS(reopen_altered(&blob, DEK + 21, 1, 0, 0), TSEC_E_TAMPERED); /* of another mount */
    FAILS(reopen_altered(&blob, DEK + 23, 's', 0, 0), TSEC_E_TAMPERED);
    FAILS(reopen_altered(&blob, DEK + 24, 1, 0, 0), TSEC_E_TAMPERED); /* the wrapped key */
    FAILS(reopen_altered(&blob, 0, 0, 1, 0), TSEC_E_TAMPERED);
    FAILS(reopen_altered(&blob, 0, 0, 0, 1), TSEC_E_TAMPERED);
}

static const struct test_case cases[] = {
    { "what was sealed opens as it was", what_was_sealed_opens_as_it_was },
    { "every altered byte is noticed", every_altered_byte_is_noticed },
    { "another root key or origin does not open it", another_root_key_or_origin_does_not_open_it },
    { "a form that is not ours is refused even when authentic",
      a_form_that_is_not_ours_is_refused_even_when_authentic },
};

TEST_MAIN("sealed/keyring_object", cases)
