/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-sim/sim_verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/crypto.h"
#include "tests/test.h"

/* A simulator in parts, so that each part can be wrong. */
static struct tsec_key *root;
static struct tsec_key *leaf;
static struct tsec_key *stranger;
static struct sim_roots roots;
static const int64_t now = 1800000000;

static void
spki_of(const struct tsec_key *key, uint8_t *out, size_t *len)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(SIM_SPKI_MAX);

    CU_ASSERT_EQUAL_FATAL(tsec_key_spki(key, &spki, NULL).code, 0);
    memcpy(out, spki.ptr, spki.len);
    *len = spki.len;
}

static void
sign_with(const struct tsec_key *key, const struct tsec_buf *text, uint8_t *out)
{
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(256);

    CU_ASSERT_EQUAL_FATAL(tsec_sign(key, TSEC_SHA384, tsec_buf_span(text), &sig, NULL).code, 0);
    memcpy(out, sig.ptr, SIM_SIG_LEN);
}

static void
endorse(struct sim_evidence *e, const struct tsec_key *with)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);

    sim_endorsed_bytes(e, &text);
    sign_with(with, &text, e->endorsement);
}

static void
sign(struct sim_evidence *e, const struct tsec_key *with)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);

    sim_signed_bytes(e, &text);
    sign_with(with, &text, e->signature);
}

static struct sim_evidence
genuine(void)
{
    struct sim_evidence e = { .svn = 7, .issued_at = now, .not_after = now + 1000 };
    uint8_t spki[SIM_SPKI_MAX];
    size_t len = 0;

    memset(e.measurement, 0x11, sizeof(e.measurement));
    memset(e.binding, 0x22, sizeof(e.binding));
    memcpy(e.nonce, "nonce", 5);
    e.nonce_len = 5;
    memcpy(e.public_key, "key", 3);
    e.public_key_len = 3;
    spki_of(leaf, e.leaf, &e.leaf_len);
    spki_of(root, spki, &len);
    sim_root_id(tsec_span(spki, len), e.root);
    endorse(&e, root);
    sign(&e, leaf);
    return e;
}

static struct tsec_expectation
expecting_nothing(void)
{
    return (struct tsec_expectation){ .struct_size = (uint32_t)sizeof(struct tsec_expectation) };
}

static bool
text_is(struct tsec_span text, const struct tsec_expectation *expect, enum tsec_code code,
        const char *says)
{
    struct tsec_claims *claims = calloc(1, sizeof(*claims));
    struct tsec_err err = { 0 };
    tsec_rc rc;
    bool as_wanted;

    CU_ASSERT_PTR_NOT_NULL_FATAL(claims);
    rc = sim_verify(&roots, text, expect, now, claims, &err);
    /* What was refused leaves no claim behind. */
    as_wanted = rc.code == (int32_t)code && strstr(err.detail, says) != NULL
                && (rc.code == 0) == (claims->measurement_len != 0);
    if (!as_wanted) {
        (void)fprintf(stderr, "wanted %d \"%s\", got %d: %s\n", (int)code, says, rc.code,
                      err.detail);
    }
    free(claims);
    return as_wanted;
}

static bool
verdict_is(const struct sim_evidence *e, const struct tsec_expectation *expect, enum tsec_code code,
           const char *says)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);

    sim_encode(e, &text);
    return text_is(tsec_buf_span(&text), expect, code, says);
}

static bool
denied(const struct sim_evidence *e, const char *says)
{
    const struct tsec_expectation nothing = expecting_nothing();

    return verdict_is(e, &nothing, TSEC_E_DENIED, says);
}

static void
genuine_evidence_gives_its_claims(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    const struct sim_evidence e = genuine();
    struct tsec_claims *c = calloc(1, sizeof(*c));
    const struct tsec_expectation expect = { .struct_size = (uint32_t)sizeof(expect),
                                             .binding = tsec_span(e.binding, sizeof(e.binding)),
                                             .nonce = tsec_span_str("nonce"),
                                             .public_key = tsec_span_str("key") };

    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    sim_encode(&e, &text);
    CU_ASSERT_EQUAL(sim_verify(&roots, tsec_buf_span(&text), &expect, now, c, NULL).code, 0);
    CU_ASSERT_STRING_EQUAL(c->tee, "sim");
    CU_ASSERT_STRING_EQUAL(c->format, SIM_FORMAT);
    CU_ASSERT_TRUE(c->simulated);
    CU_ASSERT_FALSE(c->debug);
    CU_ASSERT_TRUE(c->has_svn && c->svn == 7);
    CU_ASSERT_TRUE(c->has_issued_at && c->issued_at == now);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(c->measurement, c->measurement_len),
                                   tsec_span(e.measurement, sizeof(e.measurement))));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(c->user_data, c->user_data_len), expect.binding));
    CU_ASSERT_TRUE(tsec_span_is(tsec_span(c->nonce, c->nonce_len), "nonce"));
    CU_ASSERT_TRUE(tsec_span_is(tsec_span(c->public_key, c->public_key_len), "key"));
    CU_ASSERT_EQUAL(c->entries_len, 1);
    CU_ASSERT_STRING_EQUAL(c->entries[0].name, "root");
    CU_ASSERT_PTR_NOT_NULL(strstr((const char *)text.ptr, "\"simulated\":true"));
    free(c);
}

/* Signed fields changed after the signature. */
static void
each_field_is_signed(void)
{
    struct sim_evidence e = genuine();

    e.measurement[47] ^= 1;
    CU_ASSERT_TRUE(denied(&e, "did not endorse"));
    e = genuine();
    e.not_after++;
    CU_ASSERT_TRUE(denied(&e, "did not endorse"));
    e = genuine();
    e.endorsement[0] ^= 1;
    CU_ASSERT_TRUE(denied(&e, "did not endorse"));
    e = genuine();
    e.leaf[e.leaf_len - 1] ^= 1;
    CU_ASSERT_TRUE(denied(&e, "did not endorse"));
    e = genuine();
    e.root[0] ^= 1;
    CU_ASSERT_TRUE(denied(&e, "not one of the trusted"));
    e = genuine();
    e.svn = 8;
    CU_ASSERT_TRUE(denied(&e, "not signed so"));
    e = genuine();
    e.debug = true;
    CU_ASSERT_TRUE(denied(&e, "not signed so"));
    e = genuine();
    e.issued_at++;
    CU_ASSERT_TRUE(denied(&e, "not signed so"));
    e = genuine();
    e.binding[0] ^= 1;
    CU_ASSERT_TRUE(denied(&e, "not signed so"));
    e = genuine();
    e.nonce[0] ^= 1;
    CU_ASSERT_TRUE(denied(&e, "not signed so"));
    e = genuine();
    e.public_key_len = 0;
    CU_ASSERT_TRUE(denied(&e, "not signed so"));
    e = genuine();
    e.signature[95] ^= 1;
    CU_ASSERT_TRUE(denied(&e, "not signed so"));
}

/* All signatures are right, but made by, or over, the wrong thing. */
static void
a_wrong_signer_is_refused(void)
{
    struct sim_evidence e = genuine();
    TSEC_AUTO(tsec_key_free) struct tsec_key *p256 = NULL;
    uint8_t spki[SIM_SPKI_MAX];
    size_t len = 0;

    endorse(&e, stranger);
    CU_ASSERT_TRUE(denied(&e, "did not endorse"));
    spki_of(stranger, spki, &len);
    sim_root_id(tsec_span(spki, len), e.root);
    CU_ASSERT_TRUE(denied(&e, "not one of the trusted"));
    e = genuine();
    sign(&e, stranger);
    CU_ASSERT_TRUE(denied(&e, "not signed so"));
    e = genuine();
    sign(&e, root); /* the root endorses, it does not attest */
    CU_ASSERT_TRUE(denied(&e, "not signed so"));
    e = genuine();
    e.measurement[0] ^= 1;
    sign(&e, leaf); /* an endorsed key that claims another measurement */
    CU_ASSERT_TRUE(denied(&e, "did not endorse"));
    CU_ASSERT_EQUAL_FATAL(tsec_key_generate(TSEC_KEY_P256, &p256, NULL).code, 0);
    e = genuine();
    spki_of(p256, e.leaf, &e.leaf_len);
    endorse(&e, root);
    CU_ASSERT_TRUE(denied(&e, "not on P-384"));
    e = genuine();
    memset(e.leaf, 0, e.leaf_len);
    endorse(&e, root);
    CU_ASSERT_TRUE(denied(&e, "not on P-384"));
}

static void
time_is_bounded_on_both_sides(void)
{
    static const struct {
        int64_t issued;
        int64_t not_after;
        const char *says; /* NULL: accepted */
    } t[] = {
        { 0, 0, NULL },
        { -SIM_MAX_AGE_S, 0, NULL },
        { -SIM_MAX_AGE_S - 1, 0, "expired" },
        { SIM_SKEW_S, 60, NULL },
        { SIM_SKEW_S + 1, 60, "in the future" },
        { 0, -1, "endorsement has expired" },
    };
    const struct tsec_expectation nothing = expecting_nothing();

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct sim_evidence e = genuine();

        e.issued_at = now + t[i].issued;
        e.not_after = now + t[i].not_after;
        endorse(&e, root);
        sign(&e, leaf);
        CU_ASSERT_TRUE(verdict_is(&e, &nothing, t[i].says == NULL ? TSEC_OK_CODE : TSEC_E_DENIED,
                                  t[i].says == NULL ? "" : t[i].says));
    }
}

static void
an_age_that_is_asked_for_bounds_it_further(void)
{
    struct tsec_checks checks = { .struct_size = sizeof(checks) };
    struct tsec_expectation expect = expecting_nothing();
    struct sim_evidence e = genuine();

    e.issued_at = now - 301;
    sign(&e, leaf);
    CU_ASSERT_TRUE(verdict_is(&e, &expect, TSEC_OK_CODE, ""));
    expect.max_age_s = 300;
    expect.checks = &checks;
    CU_ASSERT_TRUE(verdict_is(&e, &expect, TSEC_E_DENIED, "301 s old, 300 are allowed"));
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_STALE);
}

static void
each_refusal_has_its_reason(void)
{
    static const struct {
        const char *nonce;
        const char *public_key;
        enum tsec_reason reason;
    } rows[] = {
        { "other", NULL, TSEC_REASON_NONCE },
        { NULL, "other", TSEC_REASON_PUBLIC_KEY },
        { "nonce", "key", TSEC_REASON_NONE },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tsec_checks checks = { .struct_size = sizeof(checks) };
        struct tsec_expectation expect = expecting_nothing();
        const struct sim_evidence e = genuine();
        const bool fine = rows[i].reason == TSEC_REASON_NONE;

        expect.checks = &checks;
        expect.nonce = tsec_span_str(rows[i].nonce);
        expect.public_key = tsec_span_str(rows[i].public_key);
        CU_ASSERT_TRUE(verdict_is(&e, &expect, fine ? TSEC_OK_CODE : TSEC_E_DENIED, ""));
        CU_ASSERT_EQUAL(checks.reason, rows[i].reason);
        CU_ASSERT_EQUAL(checks.items[checks.len - 1].ok, fine);
    }
}

static void
decoding_reads_without_believing(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    struct tsec_claims *c = calloc(1, sizeof(*c));
    struct sim_evidence e = genuine();

    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    e.svn = 99; /* not signed so */
    sim_encode(&e, &text);
    CU_ASSERT_EQUAL(sim_decode(tsec_buf_span(&text), c, NULL).code, 0);
    CU_ASSERT_EQUAL(c->svn, 99);
    CU_ASSERT_EQUAL(sim_decode(tsec_span_str("{}"), c, NULL).code, TSEC_E_INVALID);
    free(c);
}

static void
debug_is_refused_unless_allowed(void)
{
    struct sim_evidence e = genuine();
    struct tsec_expectation expect = expecting_nothing();

    e.debug = true;
    sign(&e, leaf);
    CU_ASSERT_TRUE(verdict_is(&e, &expect, TSEC_E_DENIED, "debug mode"));
    expect.allow_debug = true;
    CU_ASSERT_TRUE(verdict_is(&e, &expect, TSEC_OK_CODE, ""));
}

static void
what_it_is_bound_to_is_compared(void)
{
    const struct sim_evidence e = genuine();
    uint8_t other[SIM_BINDING_LEN];
    struct tsec_expectation expect = expecting_nothing();

    memcpy(other, e.binding, sizeof(other));
    other[63] ^= 1;
    expect.binding = tsec_span(other, sizeof(other));
    CU_ASSERT_TRUE(verdict_is(&e, &expect, TSEC_E_DENIED, "bound to something else"));
    expect.binding = tsec_span(e.binding, 32);
    CU_ASSERT_TRUE(verdict_is(&e, &expect, TSEC_E_DENIED, "bound to something else"));
    expect = expecting_nothing();
    expect.nonce = tsec_span_str("nonc");
    CU_ASSERT_TRUE(verdict_is(&e, &expect, TSEC_E_DENIED, "another nonce"));
    expect.nonce = tsec_span("", 0); /* expected empty is not the same as not expected */
    CU_ASSERT_TRUE(verdict_is(&e, &expect, TSEC_E_DENIED, "another nonce"));
    expect = expecting_nothing();
    expect.public_key = tsec_span_str("kez");
    CU_ASSERT_TRUE(verdict_is(&e, &expect, TSEC_E_DENIED, "another public key"));
}

static void
no_cut_and_no_changed_byte_passes(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    const struct tsec_expectation nothing = expecting_nothing();
    const struct sim_evidence e = genuine();
    struct tsec_claims *claims = calloc(1, sizeof(*claims));
    unsigned passed = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(claims);
    sim_encode(&e, &text);
    for (size_t len = 0; len < text.len; len++) {
        /* a copy of its own, so that a sanitizer sees a read past the end */
        uint8_t *cut = malloc(len + 1);

        CU_ASSERT_PTR_NOT_NULL_FATAL(cut);
        memcpy(cut, text.ptr, len);
        const tsec_rc rc = sim_verify(&roots, tsec_span(cut, len), &nothing, now, claims, NULL);

        passed += rc.code == TSEC_E_INVALID ? 0 : 1;
        free(cut);
    }
    for (size_t i = 0; i < text.len; i++) {
        text.ptr[i] ^= 1;
        passed += tsec_failed(sim_verify(&roots, tsec_buf_span(&text), &nothing, now, claims, NULL))
                      ? 0
                      : 1;
        text.ptr[i] ^= 1;
    }
    CU_ASSERT_EQUAL(passed, 0);
    CU_ASSERT_TRUE(text_is(tsec_buf_span(&text), &nothing, TSEC_OK_CODE, ""));
    free(claims);
}

/* The text with `from`, which is there once, replaced. */
static bool
spelled(const char *from, const char *to, const char *says)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf changed = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    const struct tsec_expectation nothing = expecting_nothing();
    const struct sim_evidence e = genuine();
    const uint8_t *at;

    sim_encode(&e, &text);
    at = memmem(text.ptr, text.len, from, strlen(from));
    if (at == NULL) {
        return false;
    }
    tsec_buf_put(&changed, text.ptr, (size_t)(at - text.ptr));
    tsec_buf_put_str(&changed, to);
    tsec_buf_put(&changed, at + strlen(from), text.len - (size_t)(at - text.ptr) - strlen(from));
    return text_is(tsec_buf_span(&changed), &nothing, TSEC_E_INVALID, says);
}

static void
there_is_one_spelling(void)
{
    CU_ASSERT_TRUE(spelled("{\"format\"", " {\"format\"", "one form"));
    CU_ASSERT_TRUE(spelled("\"svn\":7", "\"svn\": 7", "one form"));
    CU_ASSERT_TRUE(spelled("\"svn\":7", "\"svn\":7.0", ""));
    CU_ASSERT_TRUE(spelled("\"svn\":7", "\"svn\":\"7\"", "another type"));
    CU_ASSERT_TRUE(spelled("\"svn\":7", "\"svn\":-7", "another type"));
    CU_ASSERT_TRUE(spelled("\"svn\":7", "\"svn\":7,\"svn\":7", ""));
    CU_ASSERT_TRUE(spelled("\"svn\":7", "\"svn\":7,\"more\":7", "one form"));
    CU_ASSERT_TRUE(spelled("\"svn\":7", "\"sv\\u006e\":7", ""));
    CU_ASSERT_TRUE(spelled("\"svn\":7,", "", "lacks a member"));
    CU_ASSERT_TRUE(spelled("\"debug\":false", "\"debug\":0", "another type"));
    CU_ASSERT_TRUE(spelled("\"measurement\":\"1111", "\"measurement\":\"\\u0031111", ""));
    CU_ASSERT_TRUE(spelled("\"measurement\":\"11", "\"measurement\":\"", "another type"));
    CU_ASSERT_TRUE(spelled("\"simulated\":true", "\"simulated\":false", "one form"));
    CU_ASSERT_TRUE(spelled("\"simulated\":true,", "", "one form"));
    CU_ASSERT_TRUE(spelled("sim-v1", "sim-v2", "one form"));
    CU_ASSERT_TRUE(spelled("{\"format\"", "[{\"format\"", ""));
}

static void
trailing_bytes_and_absurd_sizes_are_refused(void)
{
    static const char *const tails[] = { " ", "\n", "{}", "x", "," };
    const struct tsec_expectation nothing = expecting_nothing();
    const struct sim_evidence e = genuine();
    uint8_t *big = calloc(1, SIM_EVIDENCE_MAX + 1);

    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);

        sim_encode(&e, &text);
        tsec_buf_put_str(&text, tails[i]);
        CU_ASSERT_TRUE(text_is(tsec_buf_span(&text), &nothing, TSEC_E_INVALID, ""));
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    CU_ASSERT_TRUE(
        text_is(tsec_span(big, SIM_EVIDENCE_MAX + 1), &nothing, TSEC_E_INVALID, "8193 bytes"));
    CU_ASSERT_TRUE(text_is(tsec_span(big, 0), &nothing, TSEC_E_INVALID, ""));
    CU_ASSERT_TRUE(text_is(tsec_span_str("[]"), &nothing, TSEC_E_INVALID, "lacks a member"));
    CU_ASSERT_TRUE(text_is(tsec_span_str("{}"), &nothing, TSEC_E_INVALID, "lacks a member"));
    free(big);
}

static const struct test_case cases[] = {
    { "genuine evidence gives its claims", genuine_evidence_gives_its_claims },
    { "each field is signed", each_field_is_signed },
    { "a wrong signer is refused", a_wrong_signer_is_refused },
    { "time is bounded on both sides", time_is_bounded_on_both_sides },
    { "an age that is asked for bounds it further", an_age_that_is_asked_for_bounds_it_further },
    { "each refusal has its reason", each_refusal_has_its_reason },
    { "decoding reads without believing", decoding_reads_without_believing },
    { "debug is refused unless allowed", debug_is_refused_unless_allowed },
    { "what it is bound to is compared", what_it_is_bound_to_is_compared },
    { "no cut and no changed byte passes", no_cut_and_no_changed_byte_passes },
    { "there is one spelling", there_is_one_spelling },
    { "trailing bytes and absurd sizes are refused", trailing_bytes_and_absurd_sizes_are_refused },
};

int
main(void)
{
    uint8_t spki[SIM_SPKI_MAX];
    int failed;
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(SIM_SPKI_MAX);

    if (tsec_failed(tsec_crypto_setup(NULL))
        || tsec_failed(tsec_key_generate(TSEC_KEY_P384, &root, NULL))
        || tsec_failed(tsec_key_generate(TSEC_KEY_P384, &leaf, NULL))
        || tsec_failed(tsec_key_generate(TSEC_KEY_P384, &stranger, NULL))
        || tsec_failed(tsec_key_spki(root, &out, NULL))) {
        return TEST_FAIL;
    }
    memcpy(spki, out.ptr, out.len);
    if (tsec_failed(sim_roots_add(&roots, tsec_span(spki, out.len), NULL))) {
        return TEST_FAIL;
    }
    failed = test_main("attest-sim/verify", cases, sizeof(cases) / sizeof(cases[0]));
    sim_roots_done(&roots);
    tsec_key_free(root);
    tsec_key_free(leaf);
    tsec_key_free(stranger);
    return failed;
}
