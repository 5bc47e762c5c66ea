/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_time.h"

#include "appraisal/report.h"

const char *
quote_time_text(int64_t seconds, char *out)
{
    /* what the text can say: 1970 to 2262 */
    const int64_t max = INT64_MAX / TSEC_NS_PER_S;
    const int64_t s = seconds < 1 ? 1 : seconds;

    tsec_rfc3339((s > max ? max : s) * TSEC_NS_PER_S, out);
    return out;
}

tsec_rc
quote_window_check(const struct verifier_input *in, struct quote_window w, const char *name,
                   const char *what, struct tsec_err *err)
{
    char now[TSEC_RFC3339_LEN];
    char limit[TSEC_RFC3339_LEN];

    if (in->now < w.not_before) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_NOT_YET_VALID, name, err,
                                 "%s: valid from %s, now is %s", what,
                                 quote_time_text(w.not_before, limit),
                                 quote_time_text(in->now, now));
    }
    if (in->now > w.not_after) {
        return tsec_check_failed(
            in->expect->checks, TSEC_REASON_EXPIRED, name, err, "%s: valid to %s, now is %s", what,
            quote_time_text(w.not_after, limit), quote_time_text(in->now, now));
    }
    return TSEC_OK;
}
