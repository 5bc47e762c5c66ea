/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_expect.h"

#include "appraisal/report.h"
#include "base/hex.h"

enum { SHOWN_LEN = 32 };

bool
snp_expect_padded(struct tsec_span field, struct tsec_span expected)
{
    return expected.len <= field.len && tsec_ct_equal(tsec_span(field.ptr, expected.len), expected)
           && tsec_span_zero(tsec_span(field.ptr + expected.len, field.len - expected.len));
}

static void
show(struct tsec_span bytes, char out[static 2 * SHOWN_LEN + 4])
{
    const size_t len = bytes.len < SHOWN_LEN ? bytes.len : SHOWN_LEN;

    tsec_hex_encode(tsec_span(bytes.ptr, len), out);
    memcpy(out + 2 * len, bytes.len > len ? "..." : "", bytes.len > len ? 4 : 1);
}

tsec_rc
snp_expect_differs(struct tsec_checks *checks, enum tsec_reason reason, const char *name,
                   const char *field, struct tsec_span expected, struct tsec_span seen,
                   struct tsec_err *err)
{
    char want[2 * SHOWN_LEN + 4];
    char have[2 * SHOWN_LEN + 4];

    show(expected, want);
    show(seen, have);
    return tsec_check_failed(checks, reason, name, err, "%s: expected %s, seen %s", field,
                             expected.len == 0 ? "nothing" : want,
                             seen.len == 0 ? "nothing" : have);
}

tsec_rc
snp_expect_no_key(const struct tsec_expectation *expect, struct tsec_err *err)
{
    if (expect->public_key.len != 0) {
        return tsec_check_failed(expect->checks, TSEC_REASON_PUBLIC_KEY, "public-key", err,
                                 "this evidence carries no public key: bind a digest of it");
    }
    return TSEC_OK;
}

tsec_rc
snp_expect_age(const struct tsec_expectation *expect, bool fresh, struct tsec_err *err)
{
    if (expect->max_age_s == 0) {
        return TSEC_OK;
    }
    if (!fresh) {
        return tsec_check_failed(expect->checks, TSEC_REASON_STALE, "age", err,
                                 "this evidence carries no time: bind it to a challenge");
    }
    tsec_check_ok(expect->checks, "age", "that of the challenge it answers");
    return TSEC_OK;
}

static tsec_rc
check_binding(const struct snp_report *report, const struct tsec_expectation *expect,
              struct tsec_err *err)
{
    if (expect->binding.ptr == NULL) {
        return TSEC_OK;
    }
    if (!snp_expect_padded(report->report_data, expect->binding)) {
        return snp_expect_differs(expect->checks, TSEC_REASON_BINDING, "binding", "report_data",
                                  expect->binding, report->report_data, err);
    }
    tsec_check_ok(expect->checks, "binding", "report_data is what was expected");
    return TSEC_OK;
}

tsec_rc
snp_expect_check(const struct snp_report *report, const struct tsec_expectation *expect,
                 struct tsec_err *err)
{
    TSEC_TRY(check_binding(report, expect, err));
    if (expect->nonce.len != 0) {
        return tsec_check_failed(expect->checks, TSEC_REASON_NONCE, "nonce", err,
                                 "an SNP report carries no nonce: expect it as the binding, or "
                                 "within what the binding is a digest of");
    }
    TSEC_TRY(snp_expect_no_key(expect, err));
    return snp_expect_age(expect, expect->binding.len != 0, err);
}
