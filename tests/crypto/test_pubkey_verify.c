/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "base/base64.h"
#include "crypto/pubkey.h"
#include "tests/crypto/vector.h"
#include "tests/mint/mint_cert.h"

static bool
holds(const struct tsec_pubkey *key, enum tsec_sigalg alg, struct tsec_span message,
      struct tsec_span sig)
{
    const tsec_rc rc = tsec_pubkey_verify(key, alg, message, sig, NULL);

    CU_ASSERT_TRUE(!tsec_failed(rc) || rc.code == TSEC_E_DENIED);
    return !tsec_failed(rc);
}

/* RFC 6979 appendices A.2.5 and A.2.6. */
static const struct published {
    enum tsec_pubkey_kind kind;
    enum tsec_sigalg alg;
    const char *point;
    const char *message;
    const char *sig;
} published[] = {
    { TSEC_PUBKEY_P256, TSEC_SIG_ES256,
      "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
      "sample",
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8" },
    { TSEC_PUBKEY_P256, TSEC_SIG_ES256,
      "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
      "test",
      "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
      "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083" },
    { TSEC_PUBKEY_P384, TSEC_SIG_ES384,
      "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
      "def8f0ea9055866064a254515480bc138015d9b72d7d57244ea8ef9ac0c62189"
      "6708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
      "sample",
      "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
      "81a648152e44acf96e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f"
      "130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8" },
    { TSEC_PUBKEY_P384, TSEC_SIG_ES384,
      "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
      "def8f0ea9055866064a254515480bc138015d9b72d7d57244ea8ef9ac0c62189"
      "6708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
      "test",
      "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb"
      "0542a7f0812998da8f1dd3ca3cf023dbddd0760448d42d8a43af45af836fce4d"
      "e8be06b485e9b61b827c2f13173923e06a739f040649a667bf3b828246baa5a5" },
};

static struct tsec_pubkey *
published_key(const struct published *p)
{
    const struct vector point = vector(p->point);
    struct tsec_pubkey *key = NULL;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_pubkey_from_point(p->kind, vector_span(&point), &key, NULL)));
    return key;
}

static void
published_ecdsa_signatures(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(published); i++) {
        const struct published *p = &published[i];
        TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = published_key(p);
        const struct vector sig = vector(p->sig);

        CU_ASSERT_TRUE(holds(key, p->alg, tsec_span_str(p->message), vector_span(&sig)));
        CU_ASSERT_FALSE(holds(key, p->alg, tsec_span_str("samplE"), vector_span(&sig)));
        CU_ASSERT_FALSE(holds(key, p->alg, tsec_span_str(""), vector_span(&sig)));
    }
}

/* One bit of each byte, each length, each half: of a published signature nothing else holds. */
static void
nothing_near_a_published_ecdsa_signature_holds(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(published); i += 2) {
        const struct published *p = &published[i];
        TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = published_key(p);
        const struct tsec_span message = tsec_span_str(p->message);
        struct vector sig = vector(p->sig);

        for (size_t at = 0; at < sig.len; at += 5) {
            sig.bytes[at] ^= (uint8_t)(1U << at % 8);
            CU_ASSERT_FALSE(holds(key, p->alg, message, vector_span(&sig)));
            sig.bytes[at] ^= (uint8_t)(1U << at % 8);
        }
        for (size_t len = 0; len <= sig.len + 2; len++) {
            CU_ASSERT_EQUAL(holds(key, p->alg, message, tsec_span(sig.bytes, len)), len == sig.len);
        }
        memset(sig.bytes, 0, sig.len / 2); /* r = 0 */
        CU_ASSERT_FALSE(holds(key, p->alg, message, vector_span(&sig)));
        memset(sig.bytes, 0, sig.len); /* r = s = 0 */
        CU_ASSERT_FALSE(holds(key, p->alg, message, vector_span(&sig)));
        memset(sig.bytes, 0xff, sig.len); /* past the order */
        CU_ASSERT_FALSE(holds(key, p->alg, message, vector_span(&sig)));
    }
}

/* r + n is congruent to r and must be refused all the same; so must a small r or s that has it. */
static void
numbers_past_the_order_are_refused(void)
{
    const struct vector order =
        vector("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = published_key(&published[1]);
    struct vector sig = vector(published[1].sig);
    unsigned carry = 0;

    /* s of the second signature begins with 01: s + n fits in 32 bytes only when it wraps, so that
     * n itself and n + 1 are tried in its place. */
    memcpy(sig.bytes + 32, order.bytes, 32);
    CU_ASSERT_FALSE(holds(key, TSEC_SIG_ES256, tsec_span_str("test"), vector_span(&sig)));
    carry = 1;
    for (size_t i = sig.len; i > 32 && carry != 0; i--) {
        carry += sig.bytes[i - 1];
        sig.bytes[i - 1] = (uint8_t)carry;
        carry >>= 8;
    }
    CU_ASSERT_FALSE(holds(key, TSEC_SIG_ES256, tsec_span_str("test"), vector_span(&sig)));
}

static void
put_url(struct tsec_buf *out, const char *text)
{
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_base64_decode(out, TSEC_BASE64_URL, tsec_span_str(text), NULL)));
}

/* RFC 7515 appendix A.2. */
static const char jws_modulus[] =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
    "4qPCJrcS2mJPMEzP1Pt0Bm4d4Q"
    "lL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
    "bSf63kpaSHSXndS5z5rexMdbBY"
    "UsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
    "DWNm"
    "oudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
static const char jws_input[] =
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS"
    "9pc19yb290Ijp0cnVlfQ";
static const char jws_signature[] =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5juj"
    "Gbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
    "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe"
    "7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8"
    "np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

static struct tsec_pubkey *
jws_key(void)
{
    TSEC_AUTO_BUF struct tsec_buf n = TSEC_BUF_INIT(512);
    TSEC_AUTO_BUF struct tsec_buf e = TSEC_BUF_INIT(8);
    struct tsec_pubkey *key = NULL;

    put_url(&n, jws_modulus);
    put_url(&e, "AQAB");
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_pubkey_from_rsa(tsec_buf_span(&n), tsec_buf_span(&e), &key, NULL)));
    return key;
}

static void
a_published_rs256_signature(void)
{
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = jws_key();
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(512);
    const struct tsec_span message = tsec_span_str(jws_input);

    put_url(&sig, jws_signature);
    CU_ASSERT_TRUE(holds(key, TSEC_SIG_RS256, message, tsec_buf_span(&sig)));
    CU_ASSERT_FALSE(holds(key, TSEC_SIG_RS384, message, tsec_buf_span(&sig)));
    CU_ASSERT_FALSE(holds(key, TSEC_SIG_RS512, message, tsec_buf_span(&sig)));
    CU_ASSERT_FALSE(holds(key, TSEC_SIG_PS256, message, tsec_buf_span(&sig)));
    CU_ASSERT_FALSE(
        holds(key, TSEC_SIG_RS256, tsec_span(jws_input, message.len - 1), tsec_buf_span(&sig)));
    CU_ASSERT_FALSE(holds(key, TSEC_SIG_RS256, message, tsec_span(sig.ptr, sig.len - 1)));
    for (size_t at = 0; at < sig.len; at += 7) {
        sig.ptr[at] ^= 0x10;
        CU_ASSERT_FALSE(holds(key, TSEC_SIG_RS256, message, tsec_buf_span(&sig)));
        sig.ptr[at] ^= 0x10;
    }
    tsec_buf_put_byte(&sig, 0);
    CU_ASSERT_FALSE(holds(key, TSEC_SIG_RS256, message, tsec_buf_span(&sig)));
    memset(sig.ptr, 0, sig.len);
    CU_ASSERT_FALSE(holds(key, TSEC_SIG_RS256, message, tsec_span(sig.ptr, sig.len - 1)));
}

static const struct {
    enum tsec_sigalg alg;
    enum tsec_pubkey_kind kind;
} all[] = {
    { TSEC_SIG_ES256, TSEC_PUBKEY_P256 },     { TSEC_SIG_ES384, TSEC_PUBKEY_P384 },
    { TSEC_SIG_ES512, TSEC_PUBKEY_P521 },     { TSEC_SIG_ES256_DER, TSEC_PUBKEY_P256 },
    { TSEC_SIG_ES384_DER, TSEC_PUBKEY_P384 }, { TSEC_SIG_RS256, TSEC_PUBKEY_RSA },
    { TSEC_SIG_RS384, TSEC_PUBKEY_RSA },      { TSEC_SIG_RS512, TSEC_PUBKEY_RSA },
    { TSEC_SIG_PS256, TSEC_PUBKEY_RSA },      { TSEC_SIG_PS384, TSEC_PUBKEY_RSA },
    { TSEC_SIG_PS512, TSEC_PUBKEY_RSA },      { TSEC_SIG_EDDSA, TSEC_PUBKEY_ED25519 },
};

static struct tsec_pubkey *
public_of(const struct mint_key *minted)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(4096);
    struct tsec_pubkey *key = NULL;

    mint_key_spki(minted, &spki);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pubkey_from_spki(tsec_buf_span(&spki), &key, NULL)));
    return key;
}

/* Whoever verifies names the algorithm: a signature by another one never holds, whether its key is
 * of the same kind or not. */
static void
each_algorithm_takes_its_own_signatures_only(void)
{
    const struct tsec_span message = tsec_span_str("a message");

    for (size_t i = 0; i < TSEC_ARRAY_LEN(all); i++) {
        TSEC_AUTO(mint_key_free)
        struct mint_key *minted =
            all[i].kind == TSEC_PUBKEY_RSA ? mint_rsa(2048, 0) : mint_key(all[i].kind);
        TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = public_of(minted);
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(1024);

        mint_sign(minted, all[i].alg, message, &sig);
        for (size_t k = 0; k < TSEC_ARRAY_LEN(all); k++) {
            CU_ASSERT_EQUAL(holds(key, all[k].alg, message, tsec_buf_span(&sig)), i == k);
        }
        CU_ASSERT_FALSE(holds(key, (enum tsec_sigalg)0, message, tsec_buf_span(&sig)));
        CU_ASSERT_FALSE(holds(key, (enum tsec_sigalg)99, message, tsec_buf_span(&sig)));
    }
}

static void
another_key_of_the_kind_does_not_verify(void)
{
    const struct tsec_span message = tsec_span_str("a message");

    for (size_t i = 0; i < TSEC_ARRAY_LEN(all); i++) {
        const bool rsa = all[i].kind == TSEC_PUBKEY_RSA;
        TSEC_AUTO(mint_key_free)
        struct mint_key *one = rsa ? mint_rsa(2048, 0) : mint_key(all[i].kind);
        TSEC_AUTO(mint_key_free)
        struct mint_key *other = rsa ? mint_rsa(2048, 1) : mint_key(all[i].kind);
        TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = public_of(other);
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(1024);

        mint_sign(one, all[i].alg, message, &sig);
        CU_ASSERT_FALSE(holds(key, all[i].alg, message, tsec_buf_span(&sig)));
    }
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 50 };

struct shared {
    struct tsec_pubkey *ec;
    struct tsec_pubkey *rsa;
};

static void *
verify_often(void *arg)
{
    const struct shared *s = arg;
    const struct vector good = vector(published[0].sig);
    TSEC_AUTO_BUF struct tsec_buf jws = TSEC_BUF_INIT(512);
    uintptr_t wrong = 0;

    put_url(&jws, jws_signature);
    for (int i = 0; i < ROUNDS; i++) {
        const char *message = i % 2 == 0 ? "sample" : "other";
        const char *input = i % 2 == 0 ? jws_input : "other";

        wrong += holds(s->ec, TSEC_SIG_ES256, tsec_span_str(message), vector_span(&good))
                 != (i % 2 == 0);
        wrong += holds(s->rsa, i % 3 == 0 ? TSEC_SIG_RS256 : TSEC_SIG_PS256, tsec_span_str(input),
                       tsec_buf_span(&jws))
                 != (i % 6 == 0);
    }
    return (void *)wrong; /* NOLINT(performance-no-int-to-ptr) */
}

static void
threads_share_one_key(void)
{
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *ec = published_key(&published[0]);
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *rsa = jws_key();
    struct shared shared = { ec, rsa };
    pthread_t threads[THREADS];
    void *wrong = NULL;

    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, verify_often, &shared), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], &wrong), 0);
        CU_ASSERT_PTR_NULL(wrong);
    }
}

static const struct test_case cases[] = {
    { "published ECDSA signatures", published_ecdsa_signatures },
    { "nothing near a published ECDSA signature holds",
      nothing_near_a_published_ecdsa_signature_holds },
    { "numbers past the order are refused", numbers_past_the_order_are_refused },
    { "a published RS256 signature", a_published_rs256_signature },
    { "each algorithm takes its own signatures only",
      each_algorithm_takes_its_own_signatures_only },
    { "another key of the kind does not verify", another_key_of_the_kind_does_not_verify },
    { "threads share one key", threads_share_one_key },
};

TEST_MAIN("crypto/pubkey_verify", cases)
