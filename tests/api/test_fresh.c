/* SPDX-License-Identifier: Apache-2.0 */
/* Two servers over one store: what one has acknowledged, the other knows, refusals included. */
#include "api/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/node_internal.h"
#include "tests/double/api_bench.h"
#include "tests/double/store_fault.h"
#include "tests/test.h"

#define STORE "mem:fresh"

static struct api_bench s[2];

static void
begin(void)
{
    api_bench_open(&s[0], STORE);
    api_bench_join(&s[1], STORE, &s[0]);
}

static void
end(void)
{
    api_bench_leave(&s[0]);
    api_bench_close(&s[1]);
}

static int
self(struct api_bench *server, const char *token)
{
    return api_bench_call(server, API_GET, "/v1/auth/token/lookup-self", token, NULL);
}

/* Callers that the server counted as strangers so far. */
static size_t
strangers(struct api_bench *server)
{
    static struct stranger list[STRANGERS_MAX];
    const size_t n = strangers_take(server->node.node->strangers, 0, true, list);
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        count += (size_t)list[i].count;
    }
    return count;
}

static void
a_token_is_known_where_it_was_not_made(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    begin();
    for (int i = 0; i < 20; i++) {
        struct api_bench *maker = &s[i % 2];
        struct api_bench *other = &s[(i + 1) % 2];

        api_bench_token(maker, "default", token);
        CU_ASSERT_EQUAL(self(other, token), 200);
        CU_ASSERT_TRUE(other->reply.has_audit_index);
    }
    /* Each was refused at first, from memory, and then seen again: nobody was a stranger. */
    CU_ASSERT_EQUAL(strangers(&s[0]), 0);
    CU_ASSERT_EQUAL(strangers(&s[1]), 0);
    end();
}

static void
a_stranger_is_refused_once_and_has_no_leaf(void)
{
    begin();
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(self(&s[i % 2], "hvs.unknown"), 403);
        CU_ASSERT_FALSE(s[i % 2].reply.has_audit_index);
    }
    CU_ASSERT_EQUAL(strangers(&s[0]), 3);
    CU_ASSERT_EQUAL(strangers(&s[1]), 2);
    end();
}

static void
a_token_that_was_revoked_is_refused_everywhere(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    begin();
    for (int i = 0; i < 10; i++) {
        api_bench_token(&s[0], "default", token);
        CU_ASSERT_EQUAL(self(&s[1], token), 200);
        CU_ASSERT_EQUAL(
            api_bench_call(&s[i % 2], API_POST, "/v1/auth/token/revoke-self", token, NULL), 204);
        CU_ASSERT_EQUAL(self(&s[(i + 1) % 2], token), 403);
    }
    end();
}

static void
uses_of_a_token_are_counted_together(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    begin();
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_POST, "/v1/auth/token/create",
                                   "{\"policies\":[\"default\"],\"num_uses\":3}"),
                    200);
    (void)snprintf(token, sizeof(token), "%s", api_bench_str(&s[0], "auth.client_token"));
    CU_ASSERT_EQUAL(self(&s[1], token), 200);
    CU_ASSERT_EQUAL(self(&s[0], token), 200);
    CU_ASSERT_EQUAL(self(&s[1], token), 200);
    CU_ASSERT_EQUAL(self(&s[0], token), 403);
    CU_ASSERT_EQUAL(self(&s[1], token), 403);
    end();
}

static void
a_secret_id_for_one_login_gives_one(void)
{
#define ROLE "/v1/auth/approle/role/app"
    char role_id[64];
    char body[256];
    int granted = 0;

    begin();
    CU_ASSERT_EQUAL(api_bench_root(&s[1], API_POST, ROLE, "{\"secret_id_num_uses\":1}"), 204);
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_GET, ROLE "/role-id", NULL), 200);
    (void)snprintf(role_id, sizeof(role_id), "%s", api_bench_str(&s[0], "data.role_id"));
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_POST, ROLE "/secret-id", NULL), 200);
    (void)snprintf(body, sizeof(body), "{\"role_id\":\"%s\",\"secret_id\":\"%s\"}", role_id,
                   api_bench_str(&s[0], "data.secret_id"));
    for (int i = 0; i < 4; i++) {
        const int status =
            api_bench_call(&s[(i + 1) % 2], API_POST, "/v1/auth/approle/login", NULL, body);

        granted += status == 200 ? 1 : 0;
    }
    CU_ASSERT_EQUAL(granted, 1);
    end();
#undef ROLE
}

static void
a_wrapped_reply_opens_at_one_server_only(void)
{
    char body[256];

    begin();
    s[0].wrap_ttl = "5m";
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_GET, "/v1/sys/policies/acl/default", NULL), 200);
    (void)snprintf(body, sizeof(body), "{\"token\":\"%s\"}",
                   api_bench_str(&s[0], "wrap_info.token"));
    CU_ASSERT_EQUAL(api_bench_call(&s[1], API_POST, "/v1/sys/wrapping/lookup", NULL, body), 200);
    CU_ASSERT_FALSE(s[1].reply.has_audit_index);
    CU_ASSERT_EQUAL(api_bench_root(&s[1], API_POST, "/v1/sys/wrapping/unwrap", body), 200);
    CU_ASSERT_EQUAL(api_bench_call(&s[0], API_POST, "/v1/sys/wrapping/lookup", NULL, body), 400);
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_POST, "/v1/sys/wrapping/unwrap", body), 400);
    end();
}

static void
a_write_that_is_repeated_elsewhere_is_done_once(void)
{
    char first[TOKEN_TEXT_MAX + 1];

    begin();
    s[0].idempotency_key = "k-1";
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_POST, "/v1/auth/token/create", "{\"ttl\":60}"), 200);
    (void)snprintf(first, sizeof(first), "%s", api_bench_str(&s[0], "auth.client_token"));
    s[1].idempotency_key = "k-1";
    CU_ASSERT_EQUAL(api_bench_root(&s[1], API_POST, "/v1/auth/token/create", "{\"ttl\":60}"), 200);
    CU_ASSERT_STRING_EQUAL(first, api_bench_str(&s[1], "auth.client_token"));
    s[1].idempotency_key = "k-1";
    CU_ASSERT_EQUAL(api_bench_root(&s[1], API_POST, "/v1/auth/token/create", "{\"ttl\":61}"), 409);
    end();
}

static void
check_and_set_is_of_the_newest_version_wherever_it_was_written(void)
{
    static const char at_0[] = "{\"options\":{\"cas\":0},\"data\":{\"a\":1}}";
    static const char at_1[] = "{\"options\":{\"cas\":1},\"data\":{\"a\":2}}";

    begin();
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_POST, "/v1/secret/data/x", at_0), 200);
    CU_ASSERT_EQUAL(api_bench_root(&s[1], API_POST, "/v1/secret/data/x", at_0), 400);
    CU_ASSERT_EQUAL(api_bench_root(&s[1], API_POST, "/v1/secret/data/x", at_1), 200);
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_POST, "/v1/secret/data/x", at_1), 400);
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_GET, "/v1/secret/data/x", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_int(&s[0], "data.data.a"), 2);
    end();
}

static void
what_is_shown_without_a_leaf_is_fresh_too(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    begin();
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_POST, "/v1/sys/mounts/team",
                                   "{\"type\":\"kv\",\"options\":{\"version\":\"2\"}}"),
                    204);
    CU_ASSERT_EQUAL(api_bench_root(&s[1], API_GET, "/v1/sys/internal/ui/mounts", NULL), 200);
    CU_ASSERT_TRUE(api_bench_has(&s[1], "data.secret.team/"));
    CU_ASSERT_FALSE(s[1].reply.has_audit_index);
    CU_ASSERT_EQUAL(api_bench_root(&s[1], API_DELETE, "/v1/sys/mounts/team", NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_GET, "/v1/sys/internal/ui/mounts", NULL), 200);
    CU_ASSERT_FALSE(api_bench_has(&s[0], "data.secret.team/"));
    /* 404: it may, and this server keeps none; 403 would be its memory's word. */
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_PUT, "/v1/sys/policies/acl/see",
                                   "{\"policy\":\"path \\\"sys/metrics\\\" "
                                   "{ capabilities = [\\\"read\\\"] }\"}"),
                    204);
    api_bench_token(&s[0], "see", token);
    CU_ASSERT_EQUAL(api_bench_call(&s[1], API_GET, "/v1/sys/metrics", token, NULL), 404);
    CU_ASSERT_EQUAL(api_bench_call(&s[1], API_GET, "/v1/sys/metrics", "hvs.x", NULL), 403);
    CU_ASSERT_EQUAL(strangers(&s[1]), 1);
    end();
}

static void
one_of_two_initialises_and_the_other_is_told(void)
{
    const struct timespec step = { .tv_nsec = 20 * 1000000L };
    int status = 0;

    api_bench_open_empty(&s[0], STORE);
    api_bench_join(&s[1], STORE, &s[0]);
    CU_ASSERT_EQUAL(api_bench_call(&s[0], API_POST, "/v1/sys/init", NULL, NULL), 200);
    (void)snprintf(s[1].root, sizeof(s[1].root), "%s", api_bench_str(&s[0], "root_token"));
    CU_ASSERT_EQUAL(api_bench_call(&s[1], API_POST, "/v1/sys/init", NULL, NULL), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&s[1]), "Vault is already initialized");
    for (int i = 0; i < 100 && status != 200; i++) { /* it sees that by itself */
        status = api_bench_root(&s[1], API_GET, "/v1/sys/mounts", NULL);
        (void)nanosleep(&step, NULL);
    }
    CU_ASSERT_EQUAL(status, 200);
    end();
}

/* The second line of a checkpoint. */
static unsigned long
leaves(struct api_bench *server)
{
    char note[512] = "";
    const char *line;

    CU_ASSERT_EQUAL(api_bench_call(server, API_GET, "/v1/audit/checkpoint", NULL, NULL), 200);
    CU_ASSERT_FALSE(server->reply.has_audit_index);
    (void)snprintf(note, sizeof(note), "%.*s", (int)server->reply.body.len,
                   (const char *)server->reply.body.ptr);
    line = strchr(note, '\n');
    return line == NULL ? 0 : strtoul(line + 1, NULL, 10);
}

static void
the_log_does_not_shrink_from_one_server_to_the_next(void)
{
    unsigned long seen = 0;
    char path[64];

    begin();
    for (int i = 0; i < 10; i++) {
        struct api_bench *writer = &s[i % 2];
        struct api_bench *other = &s[(i + 1) % 2];

        CU_ASSERT_EQUAL(api_bench_root(writer, API_GET, "/v1/sys/mounts", NULL), 200);
        CU_ASSERT_TRUE(leaves(writer) > seen);
        seen = leaves(writer);
        CU_ASSERT_EQUAL(leaves(other), seen);
        /* nor does a part that one has signed lack at the other */
        CU_ASSERT_EQUAL(api_bench_root(writer, API_GET, "/v1/sys/mounts", NULL), 200);
        (void)snprintf(path, sizeof(path), "/v1/audit/tile/entries/000.p/%lu", leaves(writer));
        CU_ASSERT_EQUAL(api_bench_call(other, API_GET, path, NULL, NULL), 200);
    }
    CU_ASSERT_EQUAL(api_bench_call(&s[0], API_GET, "/v1/audit/tile/entries/009", NULL, NULL), 404);
    store_fault_down(s[0].node.store, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(api_bench_call(&s[0], API_GET, "/v1/audit/checkpoint", NULL, NULL), 503);
    CU_ASSERT_EQUAL(s[0].reply.retry_after_s, 1);
    store_fault_clear(s[0].node.store);
    end();
}

static void
evidence_is_appraised_once_however_often_the_request_runs(void)
{
    static const char body[] = "{\"format\":\"script\",\"evidence\":\"ZXZpZGVuY2U=\"}";
    char token[TOKEN_TEXT_MAX + 1];
    uint64_t count = 0;

    begin();
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_PUT, "/v1/sys/policies/acl/ask",
                                   "{\"policy\":\"path \\\"tee/verify\\\" "
                                   "{ capabilities = [\\\"update\\\"] }\"}"),
                    204);
    api_bench_token(&s[0], "ask", token); /* which s[1] sees at its second look */
    CU_ASSERT_EQUAL(api_bench_call(&s[1], API_POST, "/v1/tee/verify", token, body), 200);
    CU_ASSERT_EQUAL(api_bench_root(&s[0], API_GET, "/v1/sys/mounts", NULL), 200);
    CU_ASSERT_EQUAL(api_bench_call(&s[1], API_POST, "/v1/tee/verify", token, body), 200);
    for (uint32_t reason = 0; reason <= TSEC_REASON_INTERNAL; reason++) {
        count += appraiser_count(s[1].appraiser, 0, (enum tsec_reason)reason);
    }
    CU_ASSERT_EQUAL(count, 2);
    end();
}

static const struct test_case cases[] = {
    { "a token is known where it was not made", a_token_is_known_where_it_was_not_made },
    { "a stranger is refused once and has no leaf", a_stranger_is_refused_once_and_has_no_leaf },
    { "a token that was revoked is refused everywhere",
      a_token_that_was_revoked_is_refused_everywhere },
    { "uses of a token are counted together", uses_of_a_token_are_counted_together },
    { "a secret id for one login gives one", a_secret_id_for_one_login_gives_one },
    { "a wrapped reply opens at one server only", a_wrapped_reply_opens_at_one_server_only },
    { "a write that is repeated elsewhere is done once",
      a_write_that_is_repeated_elsewhere_is_done_once },
    { "check-and-set is of the newest version, wherever it was written",
      check_and_set_is_of_the_newest_version_wherever_it_was_written },
    { "one of two initialises and the other is told",
      one_of_two_initialises_and_the_other_is_told },
    { "the log does not shrink from one server to the next",
      the_log_does_not_shrink_from_one_server_to_the_next },
    { "evidence is appraised once, however often the request runs",
      evidence_is_appraised_once_however_often_the_request_runs },
    { "what is shown without a leaf is fresh too", what_is_shown_without_a_leaf_is_fresh_too },
};

TEST_MAIN("api/fresh", cases)
