/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/channel_bench.h"

#include <stdio.h>

#include "base/base64.h"
#include "tests/test.h"

static const char *const takes[] = { "fixed", "none", NULL };

void
channel_bench_init(struct channel_bench *bench, struct api_bench *api)
{
    memset(bench, 0, sizeof(*bench));
    bench->api = api;
    tsec_buf_init(&bench->er, AMC_EVIDENCE_MAX);
    tsec_buf_init(&bench->s, AMC_SESSION_MAX);
    tsec_buf_init(&bench->sent, 32 * 1024 * 1024);
    tsec_buf_init(&bench->plain, AMC_PLAIN_MAX);
    tsec_buf_init(&bench->bytes, AMC_PLAIN_MAX);
}

void
channel_bench_done(struct channel_bench *bench)
{
    amc_initiator_free(bench->initiator);
    amc_session_free(bench->session);
    tsec_buf_done(&bench->er);
    tsec_buf_done(&bench->s);
    tsec_buf_done(&bench->sent);
    tsec_buf_done(&bench->plain);
    tsec_buf_done(&bench->bytes);
    json_decref(bench->json);
    memset(bench, 0, sizeof(*bench));
}

static int
post(struct channel_bench *bench, const char *path, const char *body)
{
    bench->api->remote = bench->remote;
    return api_bench_call(bench->api, API_POST, path, NULL, body);
}

static void
terminate(struct tsec_buf *text)
{
    tsec_buf_put_byte(text, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_buf_check(text, NULL).code, 0);
}

static void
identity(struct channel_bench *bench, char aud[AMC_NAME_MAX + 1])
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(4096);

    CU_ASSERT_EQUAL_FATAL(node_identity(bench->api->node.node, &spki, NULL).code, 0);
    tsec_base64_encode(TSEC_BASE64_URL, tsec_buf_span(&spki), aud);
}

int
channel_bench_hello(struct channel_bench *bench)
{
    TSEC_AUTO_BUF struct tsec_buf b1 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    char aud[AMC_NAME_MAX + 1];
    struct amc_initiator_options options = {
        .accept = takes, .aud = aud, .id = bench->id, .ticket = bench->ticket, .psk = bench->psk
    };
    struct tsec_err err = { 0 };
    int status;

    identity(bench, aud);
    amc_initiator_free(bench->initiator);
    bench->initiator = NULL;
    CU_ASSERT_EQUAL_FATAL(amc_initiator_begin(&options, &bench->initiator, NULL).code, 0);
    tsec_buf_put_span(&b1, amc_initiator_b1(bench->initiator));
    terminate(&b1);
    status = post(bench, "/v1/tee/channel", (const char *)b1.ptr);
    if (status != 200) {
        return status;
    }
    tsec_buf_reset(&bench->er);

    const tsec_rc rc = amc_initiator_reply(bench->initiator, tsec_buf_span(&bench->api->reply.body),
                                           &bench->er, &err);

    if (tsec_failed(rc)) {
        (void)printf("reply: %s\n", err.detail);
    }
    CU_ASSERT_EQUAL_FATAL(rc.code, 0);
    tsec_base64_encode(TSEC_BASE64_URL,
                       tsec_span(amc_initiator_b2(bench->initiator)->cid, AMC_CID_LEN), bench->cid);
    return status;
}

int
channel_bench_finish(struct channel_bench *bench, const struct amc_evidence *ei)
{
    static const struct amc_evidence none = { .format = "none", .mode = AMC_NONE };
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT((size_t)4 * AMC_EVIDENCE_MAX);
    char path[128];
    int status;

    amc_evidence_write(ei == NULL ? &none : ei, &text);
    CU_ASSERT_EQUAL_FATAL(
        amc_initiator_finish(bench->initiator, tsec_buf_span(&text), &body, NULL).code, 0);
    terminate(&body);
    (void)snprintf(path, sizeof(path), "/v1/tee/channel/%s/finish", bench->cid);
    status = post(bench, path, (const char *)body.ptr);
    if (status != 200) {
        return status;
    }
    tsec_buf_reset(&bench->s);
    amc_session_free(bench->session);
    bench->session = NULL;
    CU_ASSERT_EQUAL_FATAL(amc_initiator_done(bench->initiator,
                                             tsec_buf_span(&bench->api->reply.body), &bench->s,
                                             &bench->session, NULL)
                              .code,
                          0);
    return status;
}

void
channel_bench_open(struct channel_bench *bench, const struct amc_evidence *ei)
{
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(bench), 200);
    CU_ASSERT_EQUAL_FATAL(channel_bench_finish(bench, ei), 200);
}

struct amc_evidence
channel_bench_evidence(const char *role)
{
    struct amc_evidence ei = { .format = "script",
                               .mode = AMC_FRESH,
                               .evidence = tsec_span_str("evidence") };

    (void)snprintf(ei.role, sizeof(ei.role), "%s", role);
    return ei;
}

/* ---- messages ---- */

int
channel_bench_post(struct channel_bench *bench, const char *body)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/v1/tee/channel/%s/msg", bench->cid);
    return post(bench, path, body);
}

static void
write_message(struct channel_bench *bench, struct amc_envelope *env, struct tsec_span plain)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(AMC_PLAIN_MAX + AMC_TAG_LEN);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(16 * 1024 * 1024);
    struct tsec_json_out out = tsec_json_out(&bench->sent);

    CU_ASSERT_EQUAL_FATAL(amc_seal_request(bench->session, env, plain, &sealed, NULL).code, 0);
    tsec_base64_append(&text, TSEC_BASE64_URL, tsec_buf_span(&sealed));
    tsec_buf_reset(&bench->sent);
    tsec_json_object(&out);
    tsec_json_put_int(&out, "e", (int64_t)env->epoch);
    tsec_json_put_int(&out, "s", (int64_t)env->seq);
    tsec_json_put_str(&out, "m", env->method);
    tsec_json_put_str(&out, "p", env->path);
    tsec_json_put_span(&out, "c", tsec_buf_span(&text));
    tsec_json_object_end(&out);
    terminate(&bench->sent);
}

static void
read_reply(struct channel_bench *bench, const struct amc_envelope *env)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(AMC_PLAIN_MAX + AMC_TAG_LEN);
    const char *text = api_bench_str(bench->api, "c");

    tsec_buf_reset(&bench->plain);
    tsec_buf_reset(&bench->bytes);
    CU_ASSERT_EQUAL_FATAL(
        tsec_base64_decode(&sealed, TSEC_BASE64_URL, tsec_span_str(text), NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(
        amc_open_reply(bench->session, env, tsec_buf_span(&sealed), &bench->plain, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(
        amc_inner_reply_parse(tsec_buf_span(&bench->plain), &bench->bytes, &bench->reply, NULL)
            .code,
        0);
    json_decref(bench->json);
    bench->json = bench->reply.body.len == 0
                      ? NULL
                      : json_loadb((const char *)bench->reply.body.ptr, bench->reply.body.len,
                                   JSON_DECODE_ANY, NULL);
}

int
channel_bench_send(struct channel_bench *bench, const char *method, const char *path,
                   const struct amc_inner_request *inner)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    struct amc_envelope env = { .method = method, .path = path };
    int status;

    amc_inner_request_write(inner, &plain);
    CU_ASSERT_EQUAL_FATAL(tsec_buf_check(&plain, NULL).code, 0);
    write_message(bench, &env, tsec_buf_span(&plain));
    status = channel_bench_post(bench, (const char *)bench->sent.ptr);
    if (status != 200) {
        return -status;
    }
    read_reply(bench, &env);
    return bench->reply.status;
}

int
channel_bench_call(struct channel_bench *bench, const char *method, const char *path,
                   const char *token, const char *body)
{
    const struct amc_inner_request inner = { .token = tsec_span_str(token),
                                             .body = tsec_span_str(body) };

    return channel_bench_send(bench, method, path, &inner);
}

int
channel_bench_hidden(struct channel_bench *bench, const char *method, const char *path,
                     const char *token, const char *body)
{
    const struct amc_inner_request inner = { .token = tsec_span_str(token),
                                             .method = tsec_span_str(method),
                                             .path = tsec_span_str(path),
                                             .body = tsec_span_str(body) };

    return channel_bench_send(bench, "POST", AMC_INNER_PATH, &inner);
}

const char *
channel_bench_str(const struct channel_bench *bench, const char *path)
{
    struct api_bench at = { .json = bench->json };

    return api_bench_str(&at, path);
}

int
channel_bench_rekey(struct channel_bench *bench, struct amc_rekey **rekey)
{
    TSEC_AUTO_BUF struct tsec_buf r1 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    TSEC_AUTO_BUF struct tsec_buf r2 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    int status;

    CU_ASSERT_EQUAL_FATAL(amc_rekey_begin(bench->session, rekey, &r1, NULL).code, 0);
    terminate(&r1);
    status = channel_bench_call(bench, "POST", "/v1/tee/channel/rekey", NULL, (const char *)r1.ptr);
    if (status != 200) {
        return status;
    }
    CU_ASSERT_EQUAL_FATAL(tsec_base64_decode(&r2, TSEC_BASE64_URL,
                                             tsec_span_str(channel_bench_str(bench, "rekey")), NULL)
                              .code,
                          0);
    CU_ASSERT_EQUAL_FATAL(amc_rekey_read(*rekey, tsec_buf_span(&r2), NULL).code, 0);
    return status;
}

void
channel_bench_allow(struct channel_bench *bench, const char *entry)
{
    const struct admission_policy policy = { .require_revocation = true, .max_age_s = 300 };
    const struct tsec_span item = tsec_span_str(entry);
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;

    CU_ASSERT_EQUAL_FATAL(allowlist_new(&item, entry == NULL ? 0 : 1, &list, NULL).code, 0);
    appraiser_set_policy(bench->api->appraiser, &policy, list);
}

void
channel_bench_role(struct channel_bench *bench, const char *match)
{
    char body[1024];

    (void)snprintf(body, sizeof(body),
                   "{\"match\":[\"%s\"],\"token_policies\":[\"shop\"],\"token_ttl\":\"100h\"}",
                   match);
    (void)api_bench_root(bench->api, API_POST, "/v1/sys/auth/attest", "{\"type\":\"attest\"}");
    CU_ASSERT_EQUAL_FATAL(api_bench_root(bench->api, API_POST, "/v1/auth/attest/role/shop", body),
                          204);
    CU_ASSERT_EQUAL_FATAL(
        api_bench_root(bench->api, API_POST, "/v1/sys/policies/acl/shop",
                       "{\"policy\":\"path \\\"secret/data/shop/*\\\" { capabilities = "
                       "[\\\"create\\\", \\\"read\\\", \\\"update\\\"] }\"}"),
        204);
}
