/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/verdict.h"

#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "codec/json_scan.h"
#include "crypto/hash.h"
#include "tests/fuzz/fuzz.h"

enum { JSON_MAX = 1 << 20 };

static const int64_t ten_years_s = INT64_C(315576000);

static unsigned long seen_genuine;

/* For who wants to know whether a corpus reaches that far. */
__attribute__((destructor)) static void
say(void)
{
    if (getenv("TSEC_FUZZ_SAY") != NULL) {
        (void)printf("%lu found genuine\n", seen_genuine);
    }
}

struct verdict {
    tsec_rc rc;
    struct tsec_err err;
    struct tsec_claims claims;
    struct tsec_checks checks;
};

/* For a log: ends, is UTF-8, has no control characters. */
static bool
is_printable(const char *text, size_t room)
{
    const char *end = memchr(text, '\0', room);

    for (const char *c = text; end != NULL && c < end; c++) {
        if ((unsigned char)*c < ' ' || *c == '\x7f') {
            return false;
        }
    }
    return end != NULL && tsec_utf8_valid(tsec_span(text, (size_t)(end - text)));
}

/* ---- the account ---- */

static void
account_holds(const struct verdict *v)
{
    const struct tsec_checks *checks = &v->checks;
    const bool failed = tsec_failed(v->rc);

    FUZZ_ASSERT(checks->len >= 1 && checks->len <= TSEC_CHECKS_MAX);
    for (size_t i = 0; i < checks->len; i++) {
        const struct tsec_check *check = &checks->items[i];

        FUZZ_ASSERT(is_printable(check->name, sizeof(check->name)) && check->name[0] != '\0');
        FUZZ_ASSERT(is_printable(check->detail, sizeof(check->detail)));
        FUZZ_ASSERT(check->ok == !(failed && i == checks->len - 1));
    }
    FUZZ_ASSERT((checks->reason != TSEC_REASON_NONE) == failed);
    FUZZ_ASSERT(!failed || tsec_reason_info(checks->reason)->slug[0] != '\0');
    FUZZ_ASSERT(checks->reason != TSEC_REASON_INTERNAL);
    if (failed) {
        FUZZ_ASSERT(v->rc.code
                    == (checks->reason == TSEC_REASON_MALFORMED ? TSEC_E_INVALID : TSEC_E_DENIED));
        FUZZ_ASSERT(is_printable(v->err.detail, sizeof(v->err.detail)));
        FUZZ_ASSERT(v->err.detail[0] != '\0');
    }
}

/* ---- the claims ---- */

static void
entries_hold(const struct tsec_claims *claims)
{
    FUZZ_ASSERT(claims->entries_len <= TSEC_CLAIM_ENTRIES);
    for (size_t i = 0; i < claims->entries_len; i++) {
        const struct tsec_claim *entry = &claims->entries[i];
        const struct tsec_span value = tsec_span(entry->value, entry->len);

        FUZZ_ASSERT(is_printable(entry->name, sizeof(entry->name)) && entry->name[0] != '\0');
        FUZZ_ASSERT(entry->kind >= TSEC_CLAIM_BYTES && entry->kind <= TSEC_CLAIM_BOOL);
        FUZZ_ASSERT(entry->len <= sizeof(entry->value));
        FUZZ_ASSERT(entry->kind != TSEC_CLAIM_BOOL || entry->number <= 1);
        FUZZ_ASSERT(entry->kind != TSEC_CLAIM_TEXT
                    || (tsec_utf8_valid(value) && memchr(value.ptr, '\0', value.len) == NULL));
        for (size_t j = 0; j < i; j++) { /* a second one of the name would never be found */
            FUZZ_ASSERT(strcmp(entry->name, claims->entries[j].name) != 0);
        }
    }
}

static void
claims_hold(const struct tsec_claims *claims)
{
    FUZZ_ASSERT(is_printable(claims->tee, sizeof(claims->tee)));
    FUZZ_ASSERT(is_printable(claims->format, sizeof(claims->format)));
    FUZZ_ASSERT(is_printable(claims->hardware_model, sizeof(claims->hardware_model)));
    FUZZ_ASSERT(is_printable(claims->instance, sizeof(claims->instance)));
    FUZZ_ASSERT(is_printable(claims->tcb_date, sizeof(claims->tcb_date)));
    FUZZ_ASSERT(is_printable(claims->advisories, sizeof(claims->advisories)));
    FUZZ_ASSERT(is_printable(claims->issuer, sizeof(claims->issuer)));
    FUZZ_ASSERT(claims->measurement_len <= sizeof(claims->measurement));
    FUZZ_ASSERT(claims->signer_len <= sizeof(claims->signer));
    FUZZ_ASSERT(claims->report_data_len <= sizeof(claims->report_data));
    FUZZ_ASSERT(claims->user_data_len <= sizeof(claims->user_data));
    FUZZ_ASSERT(claims->nonce_len <= sizeof(claims->nonce));
    FUZZ_ASSERT(claims->public_key_len <= sizeof(claims->public_key));
    FUZZ_ASSERT(claims->tcb_status <= TSEC_TCB_REVOKED);
    entries_hold(claims);
}

static void
claims_as_json(const struct tsec_claims *claims, struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);

    tsec_json_object(&json);
    tsec_claims_json(claims, &json);
    tsec_json_object_end(&json);
    FUZZ_ASSERT(!tsec_failed(tsec_buf_check(out, NULL)));
    FUZZ_ASSERT(!tsec_failed(tsec_json_check(tsec_buf_span(out), &TSEC_JSON_LIMITS_DEFAULT, NULL)));
}

/* ---- the verdict ---- */

static void
genuine_holds(const struct verdict *v, const struct tsec_expectation *expect, int64_t now)
{
    const struct tsec_claims *claims = &v->claims;
    const uint32_t allowed =
        expect->allow_tcb != 0 ? expect->allow_tcb : TSEC_TCB_BIT(TSEC_TCB_UP_TO_DATE);

    FUZZ_ASSERT(claims->tee[0] != '\0' && claims->format[0] != '\0');
    FUZZ_ASSERT(!claims->debug || expect->allow_debug);
    FUZZ_ASSERT(!claims->simulated);
    FUZZ_ASSERT(claims->tcb_status != TSEC_TCB_REVOKED);
    FUZZ_ASSERT(claims->tcb_status == TSEC_TCB_NONE
                || (allowed & TSEC_TCB_BIT(claims->tcb_status)) != 0);
    FUZZ_ASSERT((claims->not_before == 0 && claims->not_after == 0)
                || (claims->not_before <= now && now <= claims->not_after));
}

/* Static, for they are large; a harness runs in one thread. */
static void
judge(const struct verdict_subject *subject, const struct parcel *p,
      const struct tsec_expectation *base, int64_t now, bool cached, struct verdict *out)
{
    struct tsec_expectation expect = *base;

    memset(out, 0, sizeof(*out));
    out->claims.struct_size = sizeof(out->claims);
    out->checks.struct_size = sizeof(out->checks);
    expect.checks = &out->checks;
    out->rc = subject->verify(p, &expect, now, cached, &out->claims, &out->err);
    account_holds(out);
    claims_hold(&out->claims);
    if (!tsec_failed(out->rc)) {
        FUZZ_ASSERT(!subject->needs_anchors || (p->flags & (PARCEL_PINNED | PARCEL_OWN)) != 0);
        genuine_holds(out, &expect, now);
        seen_genuine++;
    }
}

static void
same(const struct verdict *a, const struct verdict *b)
{
    TSEC_AUTO_BUF struct tsec_buf json_a = TSEC_BUF_INIT(JSON_MAX);
    TSEC_AUTO_BUF struct tsec_buf json_b = TSEC_BUF_INIT(JSON_MAX);

    FUZZ_ASSERT(a->rc.code == b->rc.code);
    FUZZ_ASSERT(a->checks.reason == b->checks.reason);
    if (!tsec_failed(a->rc)) {
        claims_as_json(&a->claims, &json_a);
        claims_as_json(&b->claims, &json_b);
        FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&json_a), tsec_buf_span(&json_b)));
    }
}

static void
cache_changes_nothing(const struct verdict_subject *subject, const struct parcel *p,
                      const struct tsec_expectation *expect, const struct verdict *without)
{
    static const int64_t steps_s[] = { 0, ten_years_s, -ten_years_s, 0 };
    static struct verdict alone;
    static struct verdict cached;

    judge(subject, p, expect, p->now, true, &cached);
    same(without, &cached);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(steps_s); i++) {
        judge(subject, p, expect, p->now + steps_s[i], false, &alone);
        judge(subject, p, expect, p->now + steps_s[i], true, &cached);
        same(&alone, &cached);
    }
}

/* What is not in the evidence: its own digest. */
static void
others_are_refused(const struct verdict_subject *subject, const struct parcel *p,
                   const struct tsec_expectation *base)
{
    static struct verdict v;
    uint8_t digest[TSEC_SHA256_LEN];
    const struct tsec_span other = tsec_span(digest, sizeof(digest));
    struct tsec_expectation expect[3] = { *base, *base, *base };

    tsec_sha256(p->evidence, digest);
    expect[0].binding = other;
    expect[1].nonce = other;
    expect[2].public_key = other;
    for (size_t i = 0; i < TSEC_ARRAY_LEN(expect); i++) {
        judge(subject, p, &expect[i], p->now, false, &v);
        FUZZ_ASSERT(tsec_failed(v.rc));
    }
}

/* To expect more makes nothing genuine. */
static void
own_are_no_help(const struct verdict_subject *subject, const struct parcel *p,
                const struct tsec_expectation *base, const struct verdict *first)
{
    static struct verdict v;
    const struct tsec_claims *claims = &first->claims;
    struct tsec_expectation expect[5] = { *base, *base, *base, *base, *base };

    expect[0].binding = tsec_span(claims->report_data, claims->report_data_len);
    expect[1].binding = tsec_span(claims->user_data, claims->user_data_len);
    expect[2].nonce = tsec_span(claims->nonce, claims->nonce_len);
    expect[3].public_key = tsec_span(claims->public_key, claims->public_key_len);
    expect[4].max_age_s = 1;
    for (size_t i = 0; i < TSEC_ARRAY_LEN(expect); i++) {
        judge(subject, p, &expect[i], p->now, false, &v);
        FUZZ_ASSERT(tsec_failed(v.rc) || !tsec_failed(first->rc));
    }
}

/* What is genuine can be read. */
static void
decoding_holds(const struct verdict_subject *subject, const struct parcel *p,
               const struct verdict *v)
{
    static struct tsec_claims claims;
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(JSON_MAX);
    struct tsec_err err = { .code = 0 };

    memset(&claims, 0, sizeof(claims));
    claims.struct_size = sizeof(claims);

    const tsec_rc rc = subject->decode(p, &claims, &err);

    claims_hold(&claims);
    claims_as_json(&claims, &json);
    FUZZ_ASSERT(rc.code == 0 || rc.code == TSEC_E_INVALID);
    FUZZ_ASSERT(rc.code == 0 || is_printable(err.detail, sizeof(err.detail)));
    if (!tsec_failed(v->rc)) {
        FUZZ_ASSERT(rc.code == 0);
        FUZZ_ASSERT(strcmp(claims.tee, v->claims.tee) == 0);
        FUZZ_ASSERT(tsec_span_equal(tsec_span(claims.measurement, claims.measurement_len),
                                    tsec_span(v->claims.measurement, v->claims.measurement_len)));
    }
}

void
verdict_of(const struct verdict_subject *subject, const struct parcel *parcel,
           struct tsec_expectation expect)
{
    static struct verdict first;

    expect.struct_size = sizeof(expect);
    expect.allow_debug = (parcel->flags & PARCEL_ALLOW_DEBUG) != 0;
    expect.allow_tcb = (parcel->flags & PARCEL_ALLOW_TCB) != 0 ? TSEC_TCB_ANY : 0;
    expect.require_revocation = (parcel->flags & PARCEL_REVOCATION) != 0;
    verdict_believe = (parcel->flags & PARCEL_BELIEVE) != 0;
    judge(subject, parcel, &expect, parcel->now, false, &first);
    decoding_holds(subject, parcel, &first);
    if (!tsec_failed(first.rc)) {
        others_are_refused(subject, parcel, &expect);
    }
    if (!tsec_failed(first.rc) || (parcel->flags & PARCEL_CACHED) != 0) {
        own_are_no_help(subject, parcel, &expect, &first);
    }
    if ((parcel->flags & PARCEL_CACHED) != 0) {
        cache_changes_nothing(subject, parcel, &expect, &first);
    }
    verdict_believe = false;
}
