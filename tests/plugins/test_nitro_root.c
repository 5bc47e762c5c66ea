/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-nitro/nitro_root.h"

#include "base/hex.h"
#include "crypto/crypto.h"
#include "tests/mint/mint_nitro.h"
#include "tests/test.h"

static struct tsec_buf root = TSEC_BUF_INIT(MINT_NITRO_MAX);
static struct tsec_buf other = TSEC_BUF_INIT(MINT_NITRO_MAX);
static uint8_t digest[TSEC_SHA256_LEN];

static void
make_roots(void)
{
    struct mint_nitro_spec spec;

    CU_ASSERT_EQUAL_FATAL(tsec_crypto_setup(NULL).code, 0);
    mint_nitro_genuine(&spec);
    tsec_buf_reset(&root);
    tsec_buf_reset(&other);
    mint_nitro_cert(&spec, 0, &root);
    mint_nitro_cert(&spec, 1, &other);
    tsec_sha256(tsec_buf_span(&root), digest);
}

static bool
finds(struct tsec_span item)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(MINT_NITRO_MAX);

    return nitro_root_find(item, digest, &der)
           && tsec_span_equal(tsec_buf_span(&der), tsec_buf_span(&root));
}

static void
the_pinned_digest_is_the_published_one(void)
{
    char text[2 * TSEC_SHA256_LEN + 1];

    tsec_hex_encode(tsec_span(nitro_root_pinned, TSEC_SHA256_LEN), text);
    CU_ASSERT_STRING_EQUAL(text,
                           "641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b");
}

static void
it_is_known_as_der(void)
{
    make_roots();
    CU_ASSERT_TRUE(finds(tsec_buf_span(&root)));
    CU_ASSERT_TRUE(nitro_root_is(tsec_buf_span(&root), digest));
    CU_ASSERT_FALSE(finds(tsec_buf_span(&other)));
    tsec_buf_put_byte(&root, 0);
    CU_ASSERT_FALSE(finds(tsec_buf_span(&root)));
}

static void
it_is_known_among_other_blocks_of_a_pem_file(void)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(MINT_NITRO_MAX);

    make_roots();
    tsec_buf_put_str(&pem, "roots of several vendors\n");
    mint_pem("CERTIFICATE", tsec_buf_span(&other), &pem);
    CU_ASSERT_FALSE(finds(tsec_buf_span(&pem)));
    mint_pem("X509 CRL", tsec_buf_span(&root), &pem);
    CU_ASSERT_FALSE(finds(tsec_buf_span(&pem)));
    mint_pem("CERTIFICATE", tsec_buf_span(&root), &pem);
    CU_ASSERT_TRUE(finds(tsec_buf_span(&pem)));
    CU_ASSERT_FALSE(finds(tsec_span(pem.ptr, pem.len - 20)));
}

static void
it_is_known_as_hex(void)
{
    TSEC_AUTO_BUF struct tsec_buf hex = TSEC_BUF_INIT(MINT_NITRO_MAX);

    make_roots();
    tsec_hex_append(&hex, tsec_buf_span(&root));
    CU_ASSERT_TRUE(finds(tsec_buf_span(&hex)));
    CU_ASSERT_FALSE(finds(tsec_span(hex.ptr, hex.len - 1)));
    CU_ASSERT_FALSE(finds(tsec_span(hex.ptr, hex.len - 2)));
    tsec_buf_put_str(&hex, "\r\n");
    CU_ASSERT_TRUE(finds(tsec_buf_span(&hex)));
    tsec_buf_put_str(&hex, "x");
    CU_ASSERT_FALSE(finds(tsec_buf_span(&hex)));
}

static void
anything_else_is_left_aside(void)
{
    static uint8_t large[1024 * 1024];

    make_roots();
    CU_ASSERT_FALSE(finds(tsec_span(NULL, 0)));
    CU_ASSERT_FALSE(finds(tsec_span_str("")));
    CU_ASSERT_FALSE(finds(tsec_span_str("\n\n")));
    CU_ASSERT_FALSE(finds(tsec_span_str("-----BEGIN CERTIFICATE-----\n")));
    CU_ASSERT_FALSE(finds(tsec_span_str("{\"tcbInfo\":{}}")));
    memset(large, '0', sizeof(large));
    CU_ASSERT_FALSE(finds(tsec_span(large, sizeof(large))));
    CU_ASSERT_FALSE(nitro_root_is(tsec_span(large, sizeof(large)), digest));
    tsec_buf_done(&root);
    tsec_buf_done(&other);
}

static const struct test_case cases[] = {
    { "the pinned digest is the published one", the_pinned_digest_is_the_published_one },
    { "it is known as DER", it_is_known_as_der },
    { "it is known among other blocks of a PEM file",
      it_is_known_among_other_blocks_of_a_pem_file },
    { "it is known as hex", it_is_known_as_hex },
    { "anything else is left aside", anything_else_is_left_aside },
};

TEST_MAIN("attest-nitro/nitro_root", cases)
