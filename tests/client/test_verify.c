/* SPDX-License-Identifier: Apache-2.0 */
#include "client/lib/tees.h"
#include "tests/client/tees_double.h"
#include "tests/test.h"

static enum tees_result
verify(const struct tees_options *options, struct tees_server *server, struct tees_error *error)
{
    struct tees *tees = NULL;
    enum tees_result result = tees_open(options, &tees, error);

    if (result == TEES_OK) {
        result = tees_verify(tees, server, error);
    }
    tees_close(tees);
    return result;
}

static void
a_server_that_proves_itself_is_told(void)
{
    struct tees_double *d = tees_double_new();
    struct tees_server server = { .struct_size = (uint32_t)sizeof(server) };
    struct tees_error error = { .result = TEES_OK };
    struct tees_options options;

    tees_double_options(d, false, &options);
    options.server_identity = d->identity;
    CU_ASSERT_EQUAL(verify(&options, &server, &error), TEES_OK);
    CU_ASSERT_STRING_EQUAL(error.message, "");
    CU_ASSERT_STRING_EQUAL(server.tee, "sim");
    CU_ASSERT_STRING_EQUAL(server.format, "sim-v1");
    CU_ASSERT_STRING_EQUAL(server.allowed_by, d->measurement);
    CU_ASSERT_STRING_EQUAL(server.identity_key, d->identity);
    CU_ASSERT_STRING_EQUAL(server.measurement, strchr(d->measurement, '=') + 1);
    CU_ASSERT_EQUAL(strncmp(server.config_digest, "746865", 6), 0);
    CU_ASSERT_TRUE(server.simulated == 1 && server.tls_bound == 0);
    tees_double_free(d);
}

static void
what_a_server_lies_about_is_found_out(void)
{
    static const struct {
        enum tees_lie lie;
        enum tees_result result;
        const char *reason;
    } lies[] = {
        { LIE_NONCE, TEES_UNTRUSTED, "binding" },    { LIE_CONFIG, TEES_UNTRUSTED, "binding" },
        { LIE_IDENTITY, TEES_UNTRUSTED, "binding" }, { LIE_VKEY, TEES_UNTRUSTED, "binding" },
        { LIE_TEXT, TEES_PROTOCOL, "protocol" },     { LIE_MISSING, TEES_PROTOCOL, "protocol" },
    };
    struct tees_double *d = tees_double_new();
    struct tees_options options;

    tees_double_options(d, false, &options);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(lies); i++) {
        struct tees_server server = { .struct_size = (uint32_t)sizeof(server) };
        struct tees_error error = { .result = TEES_OK };

        d->lie = lies[i].lie;
        CU_ASSERT_EQUAL(verify(&options, &server, &error), lies[i].result);
        CU_ASSERT_EQUAL(error.result, lies[i].result);
        CU_ASSERT_STRING_EQUAL(error.reason, lies[i].reason);
        CU_ASSERT_STRING_EQUAL(server.tee, ""); /* nothing of it is told */
    }
    tees_double_free(d);
}

static void
what_is_genuine_must_be_accepted_as_well(void)
{
    static const char *const other[] = {
        "sim:measurement="
        "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d"
        "2e2f30",
        "nitro:pcr0="
        "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d"
        "2e2f30",
        NULL
    };
    struct tees_double *d = tees_double_new();
    struct tees_double *stranger = tees_double_new();
    struct tees_error error = { .result = TEES_OK };
    struct tees_options options;

    tees_double_options(d, false, &options);
    options.server_allow = other;
    CU_ASSERT_EQUAL(verify(&options, NULL, &error), TEES_UNTRUSTED);
    CU_ASSERT_STRING_EQUAL(error.reason, "measurement");
    tees_double_options(d, false, &options);
    options.allow_simulated = 0;
    CU_ASSERT_EQUAL(verify(&options, NULL, &error), TEES_UNTRUSTED);
    CU_ASSERT_STRING_EQUAL(error.reason, "simulated");
    tees_double_options(d, false, &options);
    options.server_identity = stranger->identity;
    CU_ASSERT_EQUAL(verify(&options, NULL, &error), TEES_UNTRUSTED);
    CU_ASSERT_STRING_EQUAL(error.reason, "identity");
    tees_double_options(d, false, &options);
    options.sim_roots = stranger->root;
    CU_ASSERT_EQUAL(verify(&options, NULL, &error), TEES_UNTRUSTED);
    CU_ASSERT_STRING_EQUAL(error.reason, "chain");
    tees_double_free(stranger);
    tees_double_free(d);
}

static void
without_a_proven_tls_key_no_evidence_of_ours_is_sent(void)
{
    struct tees_double *d = tees_double_new();
    const char *const paths[] = { "secret/data/a" };
    struct tees_error error = { .result = TEES_OK };
    struct tees_bytes out = { NULL, 0 };
    struct tees_options options;
    struct tees *tees = NULL;

    tees_double_options(d, true, &options);
    CU_ASSERT_EQUAL_FATAL(tees_open(&options, &tees, &error), TEES_OK);
    CU_ASSERT_EQUAL(tees_release(tees, "shop", paths, 1, &out, &error), TEES_UNTRUSTED);
    CU_ASSERT_STRING_EQUAL(error.reason, "tls-key");
    CU_ASSERT_EQUAL(tees_login(tees, "shop", &out, NULL, &error), TEES_UNTRUSTED);
    CU_ASSERT_PTR_NULL(out.data);
    CU_ASSERT_EQUAL(d->server->requests_len, 1); /* that for its evidence */
    CU_ASSERT_EQUAL(tees_release(tees, "shop", paths, 0, &out, &error), TEES_INVALID);
    CU_ASSERT_EQUAL(tees_release(tees, NULL, paths, 1, &out, &error), TEES_INVALID);
    tees_close(tees);
    tees_double_options(d, false, &options);
    CU_ASSERT_EQUAL_FATAL(tees_open(&options, &tees, &error), TEES_OK);
    CU_ASSERT_EQUAL(tees_login(tees, "shop", &out, NULL, &error), TEES_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "plugin"));
    tees_close(tees);
    tees_double_free(d);
}

static void
a_server_that_does_not_answer_is_unavailable(void)
{
    struct tees_double *d = tees_double_new();
    struct tees_error error = { .result = TEES_OK };
    struct tees_options options;

    tees_double_options(d, false, &options);
    options.address = "unix:///nonexistent/socket";
    CU_ASSERT_EQUAL(verify(&options, NULL, &error), TEES_UNAVAILABLE);
    CU_ASSERT_EQUAL(verify(&options, NULL, NULL), TEES_UNAVAILABLE);
    tees_double_free(d);
}

static const struct test_case cases[] = {
    { "a server that proves itself is told", a_server_that_proves_itself_is_told },
    { "what a server lies about is found out", what_a_server_lies_about_is_found_out },
    { "what is genuine must be accepted as well", what_is_genuine_must_be_accepted_as_well },
    { "without a proven tls key no evidence of ours is sent",
      without_a_proven_tls_key_no_evidence_of_ours_is_sent },
    { "a server that does not answer is unavailable",
      a_server_that_does_not_answer_is_unavailable },
};

TEST_MAIN("client/lib/verify", cases)
