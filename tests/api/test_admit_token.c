/* SPDX-License-Identifier: Apache-2.0 */
#include "api/admit.h"

#include "api/op.h"
#include "core/mount.h"
#include "tests/api/attest_bench.h"
#include "tests/test.h"

static struct api_bench b;
static struct attest_role role;
static bool no_role;
static void (*look)(const struct token *token);
static char text[TOKEN_TEXT_MAX + 1];

static tsec_rc
make(struct bench_run *bench, struct api_call *call, struct tsec_err *err)
{
    static const char *keys[] = { "measurement", "role", "tee" };
    static const char *values[] = { "ab12", "worker", "sim" };
    struct api_admitted who = { .role = no_role ? NULL : &role, .attest = { keys, values, 3 } };
    struct token_made made;
    struct token wanted;

    (void)bench;
    TSEC_TRY(api_admit_mount(call, NULL, &who.mount, err));
    TSEC_TRY(api_admitted_token(call, &who, &wanted, err));
    look(&wanted);
    TSEC_TRY(api_admitted_login(call, &who, &made, err));
    CU_ASSERT_PTR_EQUAL(call->made, made.token);
    look(made.token);
    CU_ASSERT_TRUE(made.token->orphan);
    (void)snprintf(text, sizeof(text), "%s", made.text);
    return TSEC_OK;
}

static int
made_of(void (*then)(const struct token *token))
{
    struct bench_run run = { .run = make };

    look = then;
    return bench_in_call(&b, &run).code;
}

static void
begin(void)
{
    static const char *policies[] = { "z", "app" };

    api_bench_open(&b, "mem:admittoken");
    no_role = false;
    role = (struct attest_role){ .name = "worker", .token_policies = { policies, 2 } };
}

static void
plain(const struct token *token)
{
    CU_ASSERT_STRING_EQUAL(token->path, "auth/attest/login");
    CU_ASSERT_STRING_EQUAL(token->display_name, "attest");
    CU_ASSERT_EQUAL_FATAL(token->policies.len, 3);
    CU_ASSERT_STRING_EQUAL(token->policies.items[0], "app");
    CU_ASSERT_STRING_EQUAL(token->policies.items[1], "default");
    CU_ASSERT_STRING_EQUAL(token->policies.items[2], "z");
    CU_ASSERT_EQUAL(token->ttl_s, 2764800);
    CU_ASSERT_EQUAL(token->num_uses, 0);
    CU_ASSERT_TRUE(token->renewable);
    CU_ASSERT_EQUAL(token->attest.len, 3);
    CU_ASSERT_EQUAL_FATAL(token->meta.len, 3);
    CU_ASSERT_STRING_EQUAL(token->meta.values[0], "ab12");
    CU_ASSERT_STRING_EQUAL(token->meta.keys[1], "role_name");
    CU_ASSERT_STRING_EQUAL(token->meta.values[1], "worker");
}

static void
a_role_without_limits_gives_what_its_mount_does(void)
{
    begin();
    CU_ASSERT_EQUAL(made_of(plain), 0);
    CU_ASSERT_TRUE(strncmp(text, "hvs.", 4) == 0);
    /* It was made, but what it is said to rest on is not allowed here: it does not stand. */
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self", text, NULL), 403);
    api_bench_close(&b);
}

static void
tuned(const struct token *token)
{
    CU_ASSERT_EQUAL(token->ttl_s, 120);
    CU_ASSERT_EQUAL(token->max_ttl_s, 600);
}

static void
the_mount_s_lifetimes_are_those_of_its_tokens(void)
{
    begin();
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/auth/attest/tune",
                                   "{\"default_lease_ttl\":\"2m\",\"max_lease_ttl\":\"10m\"}"),
                    204);
    CU_ASSERT_EQUAL(made_of(tuned), 0);
    api_bench_close(&b);
}

static void
limited(const struct token *token)
{
    CU_ASSERT_EQUAL(token->ttl_s, 30); /* cut to the role's maximum */
    CU_ASSERT_EQUAL(token->max_ttl_s, 30);
    CU_ASSERT_EQUAL(token->explicit_max_ttl_s, 500);
    CU_ASSERT_EQUAL(token->num_uses, 2);
    CU_ASSERT_EQUAL(token->policies.len, 2);
    CU_ASSERT_STRING_EQUAL(token->bound_cidrs.items[0], "10.0.0.0/8");
}

static void
what_the_role_limits_is_limited(void)
{
    static const char *cidrs[] = { "10.0.0.0/8" };

    begin();
    role.token_ttl_s = 60;
    role.token_max_ttl_s = 30;
    role.token_explicit_max_ttl_s = 500;
    role.token_num_uses = 2;
    role.token_no_default_policy = true;
    role.token_bound_cidrs = (struct tsec_strings){ cidrs, 1 };
    CU_ASSERT_EQUAL(made_of(limited), 0);
    api_bench_close(&b);
}

static void
periodic(const struct token *token)
{
    CU_ASSERT_EQUAL(token->period_s, 45);
    CU_ASSERT_EQUAL(token->ttl_s, 45);
}

static void
a_period_is_its_lifetime(void)
{
    begin();
    role.token_period_s = 45;
    CU_ASSERT_EQUAL(made_of(periodic), 0);
    api_bench_close(&b);
}

static void
nothing(const struct token *token)
{
    (void)token;
    CU_FAIL("a token of no role");
}

static void
who_has_no_role_has_no_token(void)
{
    begin();
    no_role = true;
    CU_ASSERT_EQUAL(made_of(nothing), TSEC_E_INTERNAL);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a role without limits gives what its mount does",
      a_role_without_limits_gives_what_its_mount_does },
    { "the mount's lifetimes are those of its tokens",
      the_mount_s_lifetimes_are_those_of_its_tokens },
    { "what the role limits is limited", what_the_role_limits_is_limited },
    { "a period is its lifetime", a_period_is_its_lifetime },
    { "who has no role has no token", who_has_no_role_has_no_token },
};

TEST_MAIN("api/admit_token", cases)
