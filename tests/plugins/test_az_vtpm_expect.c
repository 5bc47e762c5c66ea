/* SPDX-License-Identifier: Apache-2.0 */
#include "az_vtpm_expect.h"

#include "tests/plugins/az_rig.h"

enum { LEN = 64 };

static uint8_t pattern[LEN]; /* of no zero byte */

static void
fill(void)
{
    for (size_t i = 0; i < LEN; i++) {
        pattern[i] = (uint8_t)(i + 1);
    }
}

/* Section 6.3, 11: null, empty, different; and of another length. */
static void
a_nonce_is_all_of_extradata(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    fill();
    az_rig_init(&rig, tsec_span(pattern, 32));
    AZ_GENUINE(&rig, az_rig_run(&rig));
    rig.snp.expect.nonce = tsec_span(pattern, 32);
    AZ_GENUINE(&rig, az_rig_run(&rig));
    CU_ASSERT_EQUAL(rig.snp.claims.nonce_len, 32);
    rig.snp.expect.nonce = tsec_span(pattern, 31);
    AZ_REFUSED(&rig, az_rig_run(&rig), NONCE, "nonce");
    rig.snp.expect.nonce = tsec_span(pattern, 33);
    AZ_REFUSED(&rig, az_rig_run(&rig), NONCE, "nonce");
    rig.snp.expect.nonce = tsec_span(pattern + 1, 32);
    AZ_REFUSED(&rig, az_rig_run(&rig), NONCE, "nonce");
    CU_ASSERT_PTR_NOT_NULL(strstr(snp_rig_detail(&rig.snp, "nonce"), "expected 02030405"));
    CU_ASSERT_PTR_NOT_NULL(strstr(snp_rig_detail(&rig.snp, "nonce"), "seen 01020304"));
    rig.snp.expect.nonce = tsec_span(pattern, 0);
    AZ_REFUSED(&rig, az_rig_run(&rig), NONCE, "nonce");
    rig.quote.extra_data = tsec_span(NULL, 0);
    az_rig_make(&rig);
    AZ_GENUINE(&rig, az_rig_run(&rig));
    rig.snp.expect.nonce = tsec_span(pattern, 32);
    AZ_REFUSED(&rig, az_rig_run(&rig), NONCE, "nonce");
}

/* extraData, the binding that is expected, and whether one answers the other. */
static void
answers(struct tsec_span extra, struct tsec_span binding, bool good)
{
    AZ_AUTO_RIG struct az_rig rig;

    az_rig_init(&rig, extra);
    rig.snp.expect.binding = binding;
    if (good) {
        AZ_GENUINE(&rig, az_rig_run(&rig));
    } else {
        AZ_REFUSED(&rig, az_rig_run(&rig), BINDING, "binding");
    }
}

static void
a_binding_is_all_of_extradata_with_or_without_zeros(void)
{
    uint8_t padded[LEN] = { 0 };

    fill();
    memcpy(padded, pattern, 48);
    answers(tsec_span(pattern, 48), tsec_span(pattern, 48), true);
    answers(tsec_span(pattern, 48), tsec_span(padded, 64), true);
    answers(tsec_span(padded, 64), tsec_span(pattern, 48), true);
    answers(tsec_span(padded, 50), tsec_span(padded, 64), true);
    answers(tsec_span(pattern, 64), tsec_span(pattern, 64), true);
    answers(tsec_span(pattern, 49), tsec_span(pattern, 48), false);
    answers(tsec_span(pattern + 1, 48), tsec_span(pattern, 48), false);
    answers(tsec_span(NULL, 0), tsec_span(pattern, 48), false);
    answers(tsec_span(pattern, 48), tsec_span(pattern, 0), false);
    answers(tsec_span(NULL, 0), tsec_span(pattern, 0), true);
}

/* What extraData leaves out nothing vouches for. */
static void
a_part_of_the_binding_is_not_the_binding(void)
{
    fill();
    answers(tsec_span(pattern, 32), tsec_span(pattern, 64), false);
    answers(tsec_span(pattern, 63), tsec_span(pattern, 64), false);
    answers(tsec_span(pattern, 1), tsec_span(pattern, 2), false);
}

static void
a_digest_of_the_binding_is_the_binding(void)
{
    uint8_t padded[LEN] = { 0 };
    uint8_t digest[TSEC_SHA256_LEN];

    fill();
    tsec_sha256(tsec_span(pattern, LEN), digest);
    answers(tsec_span(digest, sizeof(digest)), tsec_span(pattern, LEN), true);
    memcpy(padded, pattern, 48);
    tsec_sha256(tsec_span(padded, LEN), digest);
    answers(tsec_span(digest, sizeof(digest)), tsec_span(pattern, 48), true);
    answers(tsec_span(digest, 31), tsec_span(pattern, 48), false);
    digest[31] ^= 1;
    answers(tsec_span(digest, sizeof(digest)), tsec_span(pattern, 48), false);
    tsec_sha256(tsec_span(pattern, 48), digest); /* of the 64 bytes, zeros and all */
    answers(tsec_span(digest, sizeof(digest)), tsec_span(pattern, 48), false);
}

static void
a_bare_report_answers_no_nonce(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    fill();
    az_rig_init(&rig, tsec_span(pattern, 32));
    snp_rig_add_vek(&rig.snp, &rig.snp.vek);
    AZ_GENUINE(&rig, az_rig_run_bare(&rig));
    rig.snp.expect.nonce = tsec_span(pattern, 32);
    AZ_REFUSED(&rig, az_rig_run_bare(&rig), NONCE, "nonce");
    rig.snp.expect.nonce = tsec_span(pattern, 0);
    AZ_GENUINE(&rig, az_rig_run_bare(&rig));
}

static void
a_bare_report_is_bound_by_its_user_data_only(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    fill();
    az_rig_init(&rig, tsec_span(pattern, 32));
    snp_rig_add_vek(&rig.snp, &rig.snp.vek);
    rig.snp.expect.binding = tsec_span(pattern, 64);
    AZ_REFUSED(&rig, az_rig_run_bare(&rig), BINDING, "binding");
    rig.user_data = tsec_span(pattern, 64);
    az_rig_make(&rig);
    AZ_GENUINE(&rig, az_rig_run_bare(&rig));
    rig.snp.expect.binding = tsec_span(pattern, 63);
    AZ_REFUSED(&rig, az_rig_run_bare(&rig), BINDING, "binding");
    /* report_data is the runtime data's digest, and no binding */
    rig.snp.expect.binding = tsec_span(rig.snp.report + MINT_SNP_REPORT_DATA, 64);
    AZ_REFUSED(&rig, az_rig_run_bare(&rig), BINDING, "binding");
}

/* User data dates the report.  PCRs of an older quote could be put beside it, unless the quote
 * answers something as well. */
static void
user_data_does_not_date_a_quote(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    fill();
    az_rig_init(&rig, tsec_span(pattern + 1, 32));
    rig.user_data = tsec_span(pattern, 64);
    az_rig_make(&rig);
    rig.snp.expect.binding = tsec_span(pattern, 64);
    AZ_REFUSED(&rig, az_rig_run(&rig), BINDING, "binding");
    rig.snp.expect.nonce = tsec_span(pattern + 1, 32);
    AZ_GENUINE(&rig, az_rig_run(&rig));
    rig.snp.expect.binding = tsec_span(pattern, 32);
    AZ_REFUSED(&rig, az_rig_run(&rig), BINDING, "binding");
}

static void
a_key_or_an_age_without_a_challenge_is_refused(void)
{
    AZ_AUTO_RIG struct az_rig rig;

    fill();
    az_rig_init(&rig, tsec_span(pattern, 32));
    rig.snp.expect.public_key = tsec_span(pattern, 32);
    AZ_REFUSED(&rig, az_rig_run(&rig), PUBLIC_KEY, "public-key");
    rig.snp.expect.public_key = tsec_span(NULL, 0);
    rig.snp.expect.max_age_s = 1;
    AZ_REFUSED(&rig, az_rig_run(&rig), STALE, "age");
    rig.snp.expect.nonce = tsec_span(pattern, 32);
    AZ_GENUINE(&rig, az_rig_run(&rig));
}

static const struct test_case cases[] = {
    { "a nonce is all of extraData", a_nonce_is_all_of_extradata },
    { "a binding is all of extraData, with or without zeros",
      a_binding_is_all_of_extradata_with_or_without_zeros },
    { "a part of the binding is not the binding", a_part_of_the_binding_is_not_the_binding },
    { "a digest of the binding is the binding", a_digest_of_the_binding_is_the_binding },
    { "a bare report answers no nonce", a_bare_report_answers_no_nonce },
    { "a bare report is bound by its user data only",
      a_bare_report_is_bound_by_its_user_data_only },
    { "user data does not date a quote", user_data_does_not_date_a_quote },
    { "a key, or an age without a challenge, is refused",
      a_key_or_an_age_without_a_challenge_is_refused },
};

TEST_MAIN("az_vtpm_expect", cases)
