/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "attest/operators.h"
#include "base/base64.h"
#include "codec/pem.h"
#include "conf/check.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "tests/conf/sample.h"

static char spki64[512];
static char pem[1024];
static char file[64];

/* A key of that kind: as base64, and as a PEM file. */
static void
make_key(enum tsec_key_kind kind, const char *label)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(1024);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(kind, &key, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_spki(key, &spki, NULL)));
    tsec_base64_encode(TSEC_BASE64_STD, tsec_buf_span(&spki), spki64);
    tsec_pem_append(&text, label, tsec_buf_span(&spki));
    (void)snprintf(pem, sizeof(pem), "%.*s", (int)text.len, (const char *)text.ptr);
    (void)snprintf(file, sizeof(file), "/tmp/tee-secrets-key-XXXXXX");

    const int fd = mkstemp(file);

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(write(fd, pem, strlen(pem)), (ssize_t)strlen(pem));
    (void)close(fd);
}

static tsec_rc
parse(const char *keys, char text[2048], struct tsec_conf **conf, struct tsec_err *err)
{
    (void)snprintf(text, 2048,
                   "backend:\n  type: tee\n  tee:\n    provider: aws_nitro\n"
                   "    storage: {database_uri: \"sqlite:x\"}\n"
                   "auth: {operator_keys: [%s]}\n",
                   keys);
    *conf = NULL;
    return sample_parse(text, conf, err);
}

static void
keys_come_as_text_or_in_a_file_that_the_digest_has(void)
{
    static const enum tsec_key_kind kinds[] = { TSEC_KEY_ED25519, TSEC_KEY_P256, TSEC_KEY_P384 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
        uint8_t file_digest[TSEC_SHA384_LEN];
        uint8_t expected[TSEC_SHA384_LEN];
        struct tsec_err err = { 0 };
        char keys[1024];
        char text[2048];

        make_key(kinds[i], "PUBLIC KEY");
        (void)snprintf(keys, sizeof(keys), "\"%s\", \"%s\"", spki64, file);
        CU_ASSERT_EQUAL_FATAL(parse(keys, text, &conf, &err).code, 0);
        CU_ASSERT_EQUAL_FATAL(conf->operators.len, 2);
        CU_ASSERT_STRING_EQUAL(conf->operators.items[0].value, spki64);
        CU_ASSERT_STRING_EQUAL(conf->operators.items[1].value, spki64);
        CU_ASSERT_STRING_EQUAL(conf->operators.items[1].key, file);
        tsec_sha384(tsec_span_str(pem), file_digest);

        const struct tsec_span parts[] = { tsec_span_str(text),
                                           tsec_span(file_digest, sizeof(file_digest)) };

        tsec_hash_parts(TSEC_SHA384, parts, 2, expected);
        CU_ASSERT_EQUAL(memcmp(conf->digest, expected, sizeof(expected)), 0);
        (void)unlink(file);
    }
}

static void
what_is_no_such_key_is_refused_by_name(void)
{
    static const char *const bad[] = {
        "\"/nowhere/operator.pem\"", "\"MAAA\"", "\"not a key\"", "\"\"", "\"/dev/null\"",
    };
    struct tsec_conf *conf = NULL;
    char keys[128];
    char text[2048];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(parse(bad[i], text, &conf, &err).code, TSEC_E_CONFIG);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "auth.operator_keys"));
    }
    make_key(TSEC_KEY_X25519, "PUBLIC KEY");
    (void)snprintf(keys, sizeof(keys), "\"%s\"", file);
    CU_ASSERT_EQUAL(parse(keys, text, &conf, NULL).code, TSEC_E_CONFIG);
    (void)unlink(file);
    make_key(TSEC_KEY_P384, "PRIVATE KEY");
    (void)snprintf(keys, sizeof(keys), "\"%s\"", file);
    CU_ASSERT_EQUAL(parse(keys, text, &conf, NULL).code, TSEC_E_CONFIG);
    (void)unlink(file);
}

static const struct test_case cases[] = {
    { "keys come as text or in a file that the digest has",
      keys_come_as_text_or_in_a_file_that_the_digest_has },
    { "what is no such key is refused by name", what_is_no_such_key_is_refused_by_name },
};

TEST_MAIN("conf/check_operators", cases)
