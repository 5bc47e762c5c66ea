/* SPDX-License-Identifier: Apache-2.0 */
#include "api/proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/log.h"
#include "tests/api/attest_bench.h"
#include "tests/test.h"

#define LOGIN   "/v1/auth/attest/login"
#define WORKER  "\"role\":\"worker\""
#define MATCH_A "\"match\":[\"sim:measurement=" IMAGE_A "\"]"
#define REFUSED "the evidence was not accepted"

static struct attest_bench b;
static struct sim_tee tee; /* of image A */
static struct tsec_recipient *key;
static struct tsec_buf spki;
static struct tsec_buf evidence;
static struct tsec_buf body;
static struct tsec_buf plain;
static json_t *opened; /* the plaintext of the last wrapped answer */

static void
write_role(const char *name, const char *json)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "/v1/auth/attest/role/%s", name);
    CU_ASSERT_EQUAL(api_bench_root(&b.api, API_POST, path, json), 204);
}

static void
begin_as(enum tsec_recipient_kind kind)
{
    attest_bench_open(&b, "mem:login");
    sim_tee_open(&tee, IMAGE_A, false, "3");
    tsec_buf_init(&spki, 4096);
    tsec_buf_init(&evidence, 2 * TSEC_EVIDENCE_MAX);
    tsec_buf_init(&body, 4 * TSEC_EVIDENCE_MAX);
    tsec_buf_init(&plain, TSEC_JWE_MAX);
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_generate(kind, &key, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_spki(key, &spki, NULL).code, 0);
    write_role("worker", "{" MATCH_A ",\"token_policies\":[\"app\"],\"token_ttl\":\"20m\"}");
}

static void
begin(void)
{
    begin_as(TSEC_RECIPIENT_P384);
}

static void
end(void)
{
    json_decref(opened);
    opened = NULL;
    tsec_recipient_free(key);
    tsec_buf_done(&spki);
    tsec_buf_done(&evidence);
    tsec_buf_done(&body);
    tsec_buf_done(&plain);
    sim_tee_close(&tee);
    attest_bench_close(&b);
}

static void
prove(struct sim_tee *by, const struct bench_challenge *challenge)
{
    tsec_buf_reset(&evidence);
    sim_tee_prove(by, &b.api, tsec_span(challenge->nonce, CHALLENGE_LEN), tsec_buf_span(&spki),
                  &evidence);
}

static int
login_on(struct api_bench *server, const struct bench_challenge *challenge, const char *more)
{
    bench_proof(&evidence, challenge, tsec_buf_span(&spki), more, &body);
    return api_bench_call(server, API_POST, LOGIN, NULL, (const char *)body.ptr);
}

/* A fresh challenge, evidence of that TEE, a login. */
static int
login(struct sim_tee *by, const char *more)
{
    struct bench_challenge challenge;

    bench_challenge(&b.api, &challenge);
    prove(by, &challenge);
    return login_on(&b.api, &challenge, more);
}

/* Opens the wrapped answer with the recipient's key. */
static const char *
opened_str(const char *member)
{
    const char *text;

    json_decref(opened);
    opened = NULL;
    tsec_buf_reset(&plain);
    CU_ASSERT_EQUAL_FATAL(
        tsec_jwe_decrypt(key, tsec_span_str(api_bench_str(&b.api, "data.wrapped")), &plain, NULL)
            .code,
        0);
    opened = json_loadb((const char *)plain.ptr, plain.len, 0, NULL);
    text = json_string_value(json_object_get(json_object_get(opened, "auth"), member));
    return text == NULL ? "" : text;
}

static bool
refused(int status)
{
    const bool alike = status == 403 && strcmp(api_bench_error(&b.api), REFUSED) == 0
                       && strcmp(api_bench_str(&b.api, "code"), "denied") == 0
                       && json_object_size(b.api.json) == 3 && !b.api.reply.has_audit_index;

    if (!alike) {
        (void)printf("\n%d: %.*s\n", status, (int)b.api.reply.body.len,
                     (const char *)b.api.reply.body.ptr);
    }
    return alike;
}

static bool
body_has(const char *text)
{
    return memmem(b.api.reply.body.ptr, b.api.reply.body.len, text, strlen(text)) != NULL;
}

/* ---- what is given ---- */

static void
code_that_proves_itself_is_given_a_token_that_only_it_can_read(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    begin();
    CU_ASSERT_EQUAL(login(&tee, WORKER), 200);
    CU_ASSERT_TRUE(b.api.reply.has_audit_index);
    CU_ASSERT_FALSE(body_has("hvs.") || body_has("client_token") || body_has("accessor"));
    CU_ASSERT_TRUE(json_is_null(api_bench_at(&b.api, "auth")));
    (void)snprintf(token, sizeof(token), "%s", opened_str("client_token"));
    CU_ASSERT_TRUE(strncmp(token, "hvs.", 4) == 0);
    CU_ASSERT_EQUAL(api_bench_call(&b.api, API_GET, "/v1/auth/token/lookup-self", token, NULL),
                    200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.path"), "auth/attest/login");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.policies.0"), "app");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.policies.1"), "default");
    CU_ASSERT_EQUAL(api_bench_int(&b.api, "data.ttl"), 1200);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b.api, "data.orphan")));
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.attest.tee"), "sim");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.attest.measurement"), IMAGE_A);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.attest.format"), "sim-v1");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.attest.mode"), "fresh");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.attest.role"), "worker");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.attest.match"), "sim:measurement=" IMAGE_A);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.attest.entry"), "");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.meta.role_name"), "worker");
    end();
}

static void
every_kind_of_recipient_is_taken(void)
{
    static const enum tsec_recipient_kind kinds[] = { TSEC_RECIPIENT_P384, TSEC_RECIPIENT_P256,
                                                      TSEC_RECIPIENT_RSA };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        begin_as(kinds[i]);
        CU_ASSERT_EQUAL(login(&tee, WORKER), 200);
        CU_ASSERT_TRUE(strncmp(opened_str("client_token"), "hvs.", 4) == 0);
        end();
    }
}

/* The evidence vouches for the key, however the request writes it. */
static void
a_recipient_may_be_a_jwk(void)
{
    struct bench_challenge challenge;
    char x[TSEC_BASE64_LEN(48) + 1];
    char y[TSEC_BASE64_LEN(48) + 1];

    begin();
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(spki.ptr + spki.len - 96, 48), x);
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(spki.ptr + spki.len - 48, 48), y);
    tsec_buf_reset(&body);
    tsec_buf_printf(&body,
                    "{" WORKER ",\"format\":\"sim-v1\",\"nonce\":\"%s\",\"recipient\":{\"kty\":"
                    "\"EC\",\"crv\":\"P-384\",\"x\":\"%s\",\"y\":\"%s\"},\"evidence\":\"",
                    challenge.text, x, y);
    tsec_buf_put_span(&body, tsec_buf_span(&evidence));
    tsec_buf_put(&body, "\"}", 3);
    CU_ASSERT_EQUAL(api_bench_call(&b.api, API_POST, LOGIN, NULL, (const char *)body.ptr), 200);
    CU_ASSERT_TRUE(strncmp(opened_str("client_token"), "hvs.", 4) == 0);
    end();
}

static void
an_entry_of_the_list_that_admits_is_kept_with_the_token(void)
{
    static const char *const entries[] = { "sim:measurement=" IMAGE_A ",svn>=2" };
    char token[TOKEN_TEXT_MAX + 1];

    begin();
    attest_bench_allow(&b, entries, 1, false);
    CU_ASSERT_EQUAL(login(&tee, WORKER), 200);
    (void)snprintf(token, sizeof(token), "%s", opened_str("client_token"));
    CU_ASSERT_EQUAL(api_bench_call(&b.api, API_GET, "/v1/auth/token/lookup-self", token, NULL),
                    200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.attest.entry"), entries[0]);
    end();
}

static void
what_a_token_makes_rests_on_the_same_evidence(void)
{
    char token[TOKEN_TEXT_MAX + 1];
    char child[TOKEN_TEXT_MAX + 1];

    begin();
    CU_ASSERT_EQUAL(api_bench_root(&b.api, API_POST, "/v1/sys/policies/acl/app",
                                   "{\"policy\":\"path \\\"auth/token/create*\\\" {capabilities = "
                                   "[\\\"update\\\", \\\"sudo\\\"]}\"}"),
                    204);
    CU_ASSERT_EQUAL(login(&tee, WORKER), 200);
    (void)snprintf(token, sizeof(token), "%s", opened_str("client_token"));
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(
            api_bench_call(&b.api, API_POST,
                           i == 0 ? "/v1/auth/token/create" : "/v1/auth/token/create-orphan", token,
                           "{\"meta\":{\"role_name\":\"other\"}}"),
            200);
        (void)snprintf(child, sizeof(child), "%s", api_bench_str(&b.api, "auth.client_token"));
        CU_ASSERT_EQUAL(api_bench_call(&b.api, API_GET, "/v1/auth/token/lookup-self", child, NULL),
                        200);
        CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.attest.measurement"), IMAGE_A);
        CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.attest.role"), "worker");
    }
    end();
}

static void
each_role_sees_its_own_subtree_by_what_it_proved(void)
{
    static const char *const paths[] = { "sys/policies/acl/worker", "sys/policies/acl/sim",
                                         "sys/policies/acl/" IMAGE_A };
    static const char *const others[] = { "sys/policies/acl/other", "sys/policies/acl/" IMAGE_B };
    static const char *const templates[] = { "{{role}}", "{{identity.name}}", "{{attest.tee}}",
                                             "{{attest.measurement}}" };
    char token[TOKEN_TEXT_MAX + 1];
    char text[512];

    begin();
    CU_ASSERT_EQUAL(login(&tee, WORKER), 200);
    (void)snprintf(token, sizeof(token), "%s", opened_str("client_token"));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(templates); i++) {
        (void)snprintf(text, sizeof(text),
                       "{\"policy\":\"path \\\"sys/policies/acl/%s\\\" {capabilities = "
                       "[\\\"read\\\"]}\"}",
                       templates[i]);
        CU_ASSERT_EQUAL(api_bench_root(&b.api, API_POST, "/v1/sys/policies/acl/app", text), 204);
        for (size_t p = 0; p < TSEC_ARRAY_LEN(paths); p++) {
            const bool own = p == (i < 2 ? 0 : i - 1);

            (void)snprintf(text, sizeof(text), "/v1/%s", paths[p]);
            CU_ASSERT_EQUAL(api_bench_call(&b.api, API_GET, text, token, NULL), own ? 404 : 403);
        }
        for (size_t p = 0; p < TSEC_ARRAY_LEN(others); p++) {
            (void)snprintf(text, sizeof(text), "/v1/%s", others[p]);
            CU_ASSERT_EQUAL(api_bench_call(&b.api, API_GET, text, token, NULL), 403);
        }
    }
    end();
}

static void
a_key_for_attested_callers_serves_them_and_nobody_else(void)
{
    static const char use[] = "/v1/transit/sign/k";
    static const char input[] = "{\"input\":\"YQ==\"}";
    char token[TOKEN_TEXT_MAX + 1];

    begin();
    CU_ASSERT_EQUAL(
        api_bench_root(&b.api, API_POST, "/v1/sys/mounts/transit", "{\"type\":\"transit\"}"), 204);
    CU_ASSERT_TRUE(api_bench_root(&b.api, API_POST, "/v1/transit/keys/k",
                                  "{\"type\":\"ed25519\",\"attested_only\":true}")
                   < 300);
    CU_ASSERT_EQUAL(api_bench_root(&b.api, API_POST, "/v1/sys/policies/acl/app",
                                   "{\"policy\":\"path \\\"transit/*\\\" {capabilities = "
                                   "[\\\"update\\\"]}\"}"),
                    204);
    CU_ASSERT_EQUAL(login(&tee, WORKER), 200);
    (void)snprintf(token, sizeof(token), "%s", opened_str("client_token"));
    CU_ASSERT_EQUAL(api_bench_call(&b.api, API_POST, use, token, input), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b.api, API_POST, use, input), 403);
    api_bench_token(&b.api, "app", token);
    CU_ASSERT_EQUAL(api_bench_call(&b.api, API_POST, use, token, input), 403);
    end();
}

/* ---- challenges ---- */

static void
a_challenge_serves_once(void)
{
    struct bench_challenge challenge;

    begin();
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_EQUAL(login_on(&b.api, &challenge, WORKER), 200);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    prove(&tee, &challenge); /* new evidence for it */
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    end();
}

static void
a_challenge_that_served_on_one_server_serves_on_no_other(void)
{
    struct bench_challenge challenge;
    struct api_bench second;

    begin();
    attest_bench_join(&second, "mem:login", &b);
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_EQUAL(login_on(&second, &challenge, WORKER), 200);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    bench_challenge(&second, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_EQUAL(login_on(&b.api, &challenge, WORKER), 200);
    CU_ASSERT_EQUAL(login_on(&second, &challenge, WORKER), 403);
    api_bench_leave(&second);
    end();
}

static void
what_was_refused_did_not_use_the_challenge_up(void)
{
    struct bench_challenge challenge;

    begin();
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, "\"role\":\"nobody\"")));
    CU_ASSERT_EQUAL(login_on(&b.api, &challenge, WORKER), 200);
    end();
}

static void
a_challenge_that_is_over_or_of_nobody_we_know_is_refused(void)
{
    struct bench_challenge challenge;

    begin();
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    tsec_clock_fake_advance(&b.api.node.clock, CHALLENGE_LIFE_S * TSEC_NS_PER_S);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    memset(challenge.nonce, 0x55, CHALLENGE_LEN); /* made up */
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(challenge.nonce, CHALLENGE_LEN), challenge.text);
    prove(&tee, &challenge);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    end();
}

static void
another_cluster_s_challenge_is_refused(void)
{
    struct bench_challenge challenge;
    struct api_bench other;

    begin();
    api_bench_open(&other, "mem:othercluster");
    bench_challenge(&other, &challenge);
    api_bench_leave(&other);
    prove(&tee, &challenge);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    end();
}

/* ---- evidence ---- */

static void
evidence_of_another_challenge_is_refused(void)
{
    struct bench_challenge one;
    struct bench_challenge two;

    begin();
    bench_challenge(&b.api, &one);
    bench_challenge(&b.api, &two);
    prove(&tee, &one);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &two, WORKER)));
    CU_ASSERT_EQUAL(login_on(&b.api, &one, WORKER), 200);
    end();
}

/* Whoever hears a login cannot put his own key in its place. */
static void
a_recipient_that_the_evidence_does_not_vouch_for_is_refused(void)
{
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *thief = NULL;
    TSEC_AUTO_BUF struct tsec_buf his = TSEC_BUF_INIT(4096);
    struct bench_challenge challenge;

    begin();
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_generate(TSEC_RECIPIENT_P384, &thief, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_spki(thief, &his, NULL).code, 0);
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    bench_proof(&evidence, &challenge, tsec_buf_span(&his), WORKER, &body);
    CU_ASSERT_TRUE(refused(api_bench_call(&b.api, API_POST, LOGIN, NULL, (const char *)body.ptr)));
    CU_ASSERT_EQUAL(login_on(&b.api, &challenge, WORKER), 200);
    CU_ASSERT_EQUAL(
        tsec_jwe_decrypt(thief, tsec_span_str(api_bench_str(&b.api, "data.wrapped")), &plain, NULL)
            .code,
        TSEC_E_DENIED);
    end();
}

static void
forged_and_debug_evidence_is_refused_alike(void)
{
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    struct bench_challenge challenge;
    struct sim_tee debug;

    begin();
    sim_tee_open(&debug, IMAGE_A, true, NULL);
    CU_ASSERT_TRUE(refused(login(&debug, WORKER)));
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_EQUAL_FATAL(
        tsec_base64_decode(&raw, TSEC_BASE64_STD, tsec_buf_span(&evidence), NULL).code, 0);
    for (size_t i = 0; i < raw.len; i += raw.len / 16) {
        raw.ptr[i] ^= 1;
        tsec_buf_reset(&evidence);
        tsec_base64_append(&evidence, TSEC_BASE64_STD, tsec_buf_span(&raw));
        CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
        raw.ptr[i] ^= 1;
    }
    tsec_buf_reset(&evidence);
    tsec_base64_append(&evidence, TSEC_BASE64_STD, tsec_span_str("{}"));
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    sim_tee_close(&debug);
    end();
}

static void
the_server_s_list_decides_before_any_role_does(void)
{
    static const char *const entries[] = { "sim:measurement=" IMAGE_B };

    begin();
    attest_bench_allow(&b, entries, 1, false);
    CU_ASSERT_TRUE(refused(login(&tee, WORKER)));
    end();
}

/* ---- roles ---- */

static void
what_a_role_binds_is_asked_of_the_evidence(void)
{
    static const struct {
        const char *role;
        bool admits;
    } roles[] = {
        { "{" MATCH_A "}", true },
        { "{\"match\":[\"sim:measurement=" IMAGE_B "\"]}", false },
        { "{\"match\":[\"sim:measurement=" IMAGE_B "\",\"sim:svn>=3\"]}", true },
        { "{\"match\":[\"sim:measurement=" IMAGE_A ",svn>=4\"]}", false },
        { "{" MATCH_A ",\"formats\":[\"sim-v1\"]}", true },
        { "{" MATCH_A ",\"modes\":[\"identity\"]}", false },
        { "{" MATCH_A ",\"modes\":[\"identity\",\"fresh\"]}", true },
        { "{" MATCH_A ",\"max_evidence_age\":1}", true },
        { "{" MATCH_A ",\"min_tcb\":\"UpToDate\"}", false }, /* simulated: it has no status */
        { "{" MATCH_A ",\"min_tcb\":\"2020-01-01T00:00:00Z\"}", false },
        { "{" MATCH_A ",\"bound_instances\":[\"i-1\"]}", false },
        { "{" MATCH_A ",\"bound_config_digest\":\"" IMAGE_A "\"}", false },
        { "{" MATCH_A ",\"token_bound_cidrs\":[\"127.0.0.0/8\"]}", true },
        { "{" MATCH_A ",\"token_bound_cidrs\":[\"10.0.0.0/8\"]}", false },
    };
    char name[32];
    char more[64];

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(roles); i++) {
        (void)snprintf(name, sizeof(name), "r%zu", i);
        (void)snprintf(more, sizeof(more), "\"role\":\"%s\"", name);
        write_role(name, roles[i].role);
        if (roles[i].admits) {
            CU_ASSERT_EQUAL(login(&tee, more), 200);
        } else {
            CU_ASSERT_TRUE(refused(login(&tee, more)));
        }
    }
    end();
}

static void
no_role_that_is_none_or_gone_or_another_mount_s_admits(void)
{
    begin();
    CU_ASSERT_TRUE(refused(login(&tee, "\"role\":\"nobody\"")));
    CU_ASSERT_TRUE(refused(login(&tee, "\"role\":\"a/b\"")));
    CU_ASSERT_EQUAL(api_bench_root(&b.api, API_POST, "/v1/sys/auth/jobs", "{\"type\":\"attest\"}"),
                    204);
    CU_ASSERT_EQUAL(api_bench_root(&b.api, API_POST, "/v1/auth/jobs/role/theirs", "{" MATCH_A "}"),
                    204);
    CU_ASSERT_TRUE(refused(login(&tee, "\"role\":\"theirs\"")));
    CU_ASSERT_EQUAL(login(&tee, "\"role\":\"Worker\""), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b.api, API_DELETE, "/v1/auth/attest/role/worker", NULL), 204);
    CU_ASSERT_TRUE(refused(login(&tee, WORKER)));
    end();
}

/* ---- what is no login at all ---- */

static void
a_request_that_is_none_is_told_why(void)
{
    static const struct {
        const char *body;
        const char *says;
    } bad[] = {
        { "{}", "missing role" },
        { "{" WORKER "}", "missing evidence" },
        { "{" WORKER ",\"format\":\"sim-v1\"}", "missing evidence" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA==\"}", "missing nonce" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA==\",\"nonce\":\"AA\"}",
          "missing recipient" },
        { "{" WORKER ",\"format\":\"none\",\"evidence\":\"AA==\",\"nonce\":\"AA\","
          "\"recipient\":\"AA\"}",
          "no verifier here knows this format" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"%\",\"nonce\":\"AA\","
          "\"recipient\":\"AA\"}",
          "evidence must be base64" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA\",\"nonce\":\"%\","
          "\"recipient\":\"AA\"}",
          "nonce must be base64" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA\",\"nonce\":\"AA\","
          "\"recipient\":\"AA\"}",
          "recipient: " },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA\",\"nonce\":\"AA\","
          "\"recipient\":7}",
          "recipient must be a key" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA\",\"nonce\":\"AA\","
          "\"recipient\":{\"kty\":\"oct\",\"k\":\"AA\"}}",
          "recipient: " },
        { "{" WORKER ",\"allow_debug\":true}", "" },
        { "[]", "" },
    };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(api_bench_call(&b.api, API_POST, LOGIN, NULL, bad[i].body), 400);
        if (strstr(api_bench_error(&b.api), bad[i].says) == NULL) {
            (void)printf("\n%s: %s\n", bad[i].body, api_bench_error(&b.api));
        }
        CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_error(&b.api), bad[i].says));
    }
    end();
}

/* ---- what operators find ---- */

static void
the_reason_is_in_the_log_by_the_request_s_id_and_nowhere_else(void)
{
    char path[] = "/tmp/tsec-login-XXXXXX";
    const int fd = mkstemp(path);
    char text[8192];
    ssize_t n;

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    begin();
    write_role("strict", "{\"match\":[\"sim:measurement=" IMAGE_B "\"]}");
    tsec_log_setup(&(struct tsec_log_options){
        .level = TSEC_LOG_INFO, .fd = fd, .clock = &tsec_clock_system });
    CU_ASSERT_TRUE(refused(login(&tee, "\"role\":\"strict\"")));
    CU_ASSERT_FALSE(body_has("measurement") || body_has("bbbb") || body_has("role"));
    n = pread(fd, text, sizeof(text) - 1, 0);
    text[n < 0 ? 0 : n] = '\0';
    CU_ASSERT_PTR_NOT_NULL(strstr(text, api_bench_str(&b.api, "request_id")));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "reason=role-measurement"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "bbbbbbbb"));
    CU_ASSERT_PTR_EQUAL(strstr(strstr(text, "evidence refused") + 1, "evidence refused"), NULL);
    tsec_log_setup(&(struct tsec_log_options){
        .level = TSEC_LOG_INFO, .fd = STDERR_FILENO, .clock = &tsec_clock_system });
    end();
    (void)close(fd);
    (void)unlink(path);
}

static void
a_sealed_server_lets_nobody_in(void)
{
    struct bench_challenge challenge;

    begin();
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_EQUAL(node_seal(b.api.node.node, NULL).code, 0);
    CU_ASSERT_EQUAL(login_on(&b.api, &challenge, WORKER), 503);
    end();
}

static const struct test_case cases[] = {
    { "code that proves itself is given a token that only it can read",
      code_that_proves_itself_is_given_a_token_that_only_it_can_read },
    { "every kind of recipient is taken", every_kind_of_recipient_is_taken },
    { "a recipient may be a JWK", a_recipient_may_be_a_jwk },
    { "an entry of the list that admits is kept with the token",
      an_entry_of_the_list_that_admits_is_kept_with_the_token },
    { "what a token makes rests on the same evidence",
      what_a_token_makes_rests_on_the_same_evidence },
    { "each role sees its own subtree by what it proved",
      each_role_sees_its_own_subtree_by_what_it_proved },
    { "a key for attested callers serves them and nobody else",
      a_key_for_attested_callers_serves_them_and_nobody_else },
    { "a challenge serves once", a_challenge_serves_once },
    { "a challenge that served on one server serves on no other",
      a_challenge_that_served_on_one_server_serves_on_no_other },
    { "what was refused did not use the challenge up",
      what_was_refused_did_not_use_the_challenge_up },
    { "a challenge that is over or of nobody we know is refused",
      a_challenge_that_is_over_or_of_nobody_we_know_is_refused },
    { "another cluster's challenge is refused", another_cluster_s_challenge_is_refused },
    { "evidence of another challenge is refused", evidence_of_another_challenge_is_refused },
    { "a recipient that the evidence does not vouch for is refused",
      a_recipient_that_the_evidence_does_not_vouch_for_is_refused },
    { "forged and debug evidence is refused alike", forged_and_debug_evidence_is_refused_alike },
    { "the server's list decides before any role does",
      the_server_s_list_decides_before_any_role_does },
    { "what a role binds is asked of the evidence", what_a_role_binds_is_asked_of_the_evidence },
    { "no role that is none or gone or another mount's admits",
      no_role_that_is_none_or_gone_or_another_mount_s_admits },
    { "a request that is none is told why", a_request_that_is_none_is_told_why },
    { "the reason is in the log by the request's id and nowhere else",
      the_reason_is_in_the_log_by_the_request_s_id_and_nowhere_else },
    { "a sealed server lets nobody in", a_sealed_server_lets_nobody_in },
};

TEST_MAIN("api/auth_attest_login", cases)
