/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/claims.h"

#include <stdio.h>
#include <string.h>

#include "codec/json_scan.h"
#include "tests/test.h"

static struct tsec_claims claims;

static void
write_json(struct tsec_buf *text)
{
    struct tsec_json_out out = tsec_json_out(text);

    tsec_json_object(&out);
    tsec_claims_json(&claims, &out);
    tsec_json_object_end(&out);
    CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(text, NULL)));
}

static void
gives(const char *expected)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(65536);

    write_json(&text);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&text), expected));
    if (!tsec_span_is(tsec_buf_span(&text), expected)) {
        (void)printf("\n%.*s\n", (int)text.len, (const char *)text.ptr);
    }
}

static void
what_is_empty_is_left_out(void)
{
    tsec_claims_init(&claims, "nitro", "nitro");
    gives("{\"tee\":\"nitro\",\"format\":\"nitro\",\"debug\":false,\"simulated\":false,"
          "\"revocation_checked\":false}");
}

static void
every_member_has_its_place(void)
{
    tsec_claims_init(&claims, "sgx", "maa");
    claims.measurement[0] = 0xab;
    claims.measurement_len = 2;
    claims.signer[0] = 0xcd;
    claims.signer_len = 1;
    claims.has_svn = true;
    claims.svn = UINT64_MAX;
    claims.has_issued_at = true;
    claims.issued_at = 1700000000;
    claims.not_before = 1600000000;
    claims.not_after = INT64_MAX;
    claims.tcb_status = TSEC_TCB_OUT_OF_DATE;
    memcpy(claims.advisories, "INTEL-SA-00615,INTEL-SA-00657", 29);
    memcpy(claims.issuer, "https://a.example", 17);
    claims.report_data_len = 1;
    claims.user_data_len = 1;
    claims.nonce_len = 1;
    claims.public_key_len = 1;
    gives("{\"tee\":\"sgx\",\"format\":\"maa\",\"measurement\":\"ab00\",\"signer\":\"cd\","
          "\"debug\":false,\"simulated\":false,\"svn\":18446744073709551615,"
          "\"issued_at\":\"2023-11-14T22:13:20Z\",\"not_before\":\"2020-09-13T12:26:40Z\","
          "\"tcb_status\":\"OutOfDate\",\"advisories\":[\"INTEL-SA-00615\",\"INTEL-SA-00657\"],"
          "\"revocation_checked\":false,\"issuer\":\"https://a.example\",\"report_data\":\"00\","
          "\"user_data\":\"00\",\"nonce\":\"00\",\"public_key\":\"00\"}");
}

static void
registers_stand_together_and_other_entries_by_their_names(void)
{
    tsec_claims_init(&claims, "azure-cvm", "az-snp-vtpm");
    tsec_claims_add_text(&claims, "signing_key", tsec_span_str("V\"LEK"));
    tsec_claims_add_bytes(&claims, "pcr0", tsec_span("\x01", 1));
    tsec_claims_add_bool(&claims, "secure_boot", true);
    tsec_claims_add_number(&claims, "pcrs", 24);
    tsec_claims_add_bytes(&claims, "pcr23", tsec_span("\x02", 1));
    gives("{\"tee\":\"azure-cvm\",\"format\":\"az-snp-vtpm\",\"debug\":false,\"simulated\":false,"
          "\"revocation_checked\":false,\"measurements\":{\"pcr0\":\"01\",\"pcr23\":\"02\"},"
          "\"signing_key\":\"V\\\"LEK\",\"secure_boot\":true,\"pcrs\":24}");
}

static void
no_member_is_written_twice_whatever_the_entries_are(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(65536);
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;
    struct tsec_err err = { 0 };

    tsec_claims_init(&claims, "snp", "snp");
    claims.has_svn = true;
    claims.measurement_len = 48;
    tsec_claims_add_number(&claims, "svn", 2);
    tsec_claims_add_number(&claims, "tee", 2);
    tsec_claims_add_number(&claims, "measurements", 2);
    tsec_claims_add_bytes(&claims, "measurement", tsec_span("\x02", 1));
    tsec_claims_add_number(&claims, "vmpl", 1);
    tsec_claims_add_number(&claims, "vmpl", 2);
    tsec_claims_add_bytes(&claims, "pcr1", tsec_span("\x01", 1));
    tsec_claims_add_bytes(&claims, "pcr1", tsec_span("\x02", 1));
    write_json(&text);
    CU_ASSERT_FALSE(tsec_failed(tsec_json_check(tsec_buf_span(&text), &limits, &err)));
    CU_ASSERT_PTR_NOT_NULL(memmem(text.ptr, text.len, "\"vmpl\":1", 8));
    CU_ASSERT_PTR_NULL(memmem(text.ptr, text.len, "\"vmpl\":2", 8));
}

static const struct test_case cases[] = {
    { "what is empty is left out", what_is_empty_is_left_out },
    { "every member has its place", every_member_has_its_place },
    { "registers stand together and other entries by their names",
      registers_stand_together_and_other_entries_by_their_names },
    { "no member is written twice whatever the entries are",
      no_member_is_written_twice_whatever_the_entries_are },
};

TEST_MAIN("appraisal/claims_json", cases)
