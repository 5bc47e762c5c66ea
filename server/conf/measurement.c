/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/measurement.h"

enum { PCRS = 24, NUMBER = 0, NAME_MAX_LEN = 64, DIGITS_SURELY_HEX = 32 };

/* What a conjunction may name.  `bytes`: of the value in hex; NUMBER: a decimal, with = or >=. */
static const struct claim {
    const char *tee;
    const char *name;
    size_t bytes;
    bool primary; /* all zeroes is what a debug TEE shows: never an entry */
} claims[] = {
    { "nitro", "pcr", 48, false }, /* pcr0 .. pcr23 */
    { "sgx", "mrenclave", 32, true },    { "sgx", "mrsigner", 32, true },
    { "sgx", "prod_id", NUMBER, false }, { "sgx", "svn", NUMBER, false },
    { "snp", "measurement", 48, true },  { "snp", "id_key", 48, false },
    { "snp", "author_key", 48, false },  { "snp", "family_id", 16, false },
    { "snp", "image_id", 16, false },    { "snp", "host_data", 32, false },
    { "snp", "svn", NUMBER, false },     { "azure-cvm", "measurement", 48, true },
    { "azure-cvm", "pcr", 32, false },   { "azure-cvm", "svn", NUMBER, false },
    { "sim", "measurement", 48, true },  { "sim", "svn", NUMBER, false },
};

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
is_number(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return text.len > 0 && text.len <= 19;
}

static bool
is_zero(struct tsec_span digits)
{
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] != '0') {
            return false;
        }
    }
    return true;
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

static bool
known_tee(struct tsec_span tee)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(claims); i++) {
        if (tsec_span_is(tee, claims[i].tee)) {
            return true;
        }
    }
    return false;
}

/* "pcr8" is the claim "pcr" with a number behind it. */
static bool
is_pcr(struct tsec_span name)
{
    const size_t digits = name.len - 3;

    if (name.len < 4 || name.len > 5 || !tsec_span_starts(name, tsec_span_str("pcr"))
        || !is_number(tsec_span(name.ptr + 3, digits)) || (digits == 2 && name.ptr[3] == '0')) {
        return false;
    }
    return digits == 1 || (name.ptr[3] - '0') * 10 + (name.ptr[4] - '0') < PCRS;
}

static const struct claim *
find_claim(struct tsec_span tee, struct tsec_span name)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(claims); i++) {
        const bool pcr = strcmp(claims[i].name, "pcr") == 0;

        if (tsec_span_is(tee, claims[i].tee)
            && (pcr ? is_pcr(name) : tsec_span_is(name, claims[i].name))) {
            return &claims[i];
        }
    }
    return NULL;
}

/* CLAIM=VALUE or CLAIM>=NUMBER. */
static tsec_rc
check_part(struct tsec_span tee, struct tsec_span part, struct tsec_err *err)
{
    const uint8_t *equals = part.len == 0 ? NULL : memchr(part.ptr, '=', part.len);

    if (equals == NULL || equals == part.ptr) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "\"%.*s\" is not CLAIM=VALUE", (int)part.len,
                         (const char *)part.ptr);
    }

    const bool at_least = equals[-1] == '>';
    const struct tsec_span name =
        tsec_span(part.ptr, (size_t)(equals - part.ptr) - (at_least ? 1 : 0));
    const struct tsec_span value =
        tsec_span(equals + 1, part.len - (size_t)(equals - part.ptr) - 1);
    const struct claim *claim = find_claim(tee, name);

    if (claim == NULL) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%.*s has no claim \"%.*s\"", (int)tee.len,
                         (const char *)tee.ptr, (int)name.len, (const char *)name.ptr);
    }
    if (claim->bytes == NUMBER) {
        return is_number(value) ? TSEC_OK
                                : TSEC_FAIL(err, TSEC_E_CONFIG, "%s must be a number", claim->name);
    }
    if (at_least || !is_hex(value) || value.len != 2 * claim->bytes) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%.*s must be = and %zu hex digits", (int)name.len,
                         (const char *)name.ptr, 2 * claim->bytes);
    }
    if (is_zero(value) && (claim->primary || tsec_span_is(name, "pcr0"))) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "all zeroes is what a debug TEE shows");
    }
    return TSEC_OK;
}

static tsec_rc
check_conjunction(struct tsec_span tee, const char *parts, struct tsec_err *err)
{
    if (!known_tee(tee)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "\"%.*s\" is no TEE; it is one of nitro, sgx, snp, azure-cvm, sim",
                         (int)tee.len, (const char *)tee.ptr);
    }
    for (const char *p = parts;; p++) {
        const size_t len = strcspn(p, ",");

        TSEC_TRY(check_part(tee, tsec_span(p, len), err));
        p += len;
        if (*p == '\0') {
            return TSEC_OK;
        }
    }
}

static tsec_rc
check_bare(struct tsec_span digits, struct tsec_err *err)
{
    if (digits.len != 96 && digits.len != 64) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%zu hex digits; a measurement has 96 or 64",
                         digits.len);
    }
    if (is_zero(digits)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "all zeroes is what a debug TEE shows");
    }
    return TSEC_OK;
}

tsec_rc
conf_measurement_kind(const char *text, enum conf_measurement *out, struct tsec_err *err)
{
    const struct tsec_span whole = tsec_span_str(text);
    const char *at = strchr(text, '@');
    const char *colon = strchr(text, ':');

    if (at != NULL && (colon == NULL || at < colon) && is_word(tsec_span(text, (size_t)(at - text)))
        && at[1] != '\0') {
        *out = CONF_MEASUREMENT_FILE;
        return TSEC_OK;
    }
    if (colon != NULL) {
        *out = CONF_MEASUREMENT_CONJUNCTION;
        return check_conjunction(tsec_span(text, (size_t)(colon - text)), colon + 1, err);
    }
    if (is_hex(whole) && whole.len >= DIGITS_SURELY_HEX) {
        *out = CONF_MEASUREMENT_BARE;
        return check_bare(whole, err);
    }
    if (is_word(whole)) {
        *out = CONF_MEASUREMENT_NAME;
        return TSEC_OK;
    }
    return TSEC_FAIL(err, TSEC_E_CONFIG,
                     "must be 96 or 64 hex digits, TEE:CLAIM=VALUE,..., or name@file");
}
