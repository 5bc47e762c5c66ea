/* SPDX-License-Identifier: Apache-2.0 */
#include "api/op.h"

#include "audit/entry.h"
#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
note(struct api_op *op, struct tsec_buf *out)
{
    CU_ASSERT_EQUAL_FATAL(api_op_audit(op, out, NULL).code, 0);
    tsec_buf_put_byte(out, 0);
}

static void
an_entry_says_who_what_and_why_and_no_path(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    static const char *keys[] = { "role_name" };
    static const char *values[] = { "shop" };
    const struct token token = { .accessor = "acc",
                                 .display_name = "token-x",
                                 .meta = { keys, values, 1 } };
    struct api_request req = { .id = "7a3d0c1e-9d0b-4c6f-8f5e-2a51e0c3b6d4",
                               .remote = "192.0.2.1",
                               .received_ns = 1 };
    struct api_reply reply = { .status = 403 };
    struct api_op op = { .req = &req, .reply = &reply, .path = "secret/data/canary" };
    const char *text;

    api_bench_open(&b, "mem:note");
    op.api = b.api;
    op.call.token = &token;
    op.call.route = &api_routes[0];
    op.reason = "policy";
    note(&op, &out);
    text = (const char *)out.ptr;
    CU_ASSERT_PTR_NULL(strstr(text, "canary"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "hmac-sha256:"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"deny\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"policy\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"status\":403"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "acc"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "shop"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, api_routes[0].operation));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "192.0.2.1"));
    api_bench_close(&b);
}

static void
an_entry_without_a_token_or_a_route_is_one_too(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    struct api_request req = { .received_ns = 1 };
    struct api_reply reply = { .status = 200 };
    struct api_op op = { .req = &req, .reply = &reply, .path = "x", .allowed = true };

    api_bench_open(&b, "mem:note");
    op.api = b.api;
    note(&op, &out);
    CU_ASSERT_PTR_NOT_NULL(strstr((const char *)out.ptr, "\"unknown\""));
    CU_ASSERT_PTR_NOT_NULL(strstr((const char *)out.ptr, "\"anyone\""));
    CU_ASSERT_PTR_NOT_NULL(strstr((const char *)out.ptr, "\"allow\""));
    api_bench_close(&b);
}

static void
a_login_is_noted_with_the_token_it_made(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    const struct token made = { .accessor = "fresh", .display_name = "approle" };
    struct api_request req = { .received_ns = 1 };
    struct api_reply reply = { .status = 200 };
    struct api_op op = { .req = &req, .reply = &reply, .path = "x", .allowed = true };

    api_bench_open(&b, "mem:note");
    op.api = b.api;
    op.call.made = &made;
    note(&op, &out);
    CU_ASSERT_PTR_NOT_NULL(strstr((const char *)out.ptr, "\"anyone\""));
    CU_ASSERT_PTR_NOT_NULL(strstr((const char *)out.ptr, "\"fresh\""));
    api_bench_close(&b);
}

/* A release: who it was says what the evidence proved, and not a token. */
static void
an_entry_of_a_release_says_what_was_handed_to_which_code(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    static const char *keys[] = { "measurement", "role" };
    static const char *values[] = { "5e5e", "shop" };
    static const char *paths[] = { "secret/data/canary", "secret/data/b" };
    const struct token who = { .display_name = "attest", .attest = { keys, values, 2 } };
    struct api_request req = { .received_ns = 1 };
    struct api_reply reply = { .status = 200 };
    struct api_op op = { .req = &req, .reply = &reply, .path = "tee/release", .allowed = true };
    char name[AUDIT_PSEUDONYM_LEN + 1];
    const char *text;

    api_bench_open(&b, "mem:note");
    op.api = b.api;
    op.call.api = b.api;
    op.call.made = &who;
    op.call.released = (struct tsec_strings){ paths, 2 };
    note(&op, &out);
    text = (const char *)out.ptr;
    CU_ASSERT_PTR_NULL(strstr(text, "canary"));
    CU_ASSERT_PTR_NULL(strstr(text, "accessor"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"measurement\":\"5e5e\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"role\":\"shop\""));
    for (size_t i = 0; i < 2; i++) {
        audit_pseudonym(api_keys_of(&op.call)->pseudonym, "path", tsec_span_str(paths[i]), name);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, name));
    }
    api_bench_close(&b);
}

/* Metadata of such a token is whatever its maker liked to write. */
static void
an_entry_has_no_role_that_a_token_s_maker_gave_it(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
    static const char *keys[] = { "role_name" };
    static const char *values[] = { "payments" };
    const struct token token = { .path = "auth/token/create",
                                 .display_name = "token",
                                 .meta = { keys, values, 1 } };
    struct api_request req = { .received_ns = 1 };
    struct api_reply reply = { .status = 200 };
    struct api_op op = { .req = &req, .reply = &reply, .path = "x", .allowed = true };

    api_bench_open(&b, "mem:note");
    op.api = b.api;
    op.call.token = &token;
    note(&op, &out);
    CU_ASSERT_PTR_NULL(strstr((const char *)out.ptr, "payments"));
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "an entry has no role that a token's maker gave it",
      an_entry_has_no_role_that_a_token_s_maker_gave_it },
    { "an entry of a release says what was handed to which code",
      an_entry_of_a_release_says_what_was_handed_to_which_code },
    { "an entry says who, what and why", an_entry_says_who_what_and_why_and_no_path },
    { "a login is noted with its token", a_login_is_noted_with_the_token_it_made },
    { "an entry without a token or route", an_entry_without_a_token_or_a_route_is_one_too },
};

TEST_MAIN("api/audit_note", cases)
