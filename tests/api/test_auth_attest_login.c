/* SPDX-License-Identifier: Apache-2.0 */
#include "api/proof.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "core/node_internal.h"
#include "tests/api/login_bench.h"

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

static bool
was_counted(const char *reason, uint64_t times)
{
    static struct stranger list[STRANGERS_MAX];
    const size_t n = strangers_take(b.api.node.node->strangers, 0, true, list);

    return n == 1 && strcmp(list[0].reason, reason) == 0 && list[0].count == times;
}

static uint64_t
figure(bool refusal, const char *label)
{
    static struct grant_count list[GRANTS_MAX + 2 * GRANT_KINDS];
    const size_t n = grants_copy(&b.api.api->grants, list);

    for (size_t i = 0; i < n; i++) {
        if (list[i].kind == GRANT_LOGIN && list[i].refused == refusal
            && strcmp(list[i].label, label) == 0) {
            return list[i].count;
        }
    }
    return 0;
}

static void
refusals_are_counted_by_reason_and_logins_by_role(void)
{
    struct bench_challenge challenge;

    begin();
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_EQUAL(login_on(&b.api, &challenge, WORKER), 200);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    CU_ASSERT_TRUE(was_counted("challenge-used", 2));
    CU_ASSERT_TRUE(refused(login(&tee, "\"role\":\"nobody\"")));
    CU_ASSERT_TRUE(was_counted("role-unknown", 1));
    CU_ASSERT_EQUAL(api_bench_call(&b.api, API_POST, LOGIN, NULL, "{}"), 400);
    CU_ASSERT_TRUE(was_counted("login", 1));
    CU_ASSERT_EQUAL(figure(false, "worker"), 1);
    CU_ASSERT_EQUAL(figure(true, "challenge-used"), 2);
    CU_ASSERT_EQUAL(figure(true, "role-unknown"), 1);
    CU_ASSERT_EQUAL(figure(true, "login"), 0);
    CU_ASSERT_EQUAL(figure(false, "nobody"), 0);
    end();
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
    { "what a role binds is asked of the evidence", what_a_role_binds_is_asked_of_the_evidence },
    { "no role that is none or gone or another mount's admits",
      no_role_that_is_none_or_gone_or_another_mount_s_admits },
    { "the reason is in the log by the request's id and nowhere else",
      the_reason_is_in_the_log_by_the_request_s_id_and_nowhere_else },
    { "refusals are counted by reason and logins by role",
      refusals_are_counted_by_reason_and_logins_by_role },
    { "a sealed server lets nobody in", a_sealed_server_lets_nobody_in },
};

TEST_MAIN("api/auth_attest_login", cases)
