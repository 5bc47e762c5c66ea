/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_fetch.h"

#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "tests/double/temp_dir.h"
#include "tests/plugins/https_double.h"
#include "tests/test.h"

static struct https_double server;
static char ca_file[256];

static void
start(void)
{
    temp_path("ca.pem", ca_file, sizeof(ca_file));
    https_double_start(&server, ca_file);
}

static tsec_rc
get(const char *path, size_t max, struct maa_reply *out)
{
    char url[256];

    (void)snprintf(url, sizeof(url), "%s%s", server.url, path);
    return maa_fetch(NULL, url, server.ca_file, max, out, NULL);
}

static void
a_document_comes_with_its_issuer_chain(void)
{
    const struct https_page page = { .path = "/tcb?fmspc=00906ed50000",
                                     .status = 200,
                                     .header = "TCB-Info-Issuer-Chain",
                                     .header_value = "-----BEGIN%20CERTIFICATE-----%0AMII",
                                     .body = tsec_span_str("{}") };
    struct maa_reply reply;

    start();
    https_double_page(&server, &page);
    CU_ASSERT_EQUAL(get(page.path, 100, &reply).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&reply.body), "{}"));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&reply.chain), "-----BEGIN CERTIFICATE-----\nMII"));
    maa_reply_done(&reply);
    https_double_stop(&server);
}

static void
any_status_is_a_reply_and_a_redirection_is_not_followed(void)
{
    const struct https_page page = { .path = "/old",
                                     .status = 302,
                                     .header = "Location",
                                     .header_value = "/new",
                                     .body = tsec_span_str("moved") };
    struct maa_reply reply;

    start();
    https_double_page(&server, &page);
    CU_ASSERT_EQUAL(get("/old", 100, &reply).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(reply.status, 302);
    maa_reply_done(&reply);
    CU_ASSERT_EQUAL(https_double_asked(&server, "/new"), 0);
    CU_ASSERT_EQUAL(get("/nothing", 100, &reply).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(reply.status, 404);
    maa_reply_done(&reply);
    https_double_stop(&server);
}

static void
more_than_was_asked_for_is_refused(void)
{
    static const char body[200] = { 'x' };
    const struct https_page page = { .path = "/long",
                                     .status = 200,
                                     .body = tsec_span(body, sizeof(body)) };
    struct maa_reply reply;

    start();
    https_double_page(&server, &page);
    CU_ASSERT_EQUAL(get("/long", 200, &reply).code, TSEC_OK_CODE);
    maa_reply_done(&reply);
    CU_ASSERT_EQUAL(get("/long", 199, &reply).code, TSEC_E_TOO_LARGE);
    maa_reply_done(&reply);
    https_double_stop(&server);
}

static void
a_server_that_nobody_vouches_for_is_refused(void)
{
    struct maa_reply reply;
    char url[256];

    start();
    (void)snprintf(url, sizeof(url), "%s/x", server.url);
    CU_ASSERT_EQUAL(maa_fetch(NULL, url, NULL, 100, &reply, NULL).code, TSEC_E_UNAVAILABLE);
    maa_reply_done(&reply);
    CU_ASSERT_EQUAL(https_double_asked(&server, "/x"), 0);
    /* a name that its certificate does not have */
    (void)snprintf(url, sizeof(url), "https://127.0.0.9%s", strrchr(server.url, ':'));
    CU_ASSERT_EQUAL(maa_fetch(NULL, url, server.ca_file, 100, &reply, NULL).code,
                    TSEC_E_UNAVAILABLE);
    maa_reply_done(&reply);
    https_double_stop(&server);
}

static void
plain_http_and_files_are_never_fetched(void)
{
    static const char *const urls[] = { "http://localhost:1/", "file:///etc/passwd",
                                        "ftp://localhost/" };
    struct tsec_err err = { 0 };
    struct maa_reply reply;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(urls); i++) {
        CU_ASSERT_EQUAL(maa_fetch(NULL, urls[i], NULL, 100, &reply, &err).code, TSEC_E_UNAVAILABLE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "rotocol"));
        CU_ASSERT_EQUAL(reply.body.len, 0);
        maa_reply_done(&reply);
    }
}

static const char *ways[4];

static const char *
setting(void *ctx, const char *key)
{
    (void)ctx;
    for (size_t i = 0; i + 1 < TSEC_ARRAY_LEN(ways) && ways[i] != NULL; i += 2) {
        if (strcmp(ways[i], key) == 0) {
            return ways[i + 1];
        }
    }
    return NULL;
}

static void
out_of_an_enclave_it_goes_by_the_way_the_server_lends(void)
{
    const struct https_page page = { .path = "/x", .status = 200, .body = tsec_span_str("{}") };
    const struct tsec_host host = { .struct_size = sizeof(host), .setting = setting };
    struct maa_reply reply;
    char address[64];

    start();
    https_double_page(&server, &page);
    (void)snprintf(address, sizeof(address), "127.0.0.1%s", strrchr(server.url, ':'));
    ways[0] = "egress localhost:1";
    ways[1] = address;
    CU_ASSERT_EQUAL(
        maa_fetch(&host, "https://localhost:1/x", server.ca_file, 100, &reply, NULL).code,
        TSEC_OK_CODE);
    CU_ASSERT_EQUAL(reply.status, 200);
    maa_reply_done(&reply);
    ways[0] = "egress localhost:443"; /* the port that https has by itself */
    CU_ASSERT_EQUAL(maa_fetch(&host, "https://localhost/x", server.ca_file, 100, &reply, NULL).code,
                    TSEC_OK_CODE);
    maa_reply_done(&reply);
    /* There is no way for it, and nobody there. */
    CU_ASSERT_EQUAL(
        maa_fetch(&host, "https://localhost:1/x", server.ca_file, 100, &reply, NULL).code,
        TSEC_E_UNAVAILABLE);
    maa_reply_done(&reply);
    /* The way does not lend its name: the certificate must be that of the URL. */
    ways[0] = "egress elsewhere.example:443";
    CU_ASSERT_EQUAL(
        maa_fetch(&host, "https://elsewhere.example/x", server.ca_file, 100, &reply, NULL).code,
        TSEC_E_UNAVAILABLE);
    maa_reply_done(&reply);
    CU_ASSERT_EQUAL(https_double_asked(&server, "/x"), 2);
    ways[0] = NULL;
    https_double_stop(&server);
}

static const struct test_case cases[] = {
    { "out of an enclave it goes by the way the server lends",
      out_of_an_enclave_it_goes_by_the_way_the_server_lends },
    { "a document comes with its issuer chain", a_document_comes_with_its_issuer_chain },
    { "any status is a reply and a redirection is not followed",
      any_status_is_a_reply_and_a_redirection_is_not_followed },
    { "more than was asked for is refused", more_than_was_asked_for_is_refused },
    { "a server that nobody vouches for is refused", a_server_that_nobody_vouches_for_is_refused },
    { "plain HTTP and files are never fetched", plain_http_and_files_are_never_fetched },
};

int
main(void)
{
    if (tsec_failed(tsec_crypto_setup(NULL))) {
        return TEST_FAIL;
    }
    return test_main("maa-fetch", cases, TSEC_ARRAY_LEN(cases));
}
