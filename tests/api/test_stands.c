/* SPDX-License-Identifier: Apache-2.0 */
#include "api/admit.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/double/attest_script.h"
#include "tests/double/signed_list.h"
#include "tests/test.h"

#define STORE "mem:stands"
#define ENTRY ATTEST_SCRIPT_PCRS
#define OTHER "nitro:pcr0=" ATTEST_SCRIPT_48("ee")
#define MOUNT "m00000001"

static struct api_bench b;
static struct signed_list_key operator_key;
static struct tsec_string_map rests_on;
static struct token_made made;
static char token[TOKEN_TEXT_MAX + 1];

static void
trust(struct api_bench *server)
{
    const struct tsec_span spki = tsec_buf_span(&operator_key.spki);

    CU_ASSERT_FALSE_FATAL(tsec_failed(operators_set(server->operators, &spki, 1, NULL)));
}

static void
begin(void)
{
    api_bench_open(&b, STORE);
    signed_list_key_new(&operator_key, TSEC_KEY_ED25519);
    trust(&b);
}

static void
end(void)
{
    signed_list_key_done(&operator_key);
    api_bench_close(&b);
}

static void
configure(struct api_bench *server, bool debug, bool simulated, const char *entry)
{
    const struct admission_policy policy = { .allow_debug = debug, .allow_simulated = simulated };
    const struct tsec_span span = tsec_span_str(entry);
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_new(&span, entry == NULL ? 0 : 1, &list, NULL)));
    appraiser_set_policy(server->appraiser, &policy, list);
}

static int
sign_list(struct api_bench *server, long sequence, const char *measurements)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(8192);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(16384);
    struct node_info info = { 0 };

    node_info(server->node.node, &info);
    signed_list_document(info.origin, sequence, measurements, &document);
    signed_list_body(&operator_key, tsec_buf_span(&document), &body);
    tsec_buf_put_byte(&body, 0);
    return api_bench_root(server, API_POST, "/v1/sys/measurements", (const char *)body.ptr);
}

static tsec_rc
make(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static const char *policies[] = { "default" };
    struct token_spec spec = { .parent = NULL };

    (void)ctx;
    spec.token = (struct token){ .path = "auth/attest/login",
                                 .display_name = "attest",
                                 .role = "",
                                 .policies = { policies, 1 },
                                 .attest = rests_on,
                                 .ttl_s = 600 };
    return token_make(txn, node_keys(b.node.node), &spec, &made, err);
}

/* A token as a login by evidence makes one. */
static void
log_in(const char *const (*pairs)[2], size_t n)
{
    static const char *keys[10];
    static const char *values[10];
    tsec_rc rc = TSEC_OK;

    for (size_t i = 0; i < n; i++) {
        keys[i] = pairs[i][0];
        values[i] = pairs[i][1];
    }
    rests_on = (struct tsec_string_map){ keys, values, n };
    CU_ASSERT_EQUAL_FATAL(node_bench_do(&b.node, make, NULL, &rc, NULL, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(rc.code, 0);
    (void)snprintf(token, sizeof(token), "%s", made.text);
}

static void
log_in_by(const char *entry)
{
    const char *const pairs[][2] = { { "entry", entry }, { "tee", "nitro" } };

    log_in(pairs, 2);
}

static int
use(struct api_bench *server)
{
    return api_bench_call(server, API_GET, "/v1/auth/token/lookup-self", token, NULL);
}

static void
a_token_stands_on_the_configuration_or_on_the_signed_list(void)
{
    begin();
    log_in_by(ENTRY);
    CU_ASSERT_EQUAL(use(&b), 403);
    CU_ASSERT_FALSE(b.reply.has_audit_index); /* as an unknown token: counted, not listed */
    configure(&b, false, false, ENTRY);
    CU_ASSERT_EQUAL(use(&b), 200);
    CU_ASSERT_EQUAL(sign_list(&b, 1, "[\"" ENTRY "\"]"), 200);
    configure(&b, false, false, NULL);
    CU_ASSERT_EQUAL(use(&b), 200);
    configure(&b, false, false, OTHER);
    CU_ASSERT_EQUAL(use(&b), 200);
    end();
}

static void
a_token_dies_with_its_entry_and_does_not_come_back(void)
{
    begin();
    CU_ASSERT_EQUAL(sign_list(&b, 1, "[\"" ENTRY "\",\"" OTHER "\"]"), 200);
    log_in_by(ENTRY);
    CU_ASSERT_EQUAL(use(&b), 200);
    CU_ASSERT_EQUAL(sign_list(&b, 2, "[\"" OTHER "\"]"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.revoked"), 1);
    CU_ASSERT_EQUAL(use(&b), 403);
    CU_ASSERT_EQUAL(sign_list(&b, 3, "[\"" ENTRY "\"]"), 200);
    CU_ASSERT_EQUAL(use(&b), 403);
    end();
}

static void
what_the_configuration_has_too_is_not_revoked(void)
{
    begin();
    configure(&b, false, false, ENTRY);
    CU_ASSERT_EQUAL(sign_list(&b, 1, "[\"" ENTRY "\"]"), 200);
    log_in_by(ENTRY);
    CU_ASSERT_EQUAL(sign_list(&b, 2, "[]"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.removed"), 1);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.revoked"), 0);
    CU_ASSERT_EQUAL(use(&b), 200);
    end();
}

static void
every_server_refuses_it_from_that_moment(void)
{
    struct api_bench other;

    begin();
    api_bench_join(&other, STORE, &b);
    trust(&other);
    CU_ASSERT_EQUAL(sign_list(&b, 1, "[\"" ENTRY "\"]"), 200);
    log_in_by(ENTRY);
    CU_ASSERT_EQUAL(use(&other), 200); /* its appraiser has not heard of the list */
    CU_ASSERT_EQUAL(appraiser_generation(other.appraiser), 1);
    CU_ASSERT_EQUAL(sign_list(&b, 2, "[]"), 200);
    CU_ASSERT_EQUAL(use(&other), 403);
    CU_ASSERT_EQUAL(use(&b), 403);
    api_bench_leave(&other);
    end();
}

static void
a_child_dies_with_it(void)
{
    begin();
    CU_ASSERT_EQUAL(sign_list(&b, 1, "[\"" ENTRY "\"]"), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/policies/acl/default",
                                   "{\"policy\":\"path \\\"auth/token/*\\\" "
                                   "{ capabilities = [\\\"read\\\", \\\"update\\\", \\\"sudo\\\"] "
                                   "}\"}"),
                    204);
    for (int orphan = 0; orphan < 2; orphan++) {
        char child[TOKEN_TEXT_MAX + 1];

        log_in_by(ENTRY);
        CU_ASSERT_EQUAL(
            api_bench_call(&b, API_POST,
                           orphan != 0 ? "/v1/auth/token/create-orphan" : "/v1/auth/token/create",
                           token, "{}"),
            200);
        (void)snprintf(child, sizeof(child), "%s", api_bench_str(&b, "auth.client_token"));
        (void)snprintf(token, sizeof(token), "%s", child);
        CU_ASSERT_EQUAL(use(&b), 200);
        CU_ASSERT_EQUAL(sign_list(&b, 2 + 2 * orphan, "[]"), 200);
        CU_ASSERT_EQUAL(api_bench_int(&b, "data.revoked"), 2);
        CU_ASSERT_EQUAL(use(&b), 403);
        CU_ASSERT_EQUAL(sign_list(&b, 3 + 2 * orphan, "[\"" ENTRY "\"]"), 200);
    }
    end();
}

static void
what_a_setting_admitted_ends_with_the_setting(void)
{
    static const char *const simulated[][2] = { { "entry", "" }, { "tee", "sim" } };
    static const char *const debug[][2] = { { "debug", "true" },
                                            { "entry", "" },
                                            { "tee", "nitro" } };
    static const char *const both[][2] = { { "debug", "true" },
                                           { "entry", ENTRY },
                                           { "tee", "nitro" } };

    begin();
    log_in(simulated, 2);
    CU_ASSERT_EQUAL(use(&b), 403);
    configure(&b, true, false, NULL);
    CU_ASSERT_EQUAL(use(&b), 403);
    configure(&b, false, true, NULL);
    CU_ASSERT_EQUAL(use(&b), 200);
    configure(&b, false, true, "sim:svn>=1"); /* from now on simulated TEEs are named */
    CU_ASSERT_EQUAL(use(&b), 403);
    configure(&b, false, true, NULL);
    CU_ASSERT_EQUAL(sign_list(&b, 1, "[\"sim:svn>=2\"]"), 200);
    CU_ASSERT_EQUAL(use(&b), 403);
    log_in(debug, 3);
    CU_ASSERT_EQUAL(use(&b), 403);
    configure(&b, true, false, NULL);
    CU_ASSERT_EQUAL(use(&b), 200);
    configure(&b, false, false, ENTRY);
    log_in(both, 3);
    CU_ASSERT_EQUAL(use(&b), 403);
    configure(&b, true, false, ENTRY);
    CU_ASSERT_EQUAL(use(&b), 200);
    end();
}

static tsec_rc
write_role(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static const char *match[1];
    const struct attest_role role = { .name = "app", .min_tcb = "", .match = { match, 1 } };

    match[0] = ctx;
    return ctx == NULL ? attest_role_delete(txn, MOUNT, "app", err)
                       : attest_role_store(txn, MOUNT, &role, err);
}

static void
set_role(const char *match)
{
    tsec_rc rc = TSEC_OK;

    CU_ASSERT_EQUAL_FATAL(
        node_bench_do(&b.node, write_role, (void *)(uintptr_t)match, &rc, NULL, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(rc.code, 0);
}

static void
a_token_stands_while_its_role_has_the_expression(void)
{
    static const char *const by_role[][2] = {
        { "entry", ENTRY }, { "match", ENTRY }, { "mount", MOUNT },
        { "role", "app" },  { "tee", "nitro" },
    };

    begin();
    configure(&b, false, false, ENTRY);
    log_in(by_role, 5);
    CU_ASSERT_EQUAL(use(&b), 403);
    set_role(ENTRY);
    CU_ASSERT_EQUAL(use(&b), 200);
    set_role(OTHER);
    CU_ASSERT_EQUAL(use(&b), 403);
    set_role(ENTRY);
    CU_ASSERT_EQUAL(use(&b), 200);
    set_role(NULL);
    CU_ASSERT_EQUAL(use(&b), 403);
    end();
}

static const struct test_case cases[] = {
    { "a token stands on the configuration or on the signed list",
      a_token_stands_on_the_configuration_or_on_the_signed_list },
    { "a token dies with its entry and does not come back",
      a_token_dies_with_its_entry_and_does_not_come_back },
    { "what the configuration has too is not revoked",
      what_the_configuration_has_too_is_not_revoked },
    { "every server refuses it from that moment", every_server_refuses_it_from_that_moment },
    { "a child dies with it", a_child_dies_with_it },
    { "what a setting admitted ends with the setting",
      what_a_setting_admitted_ends_with_the_setting },
    { "a token stands while its role has the expression",
      a_token_stands_while_its_role_has_the_expression },
};

TEST_MAIN("api/stands", cases)
