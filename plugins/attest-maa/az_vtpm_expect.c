/* SPDX-License-Identifier: Apache-2.0 */
#include "az_vtpm_expect.h"

#include "appraisal/report.h"
#include "crypto/hash.h"
#include "snp_expect.h"

/* extraData is the binding, with zeros behind it or without those it ends in; or SHA-256 of its 64
 * bytes. */
static bool
answers(struct tsec_span extra, struct tsec_span binding)
{
    uint8_t padded[TSEC_BINDING_LEN] = { 0 };
    uint8_t digest[TSEC_SHA256_LEN];

    if (binding.len == 0 || extra.len == 0 || binding.len > sizeof(padded)) {
        return binding.len == 0 && extra.len == 0;
    }
    memcpy(padded, binding.ptr, binding.len);
    tsec_sha256(tsec_span(padded, sizeof(padded)), digest);
    return tsec_ct_equal(extra, tsec_span(digest, sizeof(digest)))
           || snp_expect_padded(tsec_span(padded, sizeof(padded)), extra);
}

static tsec_rc
check_nonce(const struct tpm_attest *quote, const struct tsec_expectation *expect,
            struct tsec_err *err)
{
    if (expect->nonce.ptr == NULL || (quote == NULL && expect->nonce.len == 0)) {
        return TSEC_OK;
    }
    if (quote == NULL) {
        return tsec_check_failed(expect->checks, TSEC_REASON_NONCE, "nonce", err,
                                 "an HCL report without a quote of the vTPM answers no nonce");
    }
    if (!tsec_ct_equal(quote->extra_data, expect->nonce)) {
        return snp_expect_differs(expect->checks, TSEC_REASON_NONCE, "nonce",
                                  "the quote's extraData", expect->nonce, quote->extra_data, err);
    }
    tsec_check_ok(expect->checks, "nonce", "the quote's extraData is what was expected");
    return TSEC_OK;
}

/* The paravisor takes what the guest writes to NV index 0x01400002 into a report.  That dates the
 * report and not the quote: with a quote it counts only beside a nonce that the quote answers. */
static tsec_rc
check_user_data(const struct hcl_runtime *runtime, const struct tsec_expectation *expect,
                struct tsec_err *err)
{
    const struct tsec_span seen =
        tsec_span(runtime->user_data, runtime->has_user_data ? HCL_USER_DATA_LEN : 0);

    if (!snp_expect_padded(seen, expect->binding)) {
        return snp_expect_differs(expect->checks, TSEC_REASON_BINDING, "binding",
                                  "user-data of the HCL report", expect->binding, seen, err);
    }
    tsec_check_ok(expect->checks, "binding", "user-data of the HCL report is what was expected");
    return TSEC_OK;
}

static tsec_rc
check_binding(const struct tpm_attest *quote, const struct hcl_runtime *runtime,
              const struct tsec_expectation *expect, struct tsec_err *err)
{
    if (expect->binding.ptr == NULL) {
        return TSEC_OK;
    }
    if (quote == NULL || (expect->nonce.len != 0 && runtime->has_user_data)) {
        return check_user_data(runtime, expect, err);
    }
    if (!answers(quote->extra_data, expect->binding)) {
        return snp_expect_differs(expect->checks, TSEC_REASON_BINDING, "binding",
                                  "the quote's extraData", expect->binding, quote->extra_data, err);
    }
    tsec_check_ok(expect->checks, "binding", "the quote's extraData is what was expected");
    return TSEC_OK;
}

tsec_rc
az_vtpm_expect_check(const struct tpm_attest *quote, const struct hcl_runtime *runtime,
                     const struct tsec_expectation *expect, struct tsec_err *err)
{
    TSEC_TRY(check_nonce(quote, expect, err));
    TSEC_TRY(check_binding(quote, runtime, expect, err));
    TSEC_TRY(snp_expect_no_key(expect, err));
    return snp_expect_age(expect, expect->binding.len != 0 || expect->nonce.len != 0, err);
}
