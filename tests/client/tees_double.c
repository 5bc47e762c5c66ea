/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/client/tees_double.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appraisal/binding.h"
#include "base/base64.h"
#include "base/hex.h"
#include "codec/json_scan.h"
#include "crypto/crypto.h"
#include "plugins/attest-sim/attest_sim.h"
#include "tests/client/cmd_case.h"
#include "tests/client/tees_double_channel.h"
#include "tests/double/temp_dir.h"
#include "tests/test.h"

enum { REPLY_MAX = 16 * 1024 * 1024, SMALL_MAX = 4096 };

static const uint8_t config_digest[48] = "the SHA-384 of a configuration";
static const char vkey[] = "double.example+00000000+AAAA";

void
tees_double_evidence(struct tees_double *d, struct tsec_evidence_request *request,
                     struct tsec_buf *out)
{
    const struct tsec_sink sink = tsec_buf_sink(out);
    const char *format = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(attest_sim_plugin.attest->evidence(d->sim, request, &format, &sink, &err))) {
        (void)fprintf(stderr, "no evidence: %s\n", err.detail);
        abort();
    }
}

static void
put_base64(struct tsec_buf *out, const char *name, struct tsec_span bytes)
{
    tsec_buf_printf(out, "\"%s\":\"", name);
    tsec_base64_append(out, TSEC_BASE64_STD, bytes);
    tsec_buf_put_str(out, "\",");
}

/** The lie is in the statement, and the evidence stays what it was. */
static void
put_statement(struct tees_double *d, struct tsec_span spki, struct tsec_span evidence)
{
    uint8_t other[48] = { 0 };
    char hex[2 * sizeof(other) + 1];
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(SMALL_MAX);

    tsec_buf_put_span(&key, spki);
    key.ptr[key.len - 1] ^= d->lie == LIE_IDENTITY ? 1 : 0;
    tsec_hex_encode(tsec_span(d->lie == LIE_CONFIG ? other : config_digest, sizeof(other)), hex);
    tsec_buf_put_str(&d->reply, "{\"format\":\"sim-v1\",");
    if (d->lie != LIE_MISSING) {
        put_base64(&d->reply, "evidence", evidence);
    }
    put_base64(&d->reply, "identity_key", tsec_buf_span(&key));
    tsec_buf_printf(&d->reply, "\"ledger_vkey\":\"%s%s\",\"config_digest\":\"%s\"}", vkey,
                    d->lie == LIE_VKEY ? "A" : "", hex);
}

static void
attestation(struct tees_double *d, const char *body)
{
    TSEC_AUTO_BUF struct tsec_buf nonce = TSEC_BUF_INIT(SMALL_MAX);
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(SMALL_MAX);
    struct tsec_evidence_request request = { .struct_size = (uint32_t)sizeof(request) };
    struct tsec_span text = { NULL, 0 };
    tsec_rc rc = tsec_key_spki(d->key, &spki, NULL);

    (void)tsec_json_member(tsec_span_str(body), "nonce", &text);
    rc = tsec_failed(rc) ? rc
                         : tsec_base64_decode(&nonce, TSEC_BASE64_STD,
                                              tsec_span(text.ptr + 1, text.len - 2), NULL);
    if (tsec_failed(rc)) {
        abort();
    }
    nonce.ptr[0] ^= d->lie == LIE_NONCE ? 1 : 0;

    const struct tsec_server_binding parts = {
        .nonce = tsec_buf_span(&nonce),
        .config_digest = tsec_span(config_digest, sizeof(config_digest)),
        .vkey = tsec_span_str(vkey),
        .identity = tsec_buf_span(&spki),
    };

    tsec_binding_server(&parts, request.binding);
    tees_double_evidence(d, &request, &evidence);
    put_statement(d, tsec_buf_span(&spki), tsec_buf_span(&evidence));
}

static bool
answer(void *ctx, const char *path, struct double_reply *out)
{
    struct tees_double *d = ctx;
    const size_t n = d->server->requests_len;
    const char *body = n == 0 ? NULL : cmd_case_body(d->server->requests[n - 1]);
    int status = 200;

    tsec_buf_reset(&d->reply);
    if (d->lie == LIE_TEXT) {
        tsec_buf_put_str(&d->reply, "<html>");
    } else if (strcmp(path, "/v1/tee/attestation") == 0) {
        attestation(d, body);
    } else if (strcmp(path, "/v1/tee/info") == 0) {
        tsec_buf_printf(&d->reply, "{\"identity_key\":\"%s\"}", d->identity);
    } else {
        status = tees_double_channel(d, path, body);
    }
    tsec_buf_put_byte(&d->reply, '\0');
    *out = (struct double_reply){ .status = status,
                                  .body = (const char *)d->reply.ptr,
                                  .body_len = d->reply.len - 1 };
    return true;
}

struct tees_double *
tees_double_new(void)
{
    struct tees_double *d = calloc(1, sizeof(*d));
    struct tsec_attest_info info = { .struct_size = (uint32_t)sizeof(info) };
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(SMALL_MAX);
    static unsigned doubles;
    char name[32];

    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_EQUAL_FATAL(tsec_crypto_setup(NULL).code, 0);
    (void)snprintf(name, sizeof(name), "server%u", doubles++);
    temp_path(name, d->state_dir, sizeof(d->state_dir));
    (void)snprintf(d->root, sizeof(d->root), "%s/root.pem", d->state_dir);
    d->settings[0] = "state_dir";
    d->settings[1] = d->state_dir;
    fake_host_init(&d->host, d->settings);
    d->host.now = time(NULL);
    CU_ASSERT_EQUAL_FATAL(attest_sim_plugin.attest->open(&d->host.host, &d->sim, NULL).code, 0);
    attest_sim_plugin.attest->describe(d->sim, &info);
    (void)snprintf(d->measurement, sizeof(d->measurement), "sim:measurement=");
    tsec_hex_encode(tsec_span(info.measurement, info.measurement_len),
                    d->measurement + strlen(d->measurement));
    CU_ASSERT_EQUAL_FATAL(tsec_key_generate(TSEC_KEY_P384, &d->key, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_key_spki(d->key, &spki, NULL).code, 0);
    tsec_base64_encode(TSEC_BASE64_STD, tsec_buf_span(&spki), d->identity);
    tsec_buf_init(&d->reply, REPLY_MAX);
    tsec_buf_init(&d->before, REPLY_MAX);
    d->rekey_after_s = 3600;
    d->server = server_double_answering(answer, d);
    return d;
}

void
tees_double_free(struct tees_double *d)
{
    server_double_free(d->server);
    attest_sim_plugin.attest->close(d->sim);
    tsec_key_free(d->key);
    amc_responder_free(d->responder);
    amc_session_free(d->session);
    amc_rekey_free(d->rekey);
    tsec_buf_done(&d->reply);
    tsec_buf_done(&d->before);
    free(d);
}

void
tees_double_options(struct tees_double *d, bool attested, struct tees_options *out)
{
    static const char *allow[2];
    static const char *settings[3];
    static char own[200];

    allow[0] = d->measurement;
    temp_path("own", own, sizeof(own));
    settings[0] = "state_dir";
    settings[1] = own;
    tees_options_init(out);
    out->address = d->server->address;
    out->server_allow = allow;
    out->sim_roots = d->root;
    out->allow_simulated = 1;
    if (attested) {
        out->plugin = "attest-sim";
        out->plugin_dir = PLUGIN_DIR;
        out->plugin_settings = settings;
    }
}
