/* SPDX-License-Identifier: Apache-2.0 */
#include "core/attest_role.h"

#include "appraisal/claims.h"
#include "tests/core/nouns.h"
#include "tests/double/attest_script.h"

#define NOW    INT64_C(1790000000)
#define AB     "nitro:pcr0=" ATTEST_SCRIPT_48("ab")
#define OTHER  "nitro:pcr0=" ATTEST_SCRIPT_48("5e")
#define DIGEST ATTEST_SCRIPT_48("77")

static struct tsec_claims claims;
static struct attest_role role;
static const char *match_ab[] = { AB };
static const char *reason;
static size_t matched;
static char why_text[400];

static void
begin(void)
{
    uint8_t bytes[48];

    attest_script_genuine(NOW);
    claims = attest_script.claims;
    (void)snprintf(claims.instance, sizeof(claims.instance), "i-1");
    (void)snprintf(claims.tcb_date, sizeof(claims.tcb_date), "2024-03-13T00:00:00Z");
    claims.tcb_status = TSEC_TCB_SW_HARDENING_NEEDED;
    memset(bytes, 0x77, sizeof(bytes));
    tsec_claims_add_bytes(&claims, "pcr16", tsec_span(bytes, sizeof(bytes)));
    role = (struct attest_role){ .name = "r", .min_tcb = "", .match = { match_ab, 1 } };
}

static bool
admits_mode(const char *mode)
{
    TSEC_AUTO_BUF struct tsec_buf why = TSEC_BUF_INIT(sizeof(why_text) - 1);
    const bool admits = attest_role_admits(&role, &claims, mode, NOW, &matched, &reason, &why);
    size_t ignored = 0;
    const char *again = NULL;

    (void)snprintf(why_text, sizeof(why_text), "%.*s", (int)why.len,
                   why.len == 0 ? "" : (const char *)why.ptr);
    CU_ASSERT_EQUAL(attest_role_admits(&role, &claims, mode, NOW, &ignored, &again, NULL), admits);
    CU_ASSERT_EQUAL(admits, reason == NULL);
    CU_ASSERT_EQUAL(admits, why.len == 0);
    return admits;
}

static bool
admits(void)
{
    return admits_mode("fresh");
}

static bool
refuses(const char *expected)
{
    return !admits() && strcmp(reason, expected) == 0;
}

static void
any_expression_may_hold_and_which_is_told(void)
{
    static const char *both[] = { OTHER, AB };

    begin();
    CU_ASSERT_TRUE(admits());
    role.match = (struct tsec_strings){ both, 2 };
    CU_ASSERT_TRUE(admits());
    CU_ASSERT_EQUAL(matched, 1);
}

static void
no_expression_or_none_that_holds_admits_nobody(void)
{
    static const char *other[] = { OTHER };
    static const char *sgx[] = { "sgx:mrenclave=" ATTEST_SCRIPT_48("ab") };
    static const char *broken[] = { "nitro:" };

    begin();
    role.match = (struct tsec_strings){ NULL, 0 };
    CU_ASSERT_TRUE(refuses("role-measurement"));
    role.match = (struct tsec_strings){ other, 1 };
    CU_ASSERT_TRUE(refuses("role-measurement"));
    CU_ASSERT_PTR_NOT_NULL(strstr(why_text, "5e5e5e5e"));
    role.match = (struct tsec_strings){ sgx, 1 };
    CU_ASSERT_TRUE(refuses("role-measurement"));
    role.match = (struct tsec_strings){ broken, 1 };
    CU_ASSERT_TRUE(refuses("role-measurement"));
}

static void
formats_bind_when_there_are_any(void)
{
    static const char *formats[] = { "nitro", "script" };

    begin();
    role.formats = (struct tsec_strings){ formats, 2 };
    CU_ASSERT_TRUE(admits());
    role.formats.len = 1;
    CU_ASSERT_TRUE(refuses("role-format"));
}

static void
a_worse_status_is_refused_and_so_is_none_at_all(void)
{
    begin();
    role.min_tcb = "SWHardeningNeeded";
    CU_ASSERT_TRUE(admits());
    role.min_tcb = "OutOfDate";
    CU_ASSERT_TRUE(admits());
    role.min_tcb = "UpToDate";
    CU_ASSERT_TRUE(refuses("role-tcb"));
    role.min_tcb = "OutOfDate";
    claims.tcb_status = TSEC_TCB_NONE;
    CU_ASSERT_TRUE(refuses("role-tcb"));
    claims.tcb_status = TSEC_TCB_UNKNOWN;
    CU_ASSERT_TRUE(refuses("role-tcb"));
    claims.tcb_status = TSEC_TCB_REVOKED;
    CU_ASSERT_TRUE(refuses("role-tcb"));
    role.min_tcb = "nonsense";
    claims.tcb_status = TSEC_TCB_UP_TO_DATE;
    CU_ASSERT_TRUE(refuses("role-tcb"));
}

static void
an_earlier_date_is_refused_and_so_is_none_at_all(void)
{
    begin();
    role.min_tcb = "2024-03-13T00:00:00Z";
    CU_ASSERT_TRUE(admits());
    role.min_tcb = "2024-03-13T00:00:01Z";
    CU_ASSERT_TRUE(refuses("role-tcb"));
    role.min_tcb = "2023-01-01T00:00:00Z";
    claims.tcb_date[0] = '\0';
    CU_ASSERT_TRUE(refuses("role-tcb"));
    memset(claims.tcb_date, '2', sizeof(claims.tcb_date)); /* without an end */
    CU_ASSERT_TRUE(refuses("role-tcb"));
}

static void
evidence_that_is_older_or_of_no_age_is_refused(void)
{
    begin();
    role.max_evidence_age_s = 10;
    claims.issued_at = NOW - 10;
    CU_ASSERT_TRUE(admits());
    claims.issued_at = NOW - 11;
    CU_ASSERT_TRUE(refuses("role-age"));
    claims.has_issued_at = false;
    CU_ASSERT_TRUE(refuses("role-age"));
    role.max_evidence_age_s = 0;
    CU_ASSERT_TRUE(admits());
}

static void
the_configuration_s_digest_is_the_field_of_its_tee(void)
{
    static const char *digests[] = { ATTEST_SCRIPT_48("66"), DIGEST };
    uint8_t padded[64] = { 0 };

    begin();
    role.bound_config_digest = (struct tsec_strings){ digests, 2 };
    CU_ASSERT_TRUE(admits());
    role.bound_config_digest.len = 1;
    CU_ASSERT_TRUE(refuses("role-config"));
    role.bound_config_digest.len = 2;
    claims.entries_len--; /* pcr16 is the last */
    CU_ASSERT_TRUE(refuses("role-config"));
    memset(padded, 0x77, 48);
    tsec_claims_add_bytes(&claims, "host_data", tsec_span(padded, 48));
    CU_ASSERT_TRUE(refuses("role-config")); /* a field of another TEE */
    tsec_claims_add_bytes(&claims, "pcr16", tsec_span(padded, 64));
    CU_ASSERT_TRUE(admits());
    padded[63] = 1;
    claims.entries_len--;
    tsec_claims_add_bytes(&claims, "pcr16", tsec_span(padded, 64));
    CU_ASSERT_TRUE(refuses("role-config"));
}

static void
a_digest_that_is_too_short_or_none_matches_nothing(void)
{
    static const char *const bad[] = { "", "77", "zz", DIGEST "77", DIGEST "7" };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        const char *item = bad[i];

        role.bound_config_digest = (struct tsec_strings){ &item, 1 };
        CU_ASSERT_TRUE(refuses("role-config"));
    }
}

static void
instances_bind_exactly(void)
{
    static const char *instances[] = { "i-0", "i-1" };
    static const char *empty[] = { "" };

    begin();
    role.bound_instances = (struct tsec_strings){ instances, 2 };
    CU_ASSERT_TRUE(admits());
    (void)snprintf(claims.instance, sizeof(claims.instance), "i-10");
    CU_ASSERT_TRUE(refuses("role-instance"));
    claims.instance[0] = '\0';
    CU_ASSERT_TRUE(refuses("role-instance"));
    role.bound_instances = (struct tsec_strings){ empty, 1 };
    CU_ASSERT_TRUE(refuses("role-instance"));
}

static void
without_modes_only_fresh_evidence_is_of_the_role(void)
{
    static const char *modes[] = { "identity", "fresh" };

    begin();
    CU_ASSERT_FALSE(admits_mode("identity"));
    CU_ASSERT_STRING_EQUAL(reason, "role-mode");
    CU_ASSERT_FALSE(admits_mode(""));
    role.modes = (struct tsec_strings){ modes, 1 };
    CU_ASSERT_TRUE(admits_mode("identity"));
    CU_ASSERT_FALSE(admits_mode("fresh"));
    role.modes.len = 2;
    CU_ASSERT_TRUE(admits_mode("fresh"));
}

/* ---- rows ---- */

static tsec_rc
store(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static const char *policies[] = { "app" };
    struct attest_role r = role;

    r.name = ctx;
    r.token_policies = (struct tsec_strings){ policies, 1 };
    r.token_ttl_s = 90;
    return attest_role_store(txn, "m1", &r, err);
}

static tsec_rc
find(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct attest_role *r = NULL;

    TSEC_TRY(attest_role_find(txn, "m1", ctx, &r, err));
    CU_ASSERT_STRING_EQUAL(r->name, ctx);
    CU_ASSERT_STRING_EQUAL(r->match.items[0], AB);
    CU_ASSERT_STRING_EQUAL(r->token_policies.items[0], "app");
    CU_ASSERT_EQUAL(r->token_ttl_s, 90);
    return TSEC_OK;
}

static tsec_rc
find_elsewhere(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct attest_role *r = NULL;

    return attest_role_find(txn, "m2", ctx, &r, err);
}

static tsec_rc
drop(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return attest_role_delete(txn, "m1", ctx, err);
}

static tsec_rc
count(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct tsec_strings names;

    TSEC_TRY(attest_role_names(txn, "m1", &names, err));
    *(size_t *)ctx = names.len;
    return TSEC_OK;
}

static void
a_role_is_of_its_mount_alone(void)
{
    char a[] = "a";
    char b[] = "b";
    size_t n = 0;

    begin();
    nouns_open("mem:attestrole");
    CU_ASSERT_EQUAL(nouns_do(store, a), 0);
    CU_ASSERT_EQUAL(nouns_do(store, b), 0);
    CU_ASSERT_EQUAL(nouns_do(find, a), 0);
    CU_ASSERT_EQUAL(nouns_do(find_elsewhere, a), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(count, &n), 0);
    CU_ASSERT_EQUAL(n, 2);
    CU_ASSERT_EQUAL(nouns_do(drop, a), 0);
    CU_ASSERT_EQUAL(nouns_do(find, a), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(find, b), 0);
    nouns_close();
}

static void
names_are_the_same_in_any_case_and_one_segment(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    char longest[ATTEST_ROLE_NAME_MAX + 2];

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(65536, &arena, NULL)));
    CU_ASSERT_STRING_EQUAL(attest_role_name(arena, tsec_span_str("Web-1")), "web-1");
    CU_ASSERT_PTR_NULL(attest_role_name(arena, tsec_span_str("")));
    CU_ASSERT_PTR_NULL(attest_role_name(arena, tsec_span_str("a/b")));
    memset(longest, 'a', sizeof(longest));
    CU_ASSERT_PTR_NOT_NULL(attest_role_name(arena, tsec_span(longest, ATTEST_ROLE_NAME_MAX)));
    CU_ASSERT_PTR_NULL(attest_role_name(arena, tsec_span(longest, ATTEST_ROLE_NAME_MAX + 1)));
}

static const struct test_case cases[] = {
    { "any expression may hold and which is told", any_expression_may_hold_and_which_is_told },
    { "no expression or none that holds admits nobody",
      no_expression_or_none_that_holds_admits_nobody },
    { "formats bind when there are any", formats_bind_when_there_are_any },
    { "a worse status is refused and so is none at all",
      a_worse_status_is_refused_and_so_is_none_at_all },
    { "an earlier date is refused and so is none at all",
      an_earlier_date_is_refused_and_so_is_none_at_all },
    { "evidence that is older or of no age is refused",
      evidence_that_is_older_or_of_no_age_is_refused },
    { "the configuration's digest is the field of its TEE",
      the_configuration_s_digest_is_the_field_of_its_tee },
    { "a digest that is too short or none matches nothing",
      a_digest_that_is_too_short_or_none_matches_nothing },
    { "instances bind exactly", instances_bind_exactly },
    { "without modes only fresh evidence is of the role",
      without_modes_only_fresh_evidence_is_of_the_role },
    { "a role is of its mount alone", a_role_is_of_its_mount_alone },
    { "names are the same in any case and one segment",
      names_are_the_same_in_any_case_and_one_segment },
};

TEST_MAIN("core/attest_role", cases)
