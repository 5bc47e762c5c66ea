/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "audit/entry.h"
#include "crypto/cms.h"
#include "tests/api/attest_bench.h"
#include "tests/test.h"

#define RELEASE "/v1/tee/release"
#define REFUSED "the evidence was not accepted"
#define ROLE    "\"role\":\"worker\""
#define A       "secret/data/worker/a"
#define B       "secret/data/worker/b"

static struct attest_bench b;
static struct sim_tee tee; /* of image A */
static struct tsec_recipient *key;
static struct tsec_buf spki;
static struct tsec_buf evidence;
static struct tsec_buf body;
static struct tsec_buf plain;
static json_t *opened;

static void
root(enum api_method method, const char *path, const char *json)
{
    CU_ASSERT_TRUE(api_bench_root(&b.api, method, path, json) < 300);
}

static void
write_role(const char *more)
{
    char text[1024];

    (void)snprintf(text, sizeof(text),
                   "{\"match\":[\"sim:measurement=" IMAGE_A "\"],\"token_policies\":[\"app\"]%s}",
                   more);
    root(API_POST, "/v1/auth/attest/role/worker", text);
}

static void
write_policy(const char *rules)
{
    char text[1024];

    (void)snprintf(text, sizeof(text), "{\"policy\":\"%s\"}", rules);
    root(API_POST, "/v1/sys/policies/acl/app", text);
}

static void
begin_as(enum tsec_recipient_kind kind)
{
    attest_bench_open(&b, "mem:release");
    sim_tee_open(&tee, IMAGE_A, false, "3");
    tsec_buf_init(&spki, 4096);
    tsec_buf_init(&evidence, 2 * TSEC_EVIDENCE_MAX);
    tsec_buf_init(&body, 4 * TSEC_EVIDENCE_MAX);
    tsec_buf_init(&plain, TSEC_JWE_MAX);
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_generate(kind, &key, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_spki(key, &spki, NULL).code, 0);
    write_role("");
    write_policy("path \\\"secret/data/{{role}}/*\\\" {capabilities = [\\\"read\\\"]}");
    root(API_POST, "/v1/" A, "{\"data\":{\"password\":\"one\"}}");
    root(API_POST, "/v1/" A, "{\"data\":{\"password\":\"two\"}}");
    root(API_POST, "/v1/" B, "{\"data\":{\"key\":\"bee\"}}");
    root(API_POST, "/v1/secret/data/other/c", "{\"data\":{\"key\":\"sea\"}}");
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
release_with(const struct bench_challenge *challenge, const char *more)
{
    bench_proof(&evidence, challenge, tsec_buf_span(&spki), more, &body);
    return api_bench_call(&b.api, API_POST, RELEASE, NULL, (const char *)body.ptr);
}

/* A fresh challenge, evidence of that TEE, a release. */
static int
release_by(struct sim_tee *by, const char *more)
{
    struct bench_challenge challenge;

    bench_challenge(&b.api, &challenge);
    prove(by, &challenge);
    return release_with(&challenge, more);
}

static int
release(const char *more)
{
    return release_by(&tee, more);
}

static bool
body_has(const char *text)
{
    return memmem(b.api.reply.body.ptr, b.api.reply.body.len, text, strlen(text)) != NULL;
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

/* What stands in `wrapped` number i; the member of "data"."data" of that name. */
static const char *
secret_of(size_t i, const char *member, bool cms)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_JWE_MAX);
    struct tsec_span wrapped;
    const char *text;
    char at[64];
    json_t *data;
    tsec_rc rc;

    (void)snprintf(at, sizeof(at), "data.released.%zu.wrapped", i);
    wrapped = tsec_span_str(api_bench_str(&b.api, at));
    tsec_buf_reset(&plain);
    if (cms) {
        CU_ASSERT_EQUAL(tsec_base64_decode(&der, TSEC_BASE64_STD, wrapped, NULL).code, 0);
        rc = tsec_cms_decrypt(key, tsec_buf_span(&der), &plain, NULL);
    } else {
        rc = tsec_jwe_decrypt(key, wrapped, &plain, NULL);
    }
    CU_ASSERT_EQUAL_FATAL(rc.code, 0);
    json_decref(opened);
    opened = json_loadb((const char *)plain.ptr, plain.len, 0, NULL);
    data = json_object_get(json_object_get(opened, "data"), "data");
    text = json_string_value(json_object_get(data, member));
    return text == NULL ? "" : text;
}

/* ---- what is given ---- */

static void
what_a_read_would_answer_leaves_encrypted_for_the_code_alone(void)
{
    begin();
    CU_ASSERT_EQUAL(release(ROLE ",\"paths\":[\"" A "\",\"" B "\",\"" A "?version=1\"]"), 200);
    CU_ASSERT_TRUE(b.api.reply.has_audit_index);
    CU_ASSERT_FALSE(body_has("one") || body_has("two") || body_has("bee") || body_has("password"));
    CU_ASSERT_STRING_EQUAL(secret_of(0, "password", false), "two");
    CU_ASSERT_STRING_EQUAL(secret_of(1, "key", false), "bee");
    CU_ASSERT_STRING_EQUAL(secret_of(2, "password", false), "one");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.released.0.path"), A);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b.api, "data.released.2.path"), A "?version=1");
    CU_ASSERT_FALSE(api_bench_has(&b.api, "data.released.3"));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(opened, "request_id")),
                           api_bench_str(&b.api, "request_id"));
    end();
}

static void
each_kind_of_recipient_is_taken(void)
{
    static const enum tsec_recipient_kind kinds[] = { TSEC_RECIPIENT_P384, TSEC_RECIPIENT_P256,
                                                      TSEC_RECIPIENT_RSA };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        begin_as(kinds[i]);
        CU_ASSERT_EQUAL(release(ROLE ",\"paths\":[\"" B "\"],\"wrap\":\"jwe\""), 200);
        CU_ASSERT_STRING_EQUAL(secret_of(0, "key", false), "bee");
        end();
    }
}

static void
cms_is_for_rsa_keys(void)
{
    begin_as(TSEC_RECIPIENT_RSA);
    CU_ASSERT_EQUAL(release(ROLE ",\"paths\":[\"" A "\",\"" B "\"],\"wrap\":\"cms\""), 200);
    CU_ASSERT_STRING_EQUAL(secret_of(0, "password", true), "two");
    CU_ASSERT_STRING_EQUAL(secret_of(1, "key", true), "bee");
    end();
    begin();
    CU_ASSERT_EQUAL(release(ROLE ",\"paths\":[\"" A "\"],\"wrap\":\"cms\""), 400);
    end();
}

enum { LARGE = 400000, ROOM = LARGE + 8192 };

static void
many_paths_and_large_ones_are_released_at_once(void)
{
    char *text = malloc(ROOM);
    size_t n;

    begin();
    n = (size_t)snprintf(text, ROOM, "{\"data\":{\"key\":\"");
    memset(text + n, 'x', LARGE);
    (void)snprintf(text + n + LARGE, ROOM - n - LARGE, "\"}}");
    root(API_POST, "/v1/" B, text);
    n = (size_t)snprintf(text, ROOM, ROLE ",\"paths\":[\"" B "\"");
    for (size_t i = 1; i < AUDIT_PATHS_MAX; i++) {
        n += (size_t)snprintf(text + n, ROOM - n, ",\"%s\"", i < 4 ? B : A);
    }
    (void)snprintf(text + n, ROOM - n, "]");
    CU_ASSERT_EQUAL(release(text), 200);
    CU_ASSERT_EQUAL(strlen(secret_of(3, "key", false)), LARGE);
    CU_ASSERT_STRING_EQUAL(secret_of(AUDIT_PATHS_MAX - 1, "password", false), "two");
    free(text);
    end();
}

/* What one answer cannot hold is said so, before anything is. */
static void
too_much_at_once_is_said_to_be(void)
{
    char *text = malloc(ROOM);
    size_t n;

    begin();
    n = (size_t)snprintf(text, ROOM, "{\"data\":{\"key\":\"");
    memset(text + n, 'x', LARGE);
    (void)snprintf(text + n + LARGE, ROOM - n - LARGE, "\"}}");
    root(API_POST, "/v1/" B, text);
    n = (size_t)snprintf(text, ROOM, ROLE ",\"paths\":[\"" B "\"");
    for (size_t i = 1; i < 16; i++) {
        n += (size_t)snprintf(text + n, ROOM - n, ",\"" B "\"");
    }
    (void)snprintf(text + n, ROOM - n, "]");
    CU_ASSERT_EQUAL(release(text), 413);
    free(text);
    end();
}

/* ---- what is not ---- */

static void
one_path_that_may_not_be_read_fails_all_of_them_alike(void)
{
    static const char *const paths[] = {
        "secret/data/other/c",      /* denied */
        "secret/data/other/none",   /* denied, and absent */
        "secret/data/worker/none",  /* absent */
        A "?version=9",             /* no such version */
        A "?version=x",             /* no version */
        A "?list=true",             /* another question */
        "secret/metadata/worker/a", /* not a secret's data */
        "secret/data/",             /* nor this */
        "secret/data/worker/../a",  /* no path */
        "secret/data//worker/a",
        "nowhere/data/worker/a", /* no mount */
        "sys/mounts",
        "sys/health",
        "tee/info",
        "auth/attest/role/worker",
        "",
        "/",
        "/v1/" A,
        "secret/data/worker/a%zz",
        "secret/data/worker/%00",
        "cubbyhole/x",
    };

    begin();
    write_policy("path \\\"secret/data/worker/*\\\" {capabilities = [\\\"read\\\"]} path "
                 "\\\"sys/*\\\" {capabilities = [\\\"read\\\", \\\"sudo\\\"]} path \\\"auth/*\\\" "
                 "{capabilities = [\\\"read\\\"]}");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(paths); i++) {
        char text[512];

        (void)snprintf(text, sizeof(text), ROLE ",\"paths\":[\"" A "\",\"%s\"]", paths[i]);
        CU_ASSERT_TRUE(refused(release(text)));
    }
    end();
}

static void
a_deleted_or_destroyed_version_is_as_if_it_were_absent(void)
{
    begin();
    root(API_DELETE, "/v1/" B, NULL);
    CU_ASSERT_TRUE(refused(release(ROLE ",\"paths\":[\"" B "\"]")));
    root(API_POST, "/v1/secret/destroy/worker/a", "{\"versions\":[1]}");
    CU_ASSERT_TRUE(refused(release(ROLE ",\"paths\":[\"" A "?version=1\"]")));
    CU_ASSERT_EQUAL(release(ROLE ",\"paths\":[\"" A "\"]"), 200);
    end();
}

static void
deny_wins_and_required_parameters_are_required(void)
{
    begin();
    write_policy("path \\\"secret/data/worker/*\\\" {capabilities = [\\\"read\\\"]} path "
                 "\\\"secret/data/worker/b\\\" {capabilities = [\\\"deny\\\"]}");
    CU_ASSERT_EQUAL(release(ROLE ",\"paths\":[\"" A "\"]"), 200);
    CU_ASSERT_TRUE(refused(release(ROLE ",\"paths\":[\"" B "\"]")));
    write_policy("path \\\"secret/data/worker/*\\\" {capabilities = [\\\"read\\\"] "
                 "required_parameters = [\\\"version\\\"]}");
    CU_ASSERT_TRUE(refused(release(ROLE ",\"paths\":[\"" A "\"]")));
    CU_ASSERT_EQUAL(release(ROLE ",\"paths\":[\"" A "?version=1\"]"), 200);
    write_policy("path \\\"secret/data/worker/*\\\" {capabilities = [\\\"create\\\", "
                 "\\\"update\\\", \\\"list\\\"]}");
    CU_ASSERT_TRUE(refused(release(ROLE ",\"paths\":[\"" A "\"]")));
    end();
}

static void
other_code_and_other_roles_get_nothing(void)
{
    struct sim_tee other;

    begin();
    sim_tee_open(&other, IMAGE_B, false, "3");
    CU_ASSERT_TRUE(refused(release_by(&other, ROLE ",\"paths\":[\"" A "\"]")));
    CU_ASSERT_TRUE(refused(release("\"role\":\"nobody\",\"paths\":[\"" A "\"]")));
    CU_ASSERT_TRUE(refused(release(ROLE ",\"mount\":\"approle\",\"paths\":[\"" A "\"]")));
    CU_ASSERT_TRUE(refused(release(ROLE ",\"mount\":\"nowhere\",\"paths\":[\"" A "\"]")));
    CU_ASSERT_EQUAL(release(ROLE ",\"mount\":\"attest\",\"paths\":[\"" A "\"]"), 200);
    write_role(",\"token_bound_cidrs\":[\"192.0.2.0/24\"]");
    b.api.remote = "203.0.113.1";
    CU_ASSERT_TRUE(refused(release(ROLE ",\"paths\":[\"" A "\"]")));
    sim_tee_close(&other);
    end();
}

static void
a_challenge_serves_one_release(void)
{
    struct bench_challenge challenge;

    begin();
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_TRUE(refused(release_with(&challenge, ROLE ",\"paths\":[\"secret/data/other/c\"]")));
    CU_ASSERT_EQUAL(release_with(&challenge, ROLE ",\"paths\":[\"" A "\"]"), 200);
    CU_ASSERT_TRUE(refused(release_with(&challenge, ROLE ",\"paths\":[\"" A "\"]")));
    prove(&tee, &challenge);
    CU_ASSERT_TRUE(refused(release_with(&challenge, ROLE ",\"paths\":[\"" B "\"]")));
    end();
}

/* Whoever hears a request cannot have the answer written to a key of his. */
static void
a_key_that_the_evidence_does_not_vouch_for_gets_nothing(void)
{
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *thief = NULL;
    struct bench_challenge challenge;

    begin();
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_generate(TSEC_RECIPIENT_P384, &thief, NULL).code, 0);
    tsec_buf_reset(&spki);
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_spki(thief, &spki, NULL).code, 0);
    CU_ASSERT_TRUE(refused(release_with(&challenge, ROLE ",\"paths\":[\"" A "\"]")));
    end();
}

static void
a_nonce_of_ones_own_is_refused(void)
{
    struct bench_challenge challenge = { .text = "" };

    begin();
    memset(challenge.nonce, 7, CHALLENGE_LEN);
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(challenge.nonce, CHALLENGE_LEN), challenge.text);
    prove(&tee, &challenge);
    CU_ASSERT_TRUE(refused(release_with(&challenge, ROLE ",\"paths\":[\"" A "\"]")));
    end();
}

static void
a_request_that_is_none_is_an_error(void)
{
    static const char *const wrong[] = {
        "\"paths\":[\"" A "\"]",
        "\"role\":\"\",\"paths\":[\"" A "\"]",
        ROLE,
        ROLE ",\"paths\":[]",
        ROLE ",\"paths\":{}",
        ROLE ",\"paths\":[\"" A "\"],\"wrap\":\"pgp\"",
        ROLE ",\"paths\":[\"" A "\"],\"wrap\":\"cms\"",
        ROLE ",\"paths\":[\"" A "\"],\"ttl\":1",
        ROLE ",\"paths\":[\"" A "\"],\"token\":\"x\"",
    };
    char text[4096];
    size_t n = (size_t)snprintf(text, sizeof(text), ROLE ",\"paths\":[\"" A "\"");

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(wrong); i++) {
        CU_ASSERT_EQUAL(release(wrong[i]), 400);
    }
    for (size_t i = 0; i < AUDIT_PATHS_MAX; i++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, ",\"" B "\"");
    }
    (void)snprintf(text + n, sizeof(text) - n, "]");
    CU_ASSERT_EQUAL(release(text), 400);
    CU_ASSERT_EQUAL(
        api_bench_call(&b.api, API_POST, RELEASE, NULL, "{" ROLE ",\"paths\":[\"" A "\"]}"), 400);
    CU_ASSERT_EQUAL(api_bench_call(&b.api, API_POST, RELEASE, NULL, "[]"), 400);
    CU_ASSERT_EQUAL(api_bench_call(&b.api, API_GET, RELEASE, NULL, NULL), 405);
    end();
}

static const struct test_case cases[] = {
    { "what a read would answer leaves encrypted for the code alone",
      what_a_read_would_answer_leaves_encrypted_for_the_code_alone },
    { "each kind of recipient is taken", each_kind_of_recipient_is_taken },
    { "CMS is for RSA keys", cms_is_for_rsa_keys },
    { "many paths and large ones are released at once",
      many_paths_and_large_ones_are_released_at_once },
    { "too much at once is said to be", too_much_at_once_is_said_to_be },
    { "one path that may not be read fails all of them alike",
      one_path_that_may_not_be_read_fails_all_of_them_alike },
    { "a deleted or destroyed version is as if it were absent",
      a_deleted_or_destroyed_version_is_as_if_it_were_absent },
    { "deny wins, and required parameters are required",
      deny_wins_and_required_parameters_are_required },
    { "other code and other roles get nothing", other_code_and_other_roles_get_nothing },
    { "a challenge serves one release", a_challenge_serves_one_release },
    { "a key that the evidence does not vouch for gets nothing",
      a_key_that_the_evidence_does_not_vouch_for_gets_nothing },
    { "a nonce of one's own is refused", a_nonce_of_ones_own_is_refused },
    { "a request that is none is an error", a_request_that_is_none_is_an_error },
};

TEST_MAIN("api/tee_release", cases)
