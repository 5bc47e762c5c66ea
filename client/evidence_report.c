/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_report.h"

#include <string.h>

#include "appraisal/claims.h"
#include "base/clock.h"
#include "client/output.h"
#include "codec/json_scan.h"

enum {
    JSON_MAX = 1024 * 1024,
    NAME_WIDTH = 20,
    CHECK_WIDTH = 18,
    CELL_MAX = 128, /* longer values are cut in the table, never in JSON */
};

/* ---- JSON ---- */

/** False when the bytes did not get so far as to say what they are. */
static bool
were_read(const struct tsec_claims *claims)
{
    return claims->tee[0] != '\0';
}

static void
put_claims(struct tsec_json_out *json, const struct tsec_claims *claims)
{
    tsec_json_key(json, "claims");
    tsec_json_object(json);
    if (were_read(claims)) {
        tsec_claims_json(claims, json);
    }
    tsec_json_object_end(json);
}

static void
put_checks(struct tsec_json_out *json, const struct tsec_checks *checks)
{
    tsec_json_key(json, "checks");
    tsec_json_array(json);
    for (size_t i = 0; i < checks->len; i++) {
        tsec_json_object(json);
        tsec_json_put_str(json, "name", checks->items[i].name);
        tsec_json_put_bool(json, "ok", checks->items[i].ok);
        tsec_json_put_str(json, "detail", checks->items[i].detail);
        tsec_json_object_end(json);
    }
    tsec_json_array_end(json);
}

static void
put_indented(const struct tsec_buf *text, struct tsec_buf *out)
{
    if (text->failed) {
        out->failed = true;
        return;
    }
    cli_output_json(out, tsec_buf_span(text));
}

void
evidence_report_json(const struct evidence_ask *ask, const struct evidence_verdict *verdict,
                     struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(JSON_MAX);
    struct tsec_json_out json = tsec_json_out(&text);

    tsec_json_object(&json);
    tsec_json_put_str(&json, "verdict", verdict->genuine ? "genuine" : "refused");
    tsec_json_put_str(&json, "format", ask->format);
    put_claims(&json, &verdict->claims);
    put_checks(&json, &verdict->checks);
    tsec_json_put_str(&json, "reason", verdict->reason->slug);
    tsec_json_object_end(&json);
    put_indented(&text, out);
}

void
evidence_show_json(const char *format, const struct tsec_claims *claims, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(JSON_MAX);
    struct tsec_json_out json = tsec_json_out(&text);

    tsec_json_object(&json);
    tsec_json_put_bool(&json, "verified", false);
    tsec_json_put_str(&json, "format", format);
    put_claims(&json, claims);
    tsec_json_object_end(&json);
    put_indented(&text, out);
}

/* ---- for people ---- */

/** Foreign text; its newlines stay. */
static void
put_lines(struct tsec_buf *out, struct tsec_span text)
{
    TSEC_AUTO_BUF struct tsec_buf quoted = TSEC_BUF_INIT(JSON_MAX);
    struct tsec_json_out json = tsec_json_out(&quoted);

    tsec_json_span(&json, text);
    cli_output_cell(out, tsec_buf_span(&quoted));
}

/** Foreign text on one line. */
static void
put_text(struct tsec_buf *out, struct tsec_span text)
{
    const size_t from = out->len;

    put_lines(out, text);
    for (size_t i = from; i < out->len; i++) {
        if (out->ptr[i] == '\n' || out->ptr[i] == '\t') {
            out->ptr[i] = ' ';
        }
    }
}

static void
put_name(struct tsec_buf *out, struct tsec_span name, size_t width)
{
    const size_t from = out->len;

    put_text(out, name);
    do {
        tsec_buf_put_byte(out, ' ');
    } while (!out->failed && out->len - from < width);
}

static bool
is_zero_hex(struct tsec_span raw)
{
    size_t zeros = 0;

    for (size_t i = 0; i < raw.len; i++) {
        zeros += raw.ptr[i] == '0' ? 1 : 0;
    }
    return raw.len > 16 && zeros == raw.len - 2;
}

static void
put_list(struct tsec_buf *out, struct tsec_span array)
{
    struct tsec_json_walk walk = tsec_json_walk(array);
    struct tsec_json_member item;
    bool some = false;

    while (tsec_json_next(&walk, &item)) {
        tsec_buf_put_str(out, some ? ", " : "");
        cli_output_cell(out, item.value);
        some = true;
    }
}

static void
put_value(struct tsec_buf *out, struct tsec_span value)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(JSON_MAX);

    switch (tsec_json_type_of(value)) {
    case TSEC_JSON_ARRAY:
        put_list(out, value);
        return;
    case TSEC_JSON_STRING:
        tsec_json_unescape(&text, value);
        break;
    case TSEC_JSON_TRUE:
        tsec_buf_put_str(out, "yes");
        return;
    case TSEC_JSON_FALSE:
        tsec_buf_put_str(out, "no");
        return;
    case TSEC_JSON_NONE:
    case TSEC_JSON_OBJECT:
    case TSEC_JSON_NUMBER:
    case TSEC_JSON_NULL:
    default:
        tsec_buf_put_span(&text, value);
        break;
    }
    put_text(out, tsec_span(text.ptr, text.len < CELL_MAX ? text.len : CELL_MAX));
    if (text.len > CELL_MAX) {
        tsec_buf_printf(out, "... (%zu more; JSON has all)", text.len - CELL_MAX);
    }
}

/** Bytes that are all zero are told in one line at the end, but for the measurement itself. */
static void
put_claim(struct tsec_buf *out, const struct tsec_json_member *member, size_t *zero)
{
    const struct tsec_span name = tsec_span(member->name_raw.ptr + 1, member->name_raw.len - 2);

    if (is_zero_hex(member->value) && !tsec_span_is(name, "measurement")) {
        (*zero)++;
        return;
    }
    tsec_buf_put_str(out, "  ");
    put_name(out, name, NAME_WIDTH);
    put_value(out, member->value);
    tsec_buf_put_byte(out, '\n');
}

static void
put_members(struct tsec_buf *out, struct tsec_span object, size_t *zero)
{
    struct tsec_json_walk walk = tsec_json_walk(object);
    struct tsec_json_member member;

    while (tsec_json_next(&walk, &member)) {
        put_claim(out, &member, zero);
    }
}

static void
put_claim_lines(const struct tsec_claims *claims, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(JSON_MAX);
    struct tsec_json_out json = tsec_json_out(&text);
    struct tsec_json_walk walk;
    struct tsec_json_member member;
    size_t zero = 0;

    if (!were_read(claims)) {
        tsec_buf_put_str(out, "  none\n");
        return;
    }
    tsec_json_object(&json);
    tsec_claims_json(claims, &json);
    tsec_json_object_end(&json);
    if (text.failed) {
        out->failed = true;
        return;
    }
    walk = tsec_json_walk(tsec_buf_span(&text));
    while (tsec_json_next(&walk, &member)) {
        if (tsec_json_type_of(member.value) == TSEC_JSON_OBJECT) {
            put_members(out, member.value, &zero);
        } else {
            put_claim(out, &member, &zero);
        }
    }
    if (zero > 0) {
        tsec_buf_printf(out, "  %-*s%zu more\n", NAME_WIDTH, "(all zero)", zero);
    }
}

/** The failure is the last check. */
static void
put_failure(const struct tsec_checks *checks, struct tsec_buf *out)
{
    const struct tsec_check *last = checks->len == 0 ? NULL : &checks->items[checks->len - 1];

    if (last != NULL && !last->ok) {
        tsec_buf_put_str(out, "Found: ");
        put_text(out, tsec_span_str(last->name));
        tsec_buf_put_str(out, ": ");
        put_text(out, tsec_span_str(last->detail));
        tsec_buf_put_byte(out, '\n');
    }
}

static void
put_verdict(const struct evidence_ask *ask, const struct evidence_verdict *verdict,
            struct tsec_buf *out)
{
    if (!verdict->genuine) {
        tsec_buf_printf(out, "REFUSED  %s: %s\n", verdict->reason->slug, verdict->reason->title);
        put_failure(&verdict->checks, out);
        tsec_buf_printf(out, "What to do: %s.\n", verdict->reason->advice);
    } else if (ask->allowed_len > 0) {
        tsec_buf_put_str(out, "GENUINE  and of a measurement that is allowed\n");
    } else {
        tsec_buf_put_str(out, "GENUINE  but which code it runs was not asked: no --allow was "
                              "given\n");
    }
}

static void
put_check_lines(const struct tsec_checks *checks, struct tsec_buf *out)
{
    tsec_buf_put_str(out, "\nChecks\n");
    for (size_t i = 0; i < checks->len; i++) {
        tsec_buf_put_str(out, checks->items[i].ok ? "  ok      " : "  FAILED  ");
        put_name(out, tsec_span_str(checks->items[i].name), CHECK_WIDTH);
        put_text(out, tsec_span_str(checks->items[i].detail));
        tsec_buf_put_byte(out, '\n');
    }
}

void
evidence_report_table(const struct evidence_ask *ask, const struct evidence_verdict *verdict,
                      struct tsec_buf *out)
{
    char at[TSEC_RFC3339_LEN];

    tsec_rfc3339(ask->at * TSEC_NS_PER_S, at);
    put_verdict(ask, verdict, out);
    tsec_buf_printf(out, "Judged: %zu bytes as %s, at %s\n", ask->evidence.len, ask->format, at);
    put_check_lines(&verdict->checks, out);
    if (verdict->differences.len > 0 && !verdict->genuine) {
        tsec_buf_put_str(out, "\nAllowed, and what differs\n");
        put_lines(out, tsec_buf_span(&verdict->differences));
    }
    tsec_buf_put_str(out,
                     verdict->genuine
                         ? "\nClaims\n"
                         : "\nClaims, as far as they could be read, of evidence that is refused\n");
    put_claim_lines(&verdict->claims, out);
}

void
evidence_show_table(const char *format, const struct tsec_claims *claims, struct tsec_buf *out)
{
    tsec_buf_printf(out,
                    "NOT VERIFIED  read as %s, and judged by nobody: anyone can write such bytes\n"
                    "\nClaims\n",
                    format);
    put_claim_lines(claims, out);
}
