/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cms_internal.h"

#include "tests/crypto/vector.h"

/* SP 800-38A section F.2.5, and the padding block that follows. */
static void
blocks_are_chained_as_published(void)
{
    const struct vector key =
        vector("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
    const struct vector iv = vector("000102030405060708090a0b0c0d0e0f");
    const struct vector plain =
        vector("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(1024);

    CU_ASSERT_FALSE(
        tsec_failed(tsec_cms_cbc_encrypt(key.bytes, iv.bytes, vector_span(&plain), &out, NULL)));
    CU_ASSERT_EQUAL_FATAL(out.len, 48);
    CU_ASSERT_TRUE(vector_is(tsec_span(out.ptr, 32),
                             "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"));
    CU_ASSERT_FALSE(
        tsec_failed(tsec_cms_cbc_decrypt(key.bytes, iv.bytes, tsec_buf_span(&out), &back, NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&back), vector_span(&plain)));
}

static void
what_has_no_padding_is_refused(void)
{
    const struct vector key = vector_of(7, CMS_CEK_LEN);
    const struct vector iv = vector_of(9, CMS_BLOCK);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(1024);

    CU_ASSERT_FALSE(tsec_failed(
        tsec_cms_cbc_encrypt(key.bytes, iv.bytes, tsec_span_str("sixteen bytes at"), &out, NULL)));
    for (size_t len = 0; len < out.len; len++) {
        CU_ASSERT_EQUAL(
            tsec_cms_cbc_decrypt(key.bytes, iv.bytes, tsec_span(out.ptr, len), &back, NULL).code,
            TSEC_E_TAMPERED);
        CU_ASSERT_EQUAL(back.len, 0);
    }
}

static const struct test_case cases[] = {
    { "blocks are chained as published", blocks_are_chained_as_published },
    { "what has no padding is refused", what_has_no_padding_is_refused },
};

TEST_MAIN("crypto/cms_cbc", cases)
