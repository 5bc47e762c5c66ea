/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwe.h"

#include "base/base64.h"
#include "tests/crypto/jwe_samples.h"
#include "tests/crypto/vector.h"
#include "tests/freed_library.h"

enum { OUT_MAX = 4 * 1024 * 1024 };

static const char *const pems[] = { p256_pem, p384_pem, rsa_pem };

static struct tsec_recipient *
recipient(const char *pem, struct tsec_buf *spki)
{
    struct tsec_recipient *r = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_recipient_from_pem(tsec_span_str(pem), &r, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_recipient_spki(r, spki, NULL)));
    return r;
}

static void
what_is_written_its_recipient_reads(void)
{
    static const size_t sizes[] = { 0, 1, 2, 3, 37, 1024 * 1024 };
    const struct vector some = vector_of(0x5a, 4096);

    for (size_t k = 0; k < TSEC_ARRAY_LEN(pems); k++) {
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);
        TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(pems[k], &spki);

        for (size_t s = 0; s < TSEC_ARRAY_LEN(sizes); s++) {
            TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);
            TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(OUT_MAX);
            TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(OUT_MAX);

            while (plain.len < sizes[s]) {
                const size_t left = sizes[s] - plain.len;

                tsec_buf_put(&plain, some.bytes, left < some.len ? left : some.len);
            }
            tsec_buf_put_str(&back, "kept");
            CU_ASSERT_FALSE_FATAL(
                tsec_failed(tsec_jwe_encrypt(tsec_buf_span(&spki), tsec_span(NULL, 0), NULL,
                                             tsec_buf_span(&plain), &token, NULL)));
            CU_ASSERT_FALSE_FATAL(
                tsec_failed(tsec_jwe_decrypt(r, tsec_buf_span(&token), &back, NULL)));
            CU_ASSERT_EQUAL(back.len, 4 + sizes[s]);
            CU_ASSERT_TRUE(
                tsec_span_equal(tsec_span(back.ptr + 4, back.len - 4), tsec_buf_span(&plain)));
        }
    }
}

static void
header_of(struct tsec_span token, struct tsec_buf *out)
{
    const uint8_t *dot = memchr(token.ptr, '.', token.len);

    CU_ASSERT_PTR_NOT_NULL_FATAL(dot);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_base64_decode(
        out, TSEC_BASE64_URL, tsec_span(token.ptr, (size_t)(dot - token.ptr)), NULL)));
    tsec_buf_put_byte(out, '\0');
}

static void
the_header_names_key_and_type_when_they_are_given(void)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(OUT_MAX);
    TSEC_AUTO_BUF struct tsec_buf header = TSEC_BUF_INIT(OUT_MAX);
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(rsa_pem, &spki);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_jwe_encrypt(tsec_buf_span(&spki), tsec_span_str("k\"1"),
                                                       "JWT", tsec_span_str("x"), &token, NULL)));
    header_of(tsec_buf_span(&token), &header);
    CU_ASSERT_STRING_EQUAL(
        (const char *)header.ptr,
        "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"k\\\"1\",\"typ\":\"JWT\"}");
    tsec_buf_reset(&token);
    tsec_buf_reset(&header);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_jwe_encrypt(tsec_buf_span(&spki), tsec_span(NULL, 0),
                                                       NULL, tsec_span_str("x"), &token, NULL)));
    header_of(tsec_buf_span(&token), &header);
    CU_ASSERT_STRING_EQUAL((const char *)header.ptr,
                           "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}");
}

static void
no_two_tokens_share_key_or_nonce(void)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(p384_pem, &spki);
    TSEC_AUTO_BUF struct tsec_buf a = TSEC_BUF_INIT(OUT_MAX);
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(OUT_MAX);

    CU_ASSERT_FALSE(tsec_failed(tsec_jwe_encrypt(tsec_buf_span(&spki), tsec_span(NULL, 0), NULL,
                                                 tsec_span_str("x"), &a, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_jwe_encrypt(tsec_buf_span(&spki), tsec_span(NULL, 0), NULL,
                                                 tsec_span_str("x"), &b, NULL)));
    CU_ASSERT_EQUAL(a.len, b.len);
    for (size_t i = 0, part = 0; i < a.len; i++) {
        part += a.ptr[i] == '.' ? 1 : 0;
        if (part > 0 && a.ptr[i] == '.' && i + 12 < a.len) { /* each part but the header differs */
            CU_ASSERT_TRUE(memcmp(a.ptr + i, b.ptr + i, 12) != 0 || part == 3);
        }
    }
}

static void
what_is_no_recipient_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(OUT_MAX);
    struct vector spki = vector(p384_spki);

    CU_ASSERT_FALSE(tsec_failed(tsec_jwe_recipient_check(vector_span(&spki), NULL)));
    CU_ASSERT_EQUAL(tsec_jwe_recipient_check(tsec_span(NULL, 0), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_jwe_recipient_check(tsec_span(spki.bytes, spki.len - 1), NULL).code,
                    TSEC_E_INVALID);
    spki.bytes[spki.len] = 0;
    CU_ASSERT_EQUAL(tsec_jwe_recipient_check(tsec_span(spki.bytes, spki.len + 1), NULL).code,
                    TSEC_E_INVALID);
    spki.bytes[spki.len - 1] ^= 1; /* not on the curve */
    CU_ASSERT_EQUAL(tsec_jwe_recipient_check(vector_span(&spki), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_jwe_encrypt(vector_span(&spki), tsec_span(NULL, 0), NULL,
                                     tsec_span_str("x"), &out, NULL)
                        .code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(out.len, 0);
}

static void
a_buffer_that_is_full_keeps_nothing_of_it(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(200);
    const struct vector spki = vector(rsa_spki);

    tsec_buf_put_str(&out, "kept");
    CU_ASSERT_EQUAL(tsec_jwe_encrypt(vector_span(&spki), tsec_span(NULL, 0), NULL,
                                     tsec_span_str("x"), &out, NULL)
                        .code,
                    TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(out.len, 4);
}

/* The plaintext is the caller's: nothing of it is left in what was given back. */
static void
the_plaintext_is_not_left_in_memory(void)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(p384_pem, &spki);
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(OUT_MAX);
    TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(OUT_MAX);
    static const char plain[] = "a secret of some length, that is found if it lies about";

    CU_ASSERT_TRUE_FATAL(freed_library_watches());
    freed_library_seek((const uint8_t *)plain, 32);
    CU_ASSERT_FALSE(tsec_failed(tsec_jwe_encrypt(tsec_buf_span(&spki), tsec_span(NULL, 0), NULL,
                                                 tsec_span_str(plain), &token, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_jwe_decrypt(r, tsec_buf_span(&token), &back, NULL)));
    CU_ASSERT_EQUAL(freed_library_leaks(), 0);
}

static void
one_agreed_key_encrypts_again_and_no_two_tokens_are_alike(void)
{
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *recipient = NULL;
    TSEC_AUTO(tsec_jwe_free) struct tsec_jwe *jwe = NULL;
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf one = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf two = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(4096);

    CU_ASSERT_EQUAL_FATAL(tsec_recipient_generate(TSEC_RECIPIENT_P384, &recipient, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_spki(recipient, &key, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(
        tsec_jwe_begin(tsec_buf_span(&key), tsec_span(NULL, 0), NULL, &jwe, NULL).code, 0);
    CU_ASSERT_EQUAL(tsec_jwe_finish(jwe, tsec_span_str("one"), &one, NULL).code, 0);
    CU_ASSERT_EQUAL(tsec_jwe_finish(jwe, tsec_span_str("one"), &two, NULL).code, 0);
    CU_ASSERT_FALSE(tsec_span_equal(tsec_buf_span(&one), tsec_buf_span(&two)));
    CU_ASSERT_EQUAL(tsec_jwe_decrypt(recipient, tsec_buf_span(&one), &plain, NULL).code, 0);
    CU_ASSERT_EQUAL(tsec_jwe_decrypt(recipient, tsec_buf_span(&two), &plain, NULL).code, 0);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&plain), "oneone"));
    CU_ASSERT_EQUAL(
        tsec_jwe_begin(tsec_span_str("no key"), tsec_span(NULL, 0), NULL, &jwe, NULL).code,
        TSEC_E_INVALID);
    tsec_jwe_free(NULL);
}

static const struct test_case cases[] = {
    { "one agreed key encrypts again and no two tokens are alike",
      one_agreed_key_encrypts_again_and_no_two_tokens_are_alike },
    { "what is written its recipient reads", what_is_written_its_recipient_reads },
    { "the header names key and type when they are given",
      the_header_names_key_and_type_when_they_are_given },
    { "no two tokens share key or nonce", no_two_tokens_share_key_or_nonce },
    { "what is no recipient is refused", what_is_no_recipient_is_refused },
    { "a buffer that is full keeps nothing of it", a_buffer_that_is_full_keeps_nothing_of_it },
    { "the plaintext is not left in memory", the_plaintext_is_not_left_in_memory },
};

TEST_MAIN("crypto/jwe", cases)
