/* SPDX-License-Identifier: Apache-2.0 */
/* What the attested channel reads of a stranger.  The first byte says as what: a first hello, a
 * second, the body of finish, evidence, an inner request, an inner reply, a rekey's share.  What is
 * read can be written and read again to the same; a finish that nobody with the keys made is never
 * taken. */
#include "amc/handshake_internal.h"
#include "amc/inner.h"
#include "codec/json_scan.h"
#include "crypto/crypto.h"
#include "tests/fuzz/fuzz.h"

enum { KINDS = 7 };

#define B1                                                                                     \
    "{\"v\":1,\"suite\":\"P384-A256GCM-SHA384\",\"nonce\":"                                    \
    "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\",\"eph\":"                                 \
    "\"BK3wzC8CPZ5whSQmVFVgMSS5EDR73L804m3z-62ekO0sDWCM3jJpe5auPqLaz5oEIYRW4anNI3-8MlC_MvAeZW" \
    "glzOFjzPrQ10vYLINB16YdWveBMWV-PfVYVPzjFX7bIA\",\"accept\":[\"nitro\"],\"aud\":\"a\"}"

static void
expect_invalid(tsec_rc rc)
{
    FUZZ_ASSERT(rc.code == TSEC_E_INVALID);
}

static void
first_hello(struct tsec_span input)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_HELLO_MAX);
    struct amc_b1 b1;
    struct amc_b1 again;
    const tsec_rc rc = amc_b1_parse(input, &b1, NULL);

    if (tsec_failed(rc)) {
        expect_invalid(rc);
        return;
    }
    FUZZ_ASSERT(b1.accept_len > 0 && b1.aud[0] != '\0');
    FUZZ_ASSERT(b1.id_len == 0 || b1.id_len == AMC_SPKI_LEN);
    amc_b1_write(&b1, &text);
    FUZZ_ASSERT(!tsec_failed(amc_b1_parse(tsec_buf_span(&text), &again, NULL)));
    FUZZ_ASSERT(memcmp(&b1, &again, sizeof(b1)) == 0);
}

static void
second_hello(struct tsec_span input)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_HELLO_MAX);
    struct amc_b2 b2;
    struct amc_b2 again;
    const tsec_rc rc = amc_b2_parse(input, &b2, NULL);

    if (tsec_failed(rc)) {
        expect_invalid(rc);
        return;
    }
    FUZZ_ASSERT(b2.id_len == AMC_SPKI_LEN && b2.exp_s > 0);
    amc_b2_write(&b2, &text);
    FUZZ_ASSERT(!tsec_failed(amc_b2_parse(tsec_buf_span(&text), &again, NULL)));
    FUZZ_ASSERT(memcmp(&b2, &again, sizeof(b2)) == 0);
}

static void
share(struct tsec_span input)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_HELLO_MAX);
    struct amc_share one;
    struct amc_share again;
    const tsec_rc rc = amc_share_parse(input, &one, NULL);

    if (tsec_failed(rc)) {
        expect_invalid(rc);
        return;
    }
    amc_share_write(&one, &text);
    FUZZ_ASSERT(!tsec_failed(amc_share_parse(tsec_buf_span(&text), &again, NULL)));
    FUZZ_ASSERT(memcmp(&one, &again, sizeof(one)) == 0);
}

/* ---- finish ---- */

static tsec_rc
sign(void *ctx, struct tsec_span message, struct tsec_buf *sig, struct tsec_err *err)
{
    return tsec_sign(ctx, TSEC_SHA384, message, sig, err);
}

/* One key for all: a handshake is costly, what is tried is the reading. */
static struct tsec_key *
key(void)
{
    static struct tsec_key *one;

    FUZZ_ASSERT(one != NULL || !tsec_failed(tsec_key_generate(TSEC_KEY_P384, &one, NULL)));
    return one;
}

static void
finish(struct tsec_span input)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(AMC_SPKI_LEN);
    TSEC_AUTO_BUF struct tsec_buf reply = TSEC_BUF_INIT(AMC_HELLO_MAX);
    TSEC_AUTO_BUF struct tsec_buf ei = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    TSEC_AUTO(amc_responder_free) struct amc_responder *r = NULL;
    const struct amc_drawn drawn = { .eph = key() };
    struct amc_b1 b1;

    FUZZ_ASSERT(!tsec_failed(tsec_key_spki(key(), &spki, NULL)));
    FUZZ_ASSERT(!tsec_failed(amc_b1_parse(tsec_span_str(B1), &b1, NULL)));

    const struct amc_responder_options options = {
        .id = tsec_buf_span(&spki), .sign = sign, .sign_ctx = key(), .bind = AMC_RAW48
    };

    FUZZ_ASSERT(
        !tsec_failed(amc_responder_begin_with(&options, &drawn, &b1, tsec_span_str(B1), &r, NULL)));
    FUZZ_ASSERT(!tsec_failed(amc_responder_reply(r, tsec_span_str("{}"), &reply, NULL)));

    const tsec_rc rc = amc_responder_finish(r, input, &ei, NULL);

    FUZZ_ASSERT(rc.code == TSEC_E_INVALID || rc.code == TSEC_E_DENIED);
    FUZZ_ASSERT(ei.len == 0);
}

/* ---- evidence ---- */

static void
evidence(struct tsec_span input)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(2 * AMC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf more = TSEC_BUF_INIT(2 * AMC_EVIDENCE_MAX);
    static struct amc_evidence e;
    static struct amc_evidence again;
    const tsec_rc rc = amc_evidence_parse(input, &bytes, &e, NULL);

    if (tsec_failed(rc)) {
        expect_invalid(rc);
        return;
    }
    FUZZ_ASSERT(e.collateral_len <= AMC_COLLATERAL_MAX);
    FUZZ_ASSERT((e.mode == AMC_FRESH || e.mode == AMC_IDENTITY) == (e.evidence.len > 0));
    amc_evidence_write(&e, &text);
    FUZZ_ASSERT(!tsec_failed(amc_evidence_parse(tsec_buf_span(&text), &more, &again, NULL)));
    FUZZ_ASSERT(strcmp(e.format, again.format) == 0 && strcmp(e.role, again.role) == 0);
    FUZZ_ASSERT(e.mode == again.mode && e.made_at_s == again.made_at_s);
    FUZZ_ASSERT(tsec_span_equal(e.evidence, again.evidence));
    FUZZ_ASSERT(e.collateral_len == again.collateral_len);
    for (size_t i = 0; i < e.collateral_len; i++) {
        FUZZ_ASSERT(tsec_span_equal(e.collateral[i], again.collateral[i]));
    }
}

/* ---- inner ---- */

/* White space around JSON is left out; of anything else every byte arrives. */
static bool
same_body(struct tsec_span body, struct tsec_span content_type, struct tsec_span again)
{
    return tsec_span_equal(body, again)
           || (content_type.len == 0 && tsec_span_equal(tsec_json_trim(body), again)
               && !tsec_failed(tsec_json_check(
                   again, &(struct tsec_json_limits){ 64, 2 * 1024 * 1024, true }, NULL)));
}

static void
inner_request(struct tsec_span input)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf more = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    struct amc_inner_request r;
    struct amc_inner_request again;
    const tsec_rc rc = amc_inner_request_parse(input, &bytes, &r, NULL);

    if (tsec_failed(rc)) {
        expect_invalid(rc);
        return;
    }
    FUZZ_ASSERT((r.method.len == 0) == (r.path.len == 0));
    FUZZ_ASSERT(tsec_text_plain(r.token) && tsec_text_plain(r.path));
    amc_inner_request_write(&r, &text);
    FUZZ_ASSERT(!tsec_failed(amc_inner_request_parse(tsec_buf_span(&text), &more, &again, NULL)));
    FUZZ_ASSERT(tsec_span_equal(r.token, again.token));
    FUZZ_ASSERT(same_body(r.body, r.content_type, again.body));
    FUZZ_ASSERT(tsec_span_equal(r.method, again.method) && tsec_span_equal(r.path, again.path));
    FUZZ_ASSERT(tsec_span_equal(r.wrap_ttl, again.wrap_ttl));
    FUZZ_ASSERT(tsec_span_equal(r.idempotency_key, again.idempotency_key));
    FUZZ_ASSERT(tsec_span_equal(r.content_type, again.content_type));
}

static void
inner_reply(struct tsec_span input)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    TSEC_AUTO_BUF struct tsec_buf more = TSEC_BUF_INIT(AMC_PLAIN_MAX);
    struct amc_inner_reply r;
    struct amc_inner_reply again;
    const tsec_rc rc = amc_inner_reply_parse(input, &bytes, &r, NULL);

    if (tsec_failed(rc)) {
        expect_invalid(rc);
        return;
    }
    FUZZ_ASSERT(r.status >= 100 && r.status <= 599);
    amc_inner_reply_write(&r, &text);
    FUZZ_ASSERT(!tsec_failed(amc_inner_reply_parse(tsec_buf_span(&text), &more, &again, NULL)));
    FUZZ_ASSERT(r.status == again.status);
    FUZZ_ASSERT(same_body(r.body, r.content_type, again.body));
    FUZZ_ASSERT(r.retry_after_s == again.retry_after_s && r.audit_index == again.audit_index);
    FUZZ_ASSERT(tsec_span_equal(r.content_type, again.content_type));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void (*const kinds[KINDS])(struct tsec_span input) = { first_hello, second_hello,  finish,
                                                           evidence,    inner_request, inner_reply,
                                                           share };

    FUZZ_ASSERT(!tsec_failed(tsec_crypto_setup(NULL)));
    if (size > 0) {
        kinds[data[0] % KINDS](tsec_span(data + 1, size - 1));
    }
    return 0;
}
