/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair.h"

#include "tests/crypto/tool.h"
#include "tests/test.h"

/* The openssl command reads our keys and signatures, and we read its. */

static const struct {
    enum tsec_pair_kind kind;
    const char *algorithm;
    const char *option; /* of its generator */
} kinds[] = {
    { TSEC_PAIR_ED25519, "ED25519", NULL },
    { TSEC_PAIR_P256, "EC", "ec_paramgen_curve:P-256" },
    { TSEC_PAIR_P384, "EC", "ec_paramgen_curve:P-384" },
    { TSEC_PAIR_P521, "EC", "ec_paramgen_curve:P-521" },
    { TSEC_PAIR_SECP256K1, "EC", "ec_paramgen_curve:secp256k1" },
    { TSEC_PAIR_RSA2048, "RSA", "rsa_keygen_bits:2048" },
};
enum { KINDS = TSEC_ARRAY_LEN(kinds) };

static const char message[] = "what is signed";
static const struct tsec_signing how = { .hash = TSEC_SHA256, .scheme = TSEC_SCHEME_PKCS1 };

struct files {
    struct tool_dir dir;
    char key[128];
    char pem[128];
    char spki[128];
    char text[128];
    char sig[128];
};

static void
files_make(struct files *f)
{
    tool_dir_make(&f->dir);
    tool_path(&f->dir, "key", f->key);
    tool_path(&f->dir, "pem", f->pem);
    tool_path(&f->dir, "spki", f->spki);
    tool_path(&f->dir, "text", f->text);
    tool_path(&f->dir, "sig", f->sig);
    tool_write(f->text, tsec_span_str(message));
}

/* As PKCS #8: `genpkey` itself writes other forms in DER. */
static void
tool_makes(const struct files *f, const char *algorithm, const char *option, const char *crypt)
{
    const char *const generate[] = { "openssl",
                                     "genpkey",
                                     "-out",
                                     f->pem,
                                     "-algorithm",
                                     algorithm,
                                     option == NULL ? NULL : "-pkeyopt",
                                     option,
                                     NULL };
    const char *const convert[] = { "openssl",
                                    "pkcs8",
                                    "-topk8",
                                    "-in",
                                    f->pem,
                                    "-outform",
                                    "DER",
                                    "-out",
                                    f->key,
                                    crypt,
                                    strcmp(crypt, "-passout") == 0 ? "pass:word" : NULL,
                                    NULL };

    CU_ASSERT_EQUAL_FATAL(tool_run(generate), 0);
    CU_ASSERT_EQUAL_FATAL(tool_run(convert), 0);
}

static int
tool_checks(const struct files *f)
{
    const char *const argv[] = { "openssl", "pkey",   "-inform", "DER", "-in",
                                 f->key,    "-check", "-noout",  NULL };

    return tool_run(argv);
}

static int
tool_verifies(const struct files *f, bool hashed)
{
    const char *const argv[] = {
        "openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER",  "-inkey",
        f->spki,   "-rawin",  "-in",     f->text,  "-sigfile", f->sig, hashed ? "-digest" : NULL,
        "sha256",  NULL
    };

    return tool_run(argv);
}

static int
tool_signs(const struct files *f, bool hashed)
{
    const char *const argv[] = { "openssl",
                                 "pkeyutl",
                                 "-sign",
                                 "-keyform",
                                 "DER",
                                 "-inkey",
                                 f->key,
                                 "-rawin",
                                 "-in",
                                 f->text,
                                 "-out",
                                 f->sig,
                                 hashed ? "-digest" : NULL,
                                 "sha256",
                                 NULL };

    return tool_run(argv);
}

static void
the_tool_reads_our_keys_and_verifies_our_signatures(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        const bool hashed = kinds[i].kind != TSEC_PAIR_ED25519;
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
        TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        struct files f;

        files_make(&f);
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kinds[i].kind, &pair, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_pkcs8(pair, &key, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(pair, &spki, NULL)));
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_pair_sign(pair, &how, tsec_span_str(message), &sig, NULL, NULL)));
        tool_write(f.key, tsec_buf_span(&key));
        tool_write(f.spki, tsec_buf_span(&spki));
        tool_write(f.sig, tsec_buf_span(&sig));
        CU_ASSERT_EQUAL(tool_checks(&f), 0);
        CU_ASSERT_EQUAL(tool_verifies(&f, hashed), 0);
        tool_write(f.text, tsec_span_str("something else"));
        CU_ASSERT_EQUAL(tool_verifies(&f, hashed), 1);
        /* and the form of old tools */
        tsec_buf_reset(&key);
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_traditional(pair, &key, NULL)));
        tool_write(f.key, tsec_buf_span(&key));
        CU_ASSERT_EQUAL(tool_checks(&f), hashed ? 0 : 1);
        tool_dir_remove(&f.dir);
    }
}

static void
we_read_the_tools_keys_and_verify_its_signatures(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        const bool hashed = kinds[i].kind != TSEC_PAIR_ED25519;
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *public = NULL;
        TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        struct files f;

        files_make(&f);

        const char *const publish[] = { "openssl", "pkey",     "-inform", "DER",  "-in",  f.key,
                                        "-pubout", "-outform", "DER",     "-out", f.spki, NULL };

        tool_makes(&f, kinds[i].algorithm, kinds[i].option, "-nocrypt");
        CU_ASSERT_EQUAL_FATAL(tool_run(publish), 0);
        CU_ASSERT_EQUAL_FATAL(tool_signs(&f, hashed), 0);
        tool_read(f.key, &key);
        tool_read(f.spki, &spki);
        tool_read(f.sig, &sig);
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_pair_import(kinds[i].kind, tsec_buf_span(&key), &pair, NULL)));
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_pair_from_spki(kinds[i].kind, tsec_buf_span(&spki), &public, NULL)));
        CU_ASSERT_FALSE(tsec_failed(
            tsec_pair_verify(public, &how, tsec_span_str(message), tsec_buf_span(&sig), NULL)));
        /* What we write of its key is what it wrote. */
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_pkcs8(pair, &again, NULL)));
        CU_ASSERT_TRUE(tsec_ct_equal(tsec_buf_span(&key), tsec_buf_span(&again)));
        tsec_buf_reset(&again);
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_spki(pair, &again, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&spki), tsec_buf_span(&again)));
        tool_dir_remove(&f.dir);
    }
}

static void
a_key_that_the_tool_encrypted_is_refused(void)
{
    struct files f;
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    struct tsec_err err = { .code = 0 };

    files_make(&f);

    tool_makes(&f, "ED25519", NULL, "-passout");
    tool_read(f.key, &key);
    CU_ASSERT_EQUAL(tsec_pair_import(TSEC_PAIR_ED25519, tsec_buf_span(&key), &pair, &err).code,
                    TSEC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "encrypted"));
    tool_dir_remove(&f.dir);
}

static const struct test_case cases[] = {
    { "the tool reads our keys and verifies our signatures",
      the_tool_reads_our_keys_and_verifies_our_signatures },
    { "we read the tool's keys and verify its signatures",
      we_read_the_tools_keys_and_verify_its_signatures },
    { "a key that the tool encrypted is refused", a_key_that_the_tool_encrypted_is_refused },
};

TEST_MAIN("crypto/pair_tool", cases)
