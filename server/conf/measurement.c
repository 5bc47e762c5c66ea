/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/measurement.h"

#include "appraisal/expr.h"

enum { NAME_MAX_LEN = 64, DIGITS_SURELY_HEX = 32 };

static bool
is_hex(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = (char)text.ptr[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
            return false;
        }
    }
    return text.len > 0;
}

static bool
is_word(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = (char)text.ptr[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!letter && !(c >= '0' && c <= '9') && (i == 0 || strchr("-_.", c) == NULL)) {
            return false;
        }
    }
    return text.len > 0 && text.len <= NAME_MAX_LEN;
}

tsec_rc
conf_measurement_kind(const char *text, enum conf_measurement *out, const char **warning,
                      struct tsec_err *err)
{
    const struct tsec_span whole = tsec_span_str(text);
    const char *at = strchr(text, '@');
    const char *colon = strchr(text, ':');
    struct tsec_expr expr;

    *warning = NULL;
    if (at != NULL && (colon == NULL || at < colon) && is_word(tsec_span(text, (size_t)(at - text)))
        && at[1] != '\0') {
        *out = CONF_MEASUREMENT_FILE;
        return TSEC_OK;
    }
    if (colon != NULL || (is_hex(whole) && whole.len >= DIGITS_SURELY_HEX)) {
        TSEC_TRY(tsec_expr_parse(whole, &expr, err));
        *out = colon != NULL ? CONF_MEASUREMENT_CONJUNCTION : CONF_MEASUREMENT_BARE;
        *warning = tsec_expr_warning(&expr);
        return TSEC_OK;
    }
    if (is_word(whole)) {
        *out = CONF_MEASUREMENT_NAME;
        return TSEC_OK;
    }
    return TSEC_FAIL(err, TSEC_E_CONFIG,
                     "must be 96 or 64 hex digits, TEE:CLAIM=VALUE,..., or name@file");
}
