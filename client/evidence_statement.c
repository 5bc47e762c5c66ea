/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_statement.h"

#include "appraisal/binding.h"
#include "base/base64.h"
#include "codec/json_scan.h"

enum { STATEMENT_MAX = 2 * 1024 * 1024, TEXT_MAX = 4096 };

static const char type_tag[] = "tee-secrets/key-attestation/1";

void
evidence_statement_init(struct evidence_statement *statement)
{
    *statement = (struct evidence_statement){ .nonce = { NULL, 0 } };
    tsec_buf_init(&statement->bytes, STATEMENT_MAX);
}

void
evidence_statement_done(struct evidence_statement *statement)
{
    tsec_buf_done(&statement->bytes);
}

/* A string member, decoded; false: it is not there, or no string. */
static bool
text_of(struct tsec_span object, const char *name, struct tsec_buf *out)
{
    struct tsec_span raw = { NULL, 0 };

    tsec_buf_reset(out);
    if (tsec_json_member(object, name, &raw) != TSEC_JSON_STRING) {
        return false;
    }
    tsec_json_unescape(out, raw);
    return !out->failed;
}

static bool
text_is(struct tsec_span object, const char *name, const char *wanted)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);

    return text_of(object, name, &text) && tsec_span_is(tsec_buf_span(&text), wanted);
}

/* Whether a string member is these bytes in base64. */
static bool
bytes_are(struct tsec_span object, const char *name, struct tsec_span wanted)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TEXT_MAX);

    return text_of(object, name, &text)
           && !tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_STD, tsec_buf_span(&text), NULL))
           && tsec_span_equal(tsec_buf_span(&bytes), wanted);
}

/* ---- reading ---- */

static tsec_rc
unarmour(struct tsec_buf *bytes, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(STATEMENT_MAX);
    const struct tsec_span text = tsec_json_trim(tsec_buf_span(bytes));

    if (text.len > 0 && text.ptr[0] == '{') {
        return TSEC_OK;
    }
    if (tsec_failed(tsec_base64_decode(&plain, TSEC_BASE64_STD, text, err))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the statement is neither JSON nor base64 of it");
    }
    tsec_buf_reset(bytes);
    tsec_buf_put_span(bytes, tsec_buf_span(&plain));
    return tsec_buf_check(bytes, err);
}

tsec_rc
evidence_statement_read(struct evidence_statement *statement, struct tsec_err *err)
{
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;
    struct tsec_span whole;

    TSEC_TRY(unarmour(&statement->bytes, err));
    whole = tsec_buf_span(&statement->bytes);
    if (tsec_failed(tsec_json_check(whole, &limits, err))
        || tsec_json_type_of(tsec_json_trim(whole)) != TSEC_JSON_OBJECT
        || !text_is(tsec_json_trim(whole), "type", type_tag)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the statement is no key attestation (%s)", type_tag);
    }
    tsec_binding_statement(type_tag, tsec_buf_span(&statement->bytes), statement->binding);
    return TSEC_OK;
}

/* ---- checking ---- */

/* What all its versions have in common. */
struct summary {
    size_t versions;
    size_t imported;
    bool has_key;
};

static void
summarise(const struct evidence_statement *statement, struct tsec_span versions,
          struct summary *out)
{
    struct tsec_json_walk walk = tsec_json_walk(versions);
    struct tsec_json_member version;

    while (tsec_json_next(&walk, &version)) {
        if (tsec_json_type_of(version.value) != TSEC_JSON_OBJECT) {
            continue;
        }
        out->versions++;
        out->imported += text_is(version.value, "origin", "generated") ? 0 : 1;
        out->has_key = out->has_key
                       || (statement->public_key.ptr != NULL
                           && bytes_are(version.value, "public_key", statement->public_key));
    }
}

/* Only a plain `false` says that it may not. */
static bool
may(struct tsec_span settings, const char *name)
{
    struct tsec_span value = { NULL, 0 };

    return tsec_json_type_of(settings) != TSEC_JSON_OBJECT
           || tsec_json_member(settings, name, &value) != TSEC_JSON_FALSE;
}

/* Whether that can change. */
static const char *
not_exportable(struct tsec_span settings)
{
    struct tsec_span value = { NULL, 0 };

    return tsec_json_member(settings, "never_exportable", &value) == TSEC_JSON_TRUE
               ? "never exportable"
               : "not exportable now";
}

/* Names are the server's text: one line, and nothing that steers a terminal. */
static void
tame(struct tsec_buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        if (text->ptr[i] < ' ' || text->ptr[i] >= 0x7f) {
            text->ptr[i] = '?';
        }
    }
    tsec_buf_put_byte(text, '\0');
}

static void
tell(struct tsec_span whole, const struct summary *summary, struct tsec_checks *checks)
{
    TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf type = TSEC_BUF_INIT(TEXT_MAX);
    struct tsec_span settings = { NULL, 0 };
    const char *origin = "generated there";

    if (summary->imported > 0) {
        origin = summary->imported == summary->versions ? "imported" : "in part imported";
    }
    (void)tsec_json_member(whole, "settings", &settings);
    (void)text_of(whole, "name", &name);
    (void)text_of(whole, "key_type", &type);
    tame(&name);
    tame(&type);
    tsec_check_ok(checks, "statement", "key %.60s, %.32s, %zu versions: %s, %s, %s",
                  name.failed ? "?" : (const char *)name.ptr,
                  type.failed ? "?" : (const char *)type.ptr, summary->versions, origin,
                  may(settings, "exportable") ? "exportable" : not_exportable(settings),
                  may(settings, "allow_plaintext_backup") ? "may be backed up in clear"
                                                          : "no plain-text backup");
}

tsec_rc
evidence_statement_check(const struct evidence_statement *statement, struct tsec_checks *checks,
                         struct tsec_err *err)
{
    const struct tsec_span whole = tsec_json_trim(tsec_buf_span(&statement->bytes));
    struct summary summary = { 0 };
    struct tsec_span versions = { NULL, 0 };

    if (statement->nonce.ptr != NULL && !bytes_are(whole, "nonce", statement->nonce)) {
        return tsec_check_failed(checks, TSEC_REASON_NONCE, "statement", err,
                                 "it does not answer this nonce");
    }
    if (tsec_json_member(whole, "versions", &versions) != TSEC_JSON_ARRAY) {
        return tsec_check_failed(checks, TSEC_REASON_MALFORMED, "statement", err,
                                 "it has no versions");
    }
    summarise(statement, versions, &summary);
    if (statement->public_key.ptr != NULL && !summary.has_key) {
        return tsec_check_failed(checks, TSEC_REASON_PUBLIC_KEY, "statement", err,
                                 "that public key is none of its %zu", summary.versions);
    }
    tell(whole, &summary, checks);
    return TSEC_OK;
}
