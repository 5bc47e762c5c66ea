/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/claims.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

static struct tsec_claims claims;

static void
what_is_added_is_found_by_its_name_and_kind(void)
{
    const struct tsec_claim *found = NULL;

    tsec_claims_init(&claims, "sgx", "sgx");
    tsec_claims_add_bytes(&claims, "mrsigner", tsec_span("\x01\x02", 2));
    tsec_claims_add_text(&claims, "signing_key", tsec_span_str("VCEK"));
    tsec_claims_add_text(&claims, "csp_id", tsec_span("a\0b", 3));
    CU_ASSERT_PTR_NULL(tsec_claims_find(&claims, "csp_id"));
    tsec_claims_add_number(&claims, "prod_id", UINT64_MAX);
    tsec_claims_add_bool(&claims, "smt_allowed", true);

    found = tsec_claims_find(&claims, "mrsigner");
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_TRUE(found->kind == TSEC_CLAIM_BYTES && found->len == 2 && found->value[1] == 2);
    found = tsec_claims_find(&claims, "signing_key");
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_TRUE(found->kind == TSEC_CLAIM_TEXT
                   && tsec_span_is(tsec_span(found->value, found->len), "VCEK"));
    found = tsec_claims_find(&claims, "prod_id");
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_TRUE(found->kind == TSEC_CLAIM_NUMBER && found->number == UINT64_MAX);
    found = tsec_claims_find(&claims, "smt_allowed");
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_TRUE(found->kind == TSEC_CLAIM_BOOL && found->number == 1);
    CU_ASSERT_PTR_NULL(tsec_claims_find(&claims, "mrs"));
    CU_ASSERT_PTR_NULL(tsec_claims_find(&claims, ""));
}

static void
init_forgets_what_was_there(void)
{
    tsec_claims_init(&claims, "nitro", "nitro");
    tsec_claims_add_number(&claims, "svn", 1);
    tsec_claims_init(&claims, "a name that is longer than the member", "x");
    CU_ASSERT_EQUAL(claims.entries_len, 0);
    CU_ASSERT_EQUAL(strlen(claims.tee), sizeof(claims.tee) - 1);
    CU_ASSERT_EQUAL(claims.struct_size, sizeof(claims));
}

static void
one_too_many_or_too_long_is_left_out_whole(void)
{
    static const uint8_t big[TSEC_CLAIM_VALUE_MAX + 1];
    char name[16];

    tsec_claims_init(&claims, "snp", "snp");
    tsec_claims_add_bytes(&claims, "big", tsec_span(big, sizeof(big)));
    tsec_claims_add_number(&claims, "a_name_of_more_than_thirty_one_letters", 1);
    CU_ASSERT_EQUAL(claims.entries_len, 0);
    tsec_claims_add_bytes(&claims, "fits", tsec_span(big, sizeof(big) - 1));
    tsec_claims_add_bytes(&claims, "none", (struct tsec_span){ NULL, 0 });
    for (size_t i = 0; i < TSEC_CLAIM_ENTRIES; i++) {
        (void)snprintf(name, sizeof(name), "n%zu", i);
        tsec_claims_add_number(&claims, name, i);
    }
    CU_ASSERT_EQUAL(claims.entries_len, TSEC_CLAIM_ENTRIES);
    CU_ASSERT_PTR_NOT_NULL(tsec_claims_find(&claims, "n93"));
    CU_ASSERT_PTR_NULL(tsec_claims_find(&claims, "n94"));
}

static const struct test_case cases[] = {
    { "what is added is found by its name and kind", what_is_added_is_found_by_its_name_and_kind },
    { "init forgets what was there", init_forgets_what_was_there },
    { "one too many or too long is left out whole", one_too_many_or_too_long_is_left_out_whole },
};

TEST_MAIN("appraisal/claims", cases)
