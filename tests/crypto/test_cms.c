/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cms.h"

#include "tests/crypto/jwe_samples.h"
#include "tests/crypto/tool.h"
#include "tests/crypto/vector.h"

enum { OUT_MAX = 4 * 1024 * 1024 };

static const size_t sizes[] = { 0, 1, 15, 16, 17, 127, 4096, 70000, 300000 };

static void
fill(struct tsec_buf *plain, size_t len)
{
    uint8_t *bytes = tsec_buf_extend(plain, len);

    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
}

static struct tsec_recipient *
recipient(void)
{
    struct tsec_recipient *r = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_recipient_from_pem(tsec_span_str(rsa_pem), &r, NULL)));
    return r;
}

static void
encrypt(struct tsec_span plain, struct tsec_buf *out)
{
    const struct vector spki = vector(rsa_spki);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_cms_encrypt(vector_span(&spki), plain, out, NULL)));
}

static void
what_is_written_its_recipient_reads(void)
{
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient();

    for (size_t i = 0; i < TSEC_ARRAY_LEN(sizes); i++) {
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);
        TSEC_AUTO_BUF struct tsec_buf cms = TSEC_BUF_INIT(OUT_MAX);
        TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(OUT_MAX);

        fill(&plain, sizes[i]);
        encrypt(tsec_buf_span(&plain), &cms);
        tsec_buf_put_str(&back, "kept");
        CU_ASSERT_FALSE(tsec_failed(tsec_cms_decrypt(r, tsec_buf_span(&cms), &back, NULL)));
        CU_ASSERT_EQUAL(back.len, 4 + sizes[i]);
        CU_ASSERT_TRUE(
            tsec_span_equal(tsec_span(back.ptr + 4, back.len - 4), tsec_buf_span(&plain)));
    }
}

/* And all of it: what is behind the message would fail it. */
static void
openssl_reads_it_too(void)
{
    struct tool_dir dir;
    char key[128];
    char in[128];
    char out[128];

    tool_dir_make(&dir);
    tool_path(&dir, "key", key);
    tool_path(&dir, "cms", in);
    tool_path(&dir, "plain", out);
    tool_write(key, tsec_span_str(rsa_pem));
    for (size_t i = 1; i < TSEC_ARRAY_LEN(sizes); i++) {
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);
        TSEC_AUTO_BUF struct tsec_buf cms = TSEC_BUF_INIT(OUT_MAX);
        TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(OUT_MAX);
        const char *const argv[] = { "openssl", "cms",    "-decrypt", "-inform", "DER",
                                     "-binary", "-inkey", key,        "-in",     in,
                                     "-out",    out,      NULL };
        int status;

        fill(&plain, sizes[i]);
        encrypt(tsec_buf_span(&plain), &cms);
        tool_write(in, tsec_buf_span(&cms));
        status = tool_run(argv);
        if (status == TOOL_MISSING) {
            break;
        }
        CU_ASSERT_EQUAL(status, 0);
        tool_read(out, &back);
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&back), tsec_buf_span(&plain)));
    }
    tool_dir_remove(&dir);
}

/* The profile, byte by byte up to the encrypted key: what AWS's own parsers expect to find. */
static void
it_begins_as_the_profile_says(void)
{
    TSEC_AUTO_BUF struct tsec_buf cms = TSEC_BUF_INIT(OUT_MAX);
    const struct vector spki = vector(rsa_spki);
    const struct vector head = vector("308201d306092a864886f70d010703a08201c4308201c0020102"
                                      "3182016b308201670201028020");
    const struct vector oaep =
        vector("303c06092a864886f70d010107302fa00f300d06096086480165030402010500"
               "a11c301a06092a864886f70d010108300d06096086480165030402010500"
               "04820100");
    const struct vector cipher = vector("304c06092a864886f70d010701301d060960864801650304012a0410");
    uint8_t ski[TSEC_SHA256_LEN];

    encrypt(tsec_span_str("sixteen bytes at"), &cms);
    CU_ASSERT_EQUAL_FATAL(cms.len, 4 + 0x1d3);
    CU_ASSERT_TRUE(tsec_span_starts(tsec_buf_span(&cms), vector_span(&head)));
    tsec_sha256(vector_span(&spki), ski);
    CU_ASSERT_EQUAL(memcmp(cms.ptr + head.len, ski, sizeof(ski)), 0);
    CU_ASSERT_EQUAL(memcmp(cms.ptr + head.len + 32, oaep.bytes, oaep.len), 0);
    CU_ASSERT_EQUAL(memcmp(cms.ptr + head.len + 32 + oaep.len + 256, cipher.bytes, cipher.len), 0);
    CU_ASSERT_EQUAL(cms.ptr[cms.len - 34], 0x80);
    CU_ASSERT_EQUAL(cms.ptr[cms.len - 33], 32);
}

static void
only_rsa_keys_are_written_to(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(OUT_MAX);
    static const char *const others[] = { p256_spki, p384_spki, "00" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(others); i++) {
        const struct vector spki = vector(others[i]);

        CU_ASSERT_EQUAL(tsec_cms_encrypt(vector_span(&spki), tsec_span_str("x"), &out, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_EQUAL(out.len, 0);
    }
}

static void
a_buffer_that_is_full_keeps_nothing_of_it(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(300);
    const struct vector spki = vector(rsa_spki);

    tsec_buf_put_str(&out, "kept");
    CU_ASSERT_EQUAL(tsec_cms_encrypt(vector_span(&spki), tsec_span_str("x"), &out, NULL).code,
                    TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(out.len, 4);
}

static const struct test_case cases[] = {
    { "what is written its recipient reads", what_is_written_its_recipient_reads },
    { "openssl reads it too", openssl_reads_it_too },
    { "it begins as the profile says", it_begins_as_the_profile_says },
    { "only RSA keys are written to", only_rsa_keys_are_written_to },
    { "a buffer that is full keeps nothing of it", a_buffer_that_is_full_keeps_nothing_of_it },
};

TEST_MAIN("crypto/cms", cases)
