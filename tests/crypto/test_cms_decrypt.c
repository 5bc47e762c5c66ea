/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cms.h"
#include "tests/crypto/jwe_samples.h"
#include "tests/crypto/tool.h"
#include "tests/crypto/vector.h"

enum { OUT_MAX = 1024 * 1024 };

static struct tsec_recipient *
recipient(const char *pem)
{
    struct tsec_recipient *r = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_recipient_from_pem(tsec_span_str(pem), &r, NULL)));
    return r;
}

static void
sample(const char *text, struct tsec_buf *out)
{
    const struct vector spki = vector(rsa_spki);

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_cms_encrypt(vector_span(&spki), tsec_span_str(text), out, NULL)));
}

struct files {
    struct tool_dir dir;
    char key[128];
    char cert[128];
    char plain[128];
    char cms[128];
};

static bool
files_make(struct files *f)
{
    tool_dir_make(&f->dir);
    tool_path(&f->dir, "key", f->key);
    tool_path(&f->dir, "cert", f->cert);
    tool_path(&f->dir, "plain", f->plain);
    tool_path(&f->dir, "cms", f->cms);
    tool_write(f->key, tsec_span_str(rsa_pem));

    const char *const argv[] = { "openssl", "req",   "-x509", "-new",  "-key", f->key,
                                 "-subj",   "/CN=x", "-out",  f->cert, NULL };

    return tool_run(argv) == 0;
}

static void
written_by_openssl(struct files *f, const char *how, struct tsec_span plain, struct tsec_buf *out)
{
    const char *const argv[] = {
        "openssl",  "cms",
        "-encrypt", "-binary",
        "-outform", "DER",
        "-aes256",  "-keyid",
        "-recip",   f->cert,
        "-keyopt",  "rsa_padding_mode:oaep",
        "-keyopt",  "rsa_oaep_md:sha256",
        "-keyopt",  "rsa_mgf1_md:sha256",
        "-in",      f->plain,
        "-out",     f->cms,
        how,        NULL,
    };

    tool_write(f->plain, plain);
    CU_ASSERT_EQUAL(tool_run(argv), 0);
    tsec_buf_reset(out);
    tool_read(f->cms, out);
}

/* With lengths that are open and content in pieces, as AWS sends it, and without. */
static void
what_openssl_wrote_is_read(void)
{
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(rsa_pem);
    static const size_t sizes[] = { 1, 32, 5000, 100000 };
    struct files f;

    if (files_make(&f)) {
        for (size_t i = 0; i < 2 * TSEC_ARRAY_LEN(sizes); i++) {
            TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);
            TSEC_AUTO_BUF struct tsec_buf cms = TSEC_BUF_INIT(OUT_MAX);
            TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(OUT_MAX);
            uint8_t *bytes = tsec_buf_extend(&plain, sizes[i / 2]);

            memset(bytes, 'x', plain.len);
            written_by_openssl(&f, i % 2 == 0 ? "-stream" : NULL, tsec_buf_span(&plain), &cms);
            CU_ASSERT_EQUAL(cms.ptr[1] == 0x80, i % 2 == 0);
            CU_ASSERT_FALSE(tsec_failed(tsec_cms_decrypt(r, tsec_buf_span(&cms), &back, NULL)));
            CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&back), tsec_buf_span(&plain)));
            CU_ASSERT_EQUAL(tsec_cms_decrypt(r, tsec_span(cms.ptr, cms.len - 1), &back, NULL).code,
                            TSEC_E_INVALID);
            tsec_buf_put_byte(&cms, 0);
            CU_ASSERT_EQUAL(tsec_cms_decrypt(r, tsec_buf_span(&cms), &back, NULL).code,
                            TSEC_E_INVALID);
        }
    }
    tool_dir_remove(&f.dir);
}

static void
it_opens_for_no_other_key(void)
{
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *other = NULL;
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *curve = recipient(p384_pem);
    TSEC_AUTO_BUF struct tsec_buf cms = TSEC_BUF_INIT(OUT_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);

    sample("secret", &cms);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_recipient_generate(TSEC_RECIPIENT_RSA, &other, NULL)));
    CU_ASSERT_EQUAL(tsec_cms_decrypt(other, tsec_buf_span(&cms), &plain, NULL).code, TSEC_E_DENIED);
    CU_ASSERT_EQUAL(tsec_cms_decrypt(curve, tsec_buf_span(&cms), &plain, NULL).code, TSEC_E_DENIED);
    CU_ASSERT_EQUAL(plain.len, 0);
}

/* CBC proves nothing about the content: a change there may come out as other bytes, and does not
 * come out as these.  Everything before it is fixed, or unlocks nothing. */
static void
no_byte_before_the_content_may_change(void)
{
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(rsa_pem);
    TSEC_AUTO_BUF struct tsec_buf cms = TSEC_BUF_INIT(OUT_MAX);
    const size_t content = 16;

    sample("secret", &cms);
    for (size_t at = 0; at < cms.len; at++) {
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);
        const bool is_ski = at >= 39 && at < 39 + 32;
        const bool is_content = at >= cms.len - content - 2 - 16;
        tsec_rc rc;

        cms.ptr[at] ^= 1;
        rc = tsec_cms_decrypt(r, tsec_buf_span(&cms), &plain, NULL);
        CU_ASSERT_TRUE(is_ski || is_content || rc.code == TSEC_E_DENIED
                       || rc.code == TSEC_E_INVALID);
        CU_ASSERT_TRUE(is_ski || !tsec_span_is(tsec_buf_span(&plain), "secret"));
        cms.ptr[at] ^= 1;
    }
}

static void
nothing_may_be_cut_off(void)
{
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(rsa_pem);
    TSEC_AUTO_BUF struct tsec_buf cms = TSEC_BUF_INIT(OUT_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);

    sample("secret", &cms);
    for (size_t len = 0; len < cms.len; len++) {
        CU_ASSERT_EQUAL(tsec_cms_decrypt(r, tsec_span(cms.ptr, len), &plain, NULL).code,
                        TSEC_E_INVALID);
    }
}

static void
what_is_no_such_message_is_refused(void)
{
    static const char *const wrong[] = {
        "00",
        "3000",
        "3080",
        "30800000",
        "3080ffff",
        "30ff",
        "3084ffffffff",
        "308006092a864886f70d0107030000",
        "308006092a864886f70d010703a0800000",
        "308006092a864886f70d010703a08030800201020000",
        "308006092a864886f70d010703a080308002010231000000",
        "308006092a864886f70d010703a08030800201023180000000000000",
        "308006092a864886f70d010701a0800000",
    };
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = recipient(rsa_pem);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(OUT_MAX);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(wrong); i++) {
        const struct vector v = vector(wrong[i]);

        CU_ASSERT_EQUAL(tsec_cms_decrypt(r, vector_span(&v), &plain, NULL).code, TSEC_E_INVALID);
    }
}

static const struct test_case cases[] = {
    { "what openssl wrote is read", what_openssl_wrote_is_read },
    { "it opens for no other key", it_opens_for_no_other_key },
    { "no byte before the content may change", no_byte_before_the_content_may_change },
    { "nothing may be cut off", nothing_may_be_cut_off },
    { "what is no such message is refused", what_is_no_such_message_is_refused },
};

TEST_MAIN("crypto/cms_decrypt", cases)
