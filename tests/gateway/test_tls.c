/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/tls.h"

#include <stdio.h>

#include <curl/curl.h>

#include "crypto/sign.h"
#include "tests/gateway/rig.h"
#include "tests/test.h"

/* The client is libcurl on OpenSSL: another implementation than the server's GnuTLS. */

struct answer {
    long status;
    size_t len;
    char text[8192]; /* head and body */
};

static size_t
collect(char *bytes, size_t size, size_t n, void *ctx)
{
    struct answer *answer = ctx;
    const size_t len = size * n;

    if (answer->len + len >= sizeof(answer->text)) {
        return 0;
    }
    memcpy(answer->text + answer->len, bytes, len);
    answer->len += len;
    answer->text[answer->len] = '\0';
    return len;
}

struct client {
    struct tsec_span ca_pem;
    const char *groups; /* NULL: OpenSSL's own */
    long version;       /* CURL_SSLVERSION_* */
    const char *path;
    size_t upload; /* zeroes in chunks, if any */
};

static size_t
give(char *out, size_t size, size_t n, void *ctx)
{
    size_t *left = ctx;
    const size_t len = *left < size * n ? *left : size * n;

    memset(out, 0, len);
    *left -= len;
    return len;
}

static CURLcode
ask(const struct rig *rig, const struct client *client, struct answer *answer)
{
    CURL *curl = curl_easy_init();
    struct curl_blob ca = { .data = (void *)(uintptr_t)client->ca_pem.ptr,
                            .len = client->ca_pem.len,
                            .flags = CURL_BLOB_COPY };
    size_t left = client->upload;
    char url[128];
    CURLcode code;

    CU_ASSERT_PTR_NOT_NULL_FATAL(curl);
    *answer = (struct answer){ 0 };
    (void)snprintf(url, sizeof(url), "https://localhost:%u%s", rig->port, client->path);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V4);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &ca);
    (void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, client->version);
    (void)curl_easy_setopt(curl, CURLOPT_SSL_EC_CURVES, client->groups);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 5000L);
    (void)curl_easy_setopt(curl, CURLOPT_HEADER, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    (void)curl_easy_setopt(curl, CURLOPT_UPLOAD, left > 0 ? 1L : 0L); /* no size: chunked */
    (void)curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    (void)curl_easy_setopt(curl, CURLOPT_READDATA, &left);
    code = curl_easy_perform(curl);
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_cleanup(curl);
    return code;
}

static const struct gateway_listener own = { .address = "tcp://127.0.0.1:0",
                                             .tls = GATEWAY_TLS_SELF_SIGNED,
                                             .tls_name = "localhost" };

static void
a_client_that_knows_the_certificate_is_served(void)
{
    const struct gateway_options options = { .listeners = &own,
                                             .listener_count = 1,
                                             .hsts_max_age_s = 600 };
    struct answer answer;
    struct rig rig;

    rig_start(&rig, &options);
    const struct client client = { .ca_pem = gateway_certificate(rig.gateway, 0), .path = "/echo" };

    CU_ASSERT_EQUAL(ask(&rig, &client, &answer), CURLE_OK);
    CU_ASSERT_EQUAL(answer.status, 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(answer.text, "tls=1"));
    CU_ASSERT_PTR_NOT_NULL(strstr(answer.text, "Strict-Transport-Security: max-age=600\r\n"));
    rig_stop(&rig);
}

static void
a_reply_from_another_thread_arrives_over_tls(void)
{
    const struct gateway_options options = { .listeners = &own, .listener_count = 1, .threads = 2 };
    struct answer answer;
    struct rig rig;

    rig_start(&rig, &options);
    const struct client client = { .ca_pem = gateway_certificate(rig.gateway, 0),
                                   .path = "/later" };

    CU_ASSERT_EQUAL(ask(&rig, &client, &answer), CURLE_OK);
    CU_ASSERT_EQUAL(answer.status, 200);
    rig_stop(&rig);
}

static void
chunks_past_the_limit_are_refused_in_words(void)
{
    const struct gateway_options options = { .listeners = &own, .listener_count = 1 };
    struct answer answer;
    struct rig rig;

    rig_start(&rig, &options);
    struct client client = { .ca_pem = gateway_certificate(rig.gateway, 0),
                             .path = "/small",
                             .upload = 16 };

    CU_ASSERT_EQUAL(ask(&rig, &client, &answer), CURLE_OK);
    CU_ASSERT_EQUAL(answer.status, 200);
    client.upload = 17;
    (void)ask(&rig, &client, &answer); /* libcurl minds that its upload was cut short, or not */
    CU_ASSERT_EQUAL(answer.status, 413);
    CU_ASSERT_PTR_NOT_NULL(strstr(answer.text, "\"code\":\"too_large\""));
    CU_ASSERT_EQUAL(rig_asked(), 1);
    rig_stop(&rig);
}

static void
another_certificate_is_another_server(void)
{
    const struct gateway_options options = { .listeners = &own, .listener_count = 1 };
    struct answer answer;
    struct rig first;
    struct rig second;

    rig_start(&first, &options);
    rig_start(&second, &options);
    const struct client client = { .ca_pem = gateway_certificate(second.gateway, 0),
                                   .path = "/hello" };

    CU_ASSERT_EQUAL(ask(&first, &client, &answer), CURLE_PEER_FAILED_VERIFICATION);
    rig_stop(&second);
    rig_stop(&first);
}

static const struct {
    unsigned offered;
    const char *groups;
    long version;
    bool served;
} handshakes[] = {
    { 0, "P-384", 0, true },
    { 0, NULL, 0, true }, /* by way of a HelloRetryRequest */
    { 0, "X25519:P-256", 0, false },
    { 0, "P-384", CURL_SSLVERSION_MAX_TLSv1_2, false },
    { GATEWAY_ECDHE_P256, "P-256", 0, true },
    { GATEWAY_ECDHE_P256, "P-384", 0, false },
    { GATEWAY_ECDHE_X25519 | GATEWAY_ECDHE_P384, "X25519", 0, true },
    { GATEWAY_ECDHE_X25519 | GATEWAY_ECDHE_P384, "P-384", 0, true },
    { GATEWAY_ECDHE_X25519 | GATEWAY_ECDHE_P384, "P-256", 0, false },
};

static void
only_the_configured_suite_is_spoken(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(handshakes); i++) {
        const struct gateway_options options = { .listeners = &own,
                                                 .listener_count = 1,
                                                 .key_exchange = handshakes[i].offered };
        struct answer answer;
        struct rig rig;

        rig_start(&rig, &options);
        const struct client client = { .ca_pem = gateway_certificate(rig.gateway, 0),
                                       .groups = handshakes[i].groups,
                                       .version = handshakes[i].version,
                                       .path = "/hello" };
        const CURLcode code = ask(&rig, &client, &answer);

        if ((code == CURLE_OK) != handshakes[i].served) {
            (void)printf("\n    case %zu: %s\n", i, curl_easy_strerror(code));
        }
        CU_ASSERT_EQUAL(code == CURLE_OK, handshakes[i].served);
        CU_ASSERT_TRUE(handshakes[i].served || code == CURLE_SSL_CONNECT_ERROR);
        rig_stop(&rig);
    }
}

static void
plaintext_gets_no_reply(void)
{
    const struct gateway_options options = { .listeners = &own, .listener_count = 1 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    rig_ask_text(&rig, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", &reply);
    CU_ASSERT_EQUAL(reply.status, 0);
    CU_ASSERT_EQUAL(rig_asked(), 0);
    rig_stop(&rig);
}

static void
a_handshake_that_hangs_ends_at_the_deadline(void)
{
    const struct gateway_options options = { .listeners = &own,
                                             .listener_count = 1,
                                             .head_ms = 100 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    rig_ask_text(&rig, "\x16\x03\x01", &reply);
    CU_ASSERT_EQUAL(reply.status, 0); /* and no plaintext 408 in a TLS stream */
    CU_ASSERT_EQUAL(gateway_counts(rig.gateway).timed_out_total, 1);
    rig_stop(&rig);
}

/* A key and a certificate as an operator would give them. */
static void
make_pair(struct tsec_buf *key_pem, struct tsec_buf *cert_pem)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    const int64_t now_s = tsec_clock_real_ns(&tsec_clock_system) / TSEC_NS_PER_S;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P256, &key, NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_self_signed(key, "localhost", now_s, 1, cert_pem, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_pem(key, key_pem, NULL)));
}

static void
a_given_pair_is_used(void)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(8192);
    TSEC_AUTO_BUF struct tsec_buf cert = TSEC_BUF_INIT(8192);
    struct gateway_listener given = { .address = "tcp://127.0.0.1:0", .tls = GATEWAY_TLS_GIVEN };
    const struct gateway_options options = { .listeners = &given, .listener_count = 1 };
    struct answer answer;
    struct rig rig;

    make_pair(&key, &cert);
    given.key_pem = tsec_buf_span(&key);
    given.cert_pem = tsec_buf_span(&cert);
    rig_start(&rig, &options);
    const struct client client = { .ca_pem = tsec_buf_span(&cert), .path = "/hello" };

    CU_ASSERT_EQUAL(ask(&rig, &client, &answer), CURLE_OK);
    CU_ASSERT_TRUE(tsec_span_equal(gateway_certificate(rig.gateway, 0), tsec_buf_span(&cert)));
    rig_stop(&rig);
}

static void
what_is_no_pair_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(8192);
    TSEC_AUTO_BUF struct tsec_buf cert = TSEC_BUF_INIT(8192);
    TSEC_AUTO_BUF struct tsec_buf other_key = TSEC_BUF_INIT(8192);
    TSEC_AUTO_BUF struct tsec_buf other_cert = TSEC_BUF_INIT(8192);

    make_pair(&key, &cert);
    make_pair(&other_key, &other_cert);
    const struct tsec_span pairs[][2] = {
        { tsec_span(NULL, 0), tsec_buf_span(&key) },
        { tsec_buf_span(&cert), tsec_span(NULL, 0) },
        { tsec_buf_span(&cert), tsec_span_str("no key") },
        { tsec_span_str("no certificate"), tsec_buf_span(&key) },
        { tsec_buf_span(&cert), tsec_buf_span(&other_key) },
        { tsec_span("a\0b", 3), tsec_buf_span(&key) },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(pairs); i++) {
        const struct gateway_listener given = { .address = "tcp://127.0.0.1:0",
                                                .tls = GATEWAY_TLS_GIVEN,
                                                .cert_pem = pairs[i][0],
                                                .key_pem = pairs[i][1] };
        const struct gateway_options options = { .listeners = &given, .listener_count = 1 };
        struct gateway *gateway = NULL;
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(gateway_start(&options, NULL, &tsec_clock_system, &gateway, &err).code,
                        TSEC_E_CONFIG);
        CU_ASSERT_PTR_NULL(gateway);
        CU_ASSERT_NOT_EQUAL(err.detail[0], '\0');
    }
}

static void
a_forgotten_key_is_gone(void)
{
    struct tls_setup setup = { 0 };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tls_setup_init(&setup, &own, 0, &tsec_clock_system, NULL)));
    CU_ASSERT_TRUE(setup.key_pem.len > 0);
    tls_setup_forget_key(&setup);
    CU_ASSERT_PTR_NULL(setup.key_pem.ptr);
    CU_ASSERT_TRUE(setup.cert_pem.len > 0);
    tls_setup_done(&setup);
    CU_ASSERT_EQUAL(tls_setup_init(&setup, &own, 8, &tsec_clock_system, NULL).code, TSEC_E_CONFIG);
}

static const struct test_case cases[] = {
    { "a client that knows the certificate is served",
      a_client_that_knows_the_certificate_is_served },
    { "a reply from another thread arrives over TLS",
      a_reply_from_another_thread_arrives_over_tls },
    { "chunks past the limit are refused in words", chunks_past_the_limit_are_refused_in_words },
    { "another certificate is another server", another_certificate_is_another_server },
    { "only the configured suite is spoken", only_the_configured_suite_is_spoken },
    { "plaintext gets no reply", plaintext_gets_no_reply },
    { "a handshake that hangs ends at the deadline", a_handshake_that_hangs_ends_at_the_deadline },
    { "a given pair is used", a_given_pair_is_used },
    { "what is no pair is refused", what_is_no_pair_is_refused },
    { "a forgotten key is gone", a_forgotten_key_is_gone },
};

int
main(void)
{
    int result;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return TEST_FAIL;
    }
    result = test_main("gateway/tls", cases, sizeof(cases) / sizeof(cases[0]));
    curl_global_cleanup();
    return result;
}
