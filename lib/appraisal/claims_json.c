/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "appraisal/claims.h"
#include "base/clock.h"
#include "base/hex.h"

static void
put_hex(struct tsec_json_out *out, const char *key, const uint8_t *bytes, size_t len)
{
    TSEC_AUTO_BUF struct tsec_buf digits = TSEC_BUF_INIT((size_t)8 * 1024);

    tsec_hex_append(&digits, tsec_span(bytes, len));
    if (digits.failed) {
        out->buf->failed = true;
        return;
    }
    tsec_json_put_span(out, key, tsec_buf_span(&digits));
}

static void
put_some_hex(struct tsec_json_out *out, const char *key, const uint8_t *bytes, size_t len)
{
    if (len > 0) {
        put_hex(out, key, bytes, len);
    }
}

static void
put_some_text(struct tsec_json_out *out, const char *key, const char *text)
{
    if (text[0] != '\0') {
        tsec_json_put_str(out, key, text);
    }
}

/* A time that RFC 3339 text cannot hold here (a certificate "without end") is left out. */
static void
put_some_time(struct tsec_json_out *out, const char *key, int64_t secs)
{
    if (secs > 0 && secs <= INT64_MAX / TSEC_NS_PER_S) {
        tsec_json_put_time(out, key, secs * TSEC_NS_PER_S);
    }
}

/* Claims are of 64 bits without a sign; JSON writers know only signed ones. */
static void
put_number(struct tsec_json_out *out, const char *key, uint64_t number)
{
    char digits[24];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    tsec_json_put_raw(out, key, tsec_span(digits + at, sizeof(digits) - at));
}

static void
put_list(struct tsec_json_out *out, const char *key, const char *text)
{
    if (text[0] == '\0') {
        return;
    }
    tsec_json_key(out, key);
    tsec_json_array(out);
    while (*text != '\0') {
        const size_t len = strcspn(text, ",");

        tsec_json_span(out, tsec_span(text, len));
        text += len;
        text += *text == ',' ? 1 : 0;
    }
    tsec_json_array_end(out);
}

static void
put_entry(struct tsec_json_out *out, const struct tsec_claim *claim)
{
    const size_t len = claim->len <= sizeof(claim->value) ? claim->len : 0;

    switch (claim->kind) {
    case TSEC_CLAIM_NUMBER:
        put_number(out, claim->name, claim->number);
        return;
    case TSEC_CLAIM_BOOL:
        tsec_json_put_bool(out, claim->name, claim->number != 0);
        return;
    case TSEC_CLAIM_TEXT:
        tsec_json_put_span(out, claim->name, tsec_span(claim->value, len));
        return;
    default:
        put_hex(out, claim->name, claim->value, len);
    }
}

/* PCRs and RTMRs: what the TEE measured in steps. */
static bool
is_register(const char *name)
{
    const char *digits = NULL;

    if (strncmp(name, "pcr", 3) == 0) {
        digits = name + 3;
    } else if (strncmp(name, "rtmr", 4) == 0) {
        digits = name + 4;
    }
    return digits != NULL && digits[0] != '\0' && strspn(digits, "0123456789") == strlen(digits);
}

/* A name that one of the fixed members has: written there, or not at all. */
static bool
is_member(const char *name)
{
    static const char *const members[] = {
        "tee",
        "format",
        "hardware_model",
        "measurement",
        "signer",
        "instance",
        "debug",
        "simulated",
        "svn",
        "issued_at",
        "not_before",
        "not_after",
        "tcb_status",
        "tcb_date",
        "advisories",
        "issuer",
        "report_data",
        "user_data",
        "revocation_checked",
        "nonce",
        "measurements",
        "public_key",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(members); i++) {
        if (strcmp(members[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* JSON of ours has no member twice: the first counts, as in tsec_claims_find(). */
static bool
is_first(const struct tsec_claims *claims, const struct tsec_claim *claim)
{
    return tsec_claims_find(claims, claim->name) == claim;
}

static void
put_registers(struct tsec_json_out *out, const struct tsec_claims *claims)
{
    bool open = false;

    for (size_t i = 0; i < claims->entries_len; i++) {
        const struct tsec_claim *claim = &claims->entries[i];

        if (!is_register(claim->name) || !is_first(claims, claim)) {
            continue;
        }
        if (!open) {
            tsec_json_key(out, "measurements");
            tsec_json_object(out);
            open = true;
        }
        put_entry(out, claim);
    }
    if (open) {
        tsec_json_object_end(out);
    }
}

static void
put_identity(struct tsec_json_out *out, const struct tsec_claims *claims)
{
    tsec_json_put_str(out, "tee", claims->tee);
    tsec_json_put_str(out, "format", claims->format);
    put_some_text(out, "hardware_model", claims->hardware_model);
    put_some_hex(out, "measurement", claims->measurement, claims->measurement_len);
    put_some_hex(out, "signer", claims->signer, claims->signer_len);
    put_some_text(out, "instance", claims->instance);
    tsec_json_put_bool(out, "debug", claims->debug);
    tsec_json_put_bool(out, "simulated", claims->simulated);
    if (claims->has_svn) {
        put_number(out, "svn", claims->svn);
    }
}

static void
put_standing(struct tsec_json_out *out, const struct tsec_claims *claims)
{
    if (claims->has_issued_at) {
        put_some_time(out, "issued_at", claims->issued_at);
    }
    put_some_time(out, "not_before", claims->not_before);
    put_some_time(out, "not_after", claims->not_after);
    put_some_text(out, "tcb_status", tsec_tcb_status_name(claims->tcb_status));
    put_some_text(out, "tcb_date", claims->tcb_date);
    put_list(out, "advisories", claims->advisories);
    tsec_json_put_bool(out, "revocation_checked", claims->revocation_checked);
    put_some_text(out, "issuer", claims->issuer);
}

void
tsec_claims_json(const struct tsec_claims *claims, struct tsec_json_out *out)
{
    put_identity(out, claims);
    put_standing(out, claims);
    put_some_hex(out, "report_data", claims->report_data, claims->report_data_len);
    put_some_hex(out, "user_data", claims->user_data, claims->user_data_len);
    put_some_hex(out, "nonce", claims->nonce, claims->nonce_len);
    put_some_hex(out, "public_key", claims->public_key, claims->public_key_len);
    put_registers(out, claims);
    for (size_t i = 0; i < claims->entries_len; i++) {
        const struct tsec_claim *claim = &claims->entries[i];

        if (!is_register(claim->name) && !is_member(claim->name) && is_first(claims, claim)) {
            put_entry(out, claim);
        }
    }
}
