/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/boot_internal.h"

#include <stdio.h>

#include "appraisal/ra_tls.h"
#include "codec/pem.h"
#include "crypto/sign.h"
#include "crypto/x509.h"
#include "tests/conf/sample.h"
#include "tests/double/temp_dir.h"

static struct tsec_conf *conf;
static struct boot boot;

/* `tls`: what stands under server. */
static tsec_rc
up(const char *tls, struct tsec_err *err)
{
    char text[4096];

    (void)snprintf(text, sizeof(text),
                   "backend:\n  type: tee\n  tee:\n    provider: simulated\n"
                   "    attestation: {allow_simulated: true}\n"
                   "    storage: {database_uri: \"sqlite:x\"}\n"
                   "server: {listen: [\"tcp://127.0.0.1:8300\"]%s}\n"
                   "plugins: {dir: \"%s\"}\nstate_dir: \"%s\"\n",
                   tls, PLUGIN_DIR, temp_dir());
    CU_ASSERT_FALSE_FATAL(tsec_failed(sample_parse(text, &conf, NULL)));
    boot = (struct boot){ .conf = conf };
    tsec_buf_init(&boot.cert, BOOT_PEM_MAX);
    tsec_buf_init(&boot.key, BOOT_PEM_MAX);
    tsec_buf_init(&boot.tls_spki, BOOT_PEM_MAX);
    CU_ASSERT_FALSE_FATAL(tsec_failed(boot_open_attest(&boot, NULL)));
    return boot_open_tls(&boot, err);
}

static void
down(void)
{
    tsec_buf_done(&boot.cert);
    tsec_buf_done(&boot.key);
    tsec_buf_done(&boot.tls_spki);
    boot_close_plugins(&boot);
    conf_free(conf);
}

static struct tsec_cert *
certificate(void)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(BOOT_PEM_MAX);
    struct tsec_span text = tsec_buf_span(&boot.cert);
    struct tsec_cert *cert = NULL;
    struct tsec_span label;
    bool found = false;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pem_next(&text, &label, &der, &found, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_cert_parse(tsec_buf_span(&der), &cert, NULL)));
    return cert;
}

static int
verify(const struct tsec_ra_tls *carried, struct tsec_span binding)
{
    static struct tsec_checks checks;
    static struct tsec_claims claims;
    const struct tsec_expectation expect = {
        .struct_size = sizeof(expect),
        .binding = binding,
        .allow_tcb = TSEC_TCB_ANY,
        .skew_s = 300,
        .checks = &checks,
    };

    checks = (struct tsec_checks){ .struct_size = sizeof(checks) };
    claims = (struct tsec_claims){ .struct_size = sizeof(claims) };
    return boot.attest_plugin.plugin->attest
        ->verify(boot.attest, carried->format, carried->evidence, &expect,
                 tsec_clock_real_ns(&tsec_clock_system) / TSEC_NS_PER_S, &claims, NULL)
        .code;
}

static void
the_certificate_carries_genuine_evidence_about_its_key(void)
{
    struct tsec_ra_tls carried;
    uint8_t other[64];

    CU_ASSERT_EQUAL_FATAL(up("", NULL).code, 0);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = certificate();

    CU_ASSERT_TRUE(tsec_span_equal(tsec_cert_spki(cert), tsec_buf_span(&boot.tls_spki)));
    CU_ASSERT_EQUAL_FATAL(tsec_ra_tls_of(cert, &carried, NULL).code, 0);
    CU_ASSERT_STRING_EQUAL(carried.format, "sim-v1");
    CU_ASSERT_EQUAL(verify(&carried, tsec_span(carried.binding, 64)), 0);
    memcpy(other, carried.binding, sizeof(other));
    other[0] ^= 1;
    CU_ASSERT_EQUAL(verify(&carried, tsec_span(other, 64)), TSEC_E_DENIED);
    CU_ASSERT_TRUE(boot.key.len > 0);
    down();
}

static void
every_start_has_a_key_of_its_own(void)
{
    TSEC_AUTO_BUF struct tsec_buf first = TSEC_BUF_INIT(BOOT_PEM_MAX);

    CU_ASSERT_EQUAL_FATAL(up("", NULL).code, 0);
    tsec_buf_put_span(&first, tsec_buf_span(&boot.tls_spki));
    down();
    CU_ASSERT_EQUAL_FATAL(up("", NULL).code, 0);
    CU_ASSERT_FALSE(tsec_span_equal(tsec_buf_span(&first), tsec_buf_span(&boot.tls_spki)));
    down();
}

static void
without_tls_there_is_no_key(void)
{
    CU_ASSERT_EQUAL_FATAL(up(", tls: {mode: off}", NULL).code, 0);
    CU_ASSERT_EQUAL(boot.tls_spki.len, 0);
    CU_ASSERT_EQUAL(boot.cert.len, 0);
    CU_ASSERT_EQUAL(boot.key.len, 0);
    down();
}

static void
write_text(const char *name, struct tsec_span text, char path[256])
{
    FILE *file;

    temp_path(name, path, 256);
    file = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(text.ptr, 1, text.len, file), text.len);
    (void)fclose(file);
}

static void
a_given_certificate_is_taken_with_its_key(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf cert = TSEC_BUF_INIT(BOOT_PEM_MAX);
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(BOOT_PEM_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(BOOT_PEM_MAX);
    char cert_path[256];
    char key_path[256];
    char tls[1024];

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P256, &key, NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_self_signed(key, "localhost", 1750000000, 30, &cert, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_pem(key, &pem, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_spki(key, &spki, NULL)));
    write_text("cert.pem", tsec_buf_span(&cert), cert_path);
    write_text("key.pem", tsec_buf_span(&pem), key_path);
    (void)snprintf(tls, sizeof(tls),
                   ", tls: {mode: given, certificate_file: \"%s\", key_file: \"%s\"}", cert_path,
                   key_path);
    CU_ASSERT_EQUAL_FATAL(up(tls, NULL).code, 0);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&boot.tls_spki), tsec_buf_span(&spki)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&boot.key), tsec_buf_span(&pem)));
    down();
    (void)snprintf(tls, sizeof(tls),
                   ", tls: {mode: given, certificate_file: \"%s\", key_file: \"%s\"}", key_path,
                   key_path);
    CU_ASSERT_EQUAL(up(tls, NULL).code, TSEC_E_CONFIG);
    down();
}

static const struct test_case cases[] = {
    { "the certificate carries genuine evidence about its key",
      the_certificate_carries_genuine_evidence_about_its_key },
    { "every start has a key of its own", every_start_has_a_key_of_its_own },
    { "without TLS there is no key", without_tls_there_is_no_key },
    { "a given certificate is taken with its key", a_given_certificate_is_taken_with_its_key },
};

TEST_MAIN("boot/boot_tls", cases)
