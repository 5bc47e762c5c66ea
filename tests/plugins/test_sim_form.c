/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-sim/sim_form.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

/* The longest there is: every variable part at its limit. */
static struct sim_evidence
largest(void)
{
    struct sim_evidence e = { .svn = INT64_C(9007199254740991), .issued_at = 1, .not_after = 2 };

    memset(e.measurement, 1, sizeof(e.measurement));
    memset(e.nonce, 2, sizeof(e.nonce));
    memset(e.public_key, 3, sizeof(e.public_key));
    memset(e.leaf, 4, sizeof(e.leaf));
    e.nonce_len = sizeof(e.nonce);
    e.public_key_len = sizeof(e.public_key);
    e.leaf_len = sizeof(e.leaf);
    return e;
}

static void
what_is_written_is_read(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    struct sim_evidence e = largest();
    struct sim_evidence back;

    sim_encode(&e, &text);
    CU_ASSERT_EQUAL_FATAL(tsec_buf_check(&text, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(sim_parse(tsec_buf_span(&text), &back, NULL).code, 0);
    CU_ASSERT_EQUAL(back.svn, e.svn);
    CU_ASSERT_EQUAL(back.nonce_len, sizeof(e.nonce));
    CU_ASSERT_EQUAL(back.public_key_len, sizeof(e.public_key));
    sim_encode(&back, &again);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&text), tsec_buf_span(&again)));
    e = (struct sim_evidence){ .svn = 0 };
    tsec_buf_reset(&text);
    sim_encode(&e, &text);
    CU_ASSERT_EQUAL(sim_parse(tsec_buf_span(&text), &back, NULL).code, 0);
    CU_ASSERT_EQUAL(back.nonce_len, 0);
}

/* The example in docs/attest-sim.md. */
static void
the_bytes_are_those_of_the_document(void)
{
    static const char wanted[] = "{\"format\":\"sim-v1\",\"simulated\":true,\"claims\":{"
                                 "\"measurement\":\"";
    static const char rest[] = "\",\"svn\":3,\"debug\":false,\"issued_at\":1800000000,"
                               "\"binding\":\"";
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf signed_text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    const struct sim_evidence e = { .svn = 3, .issued_at = 1800000000 };

    sim_encode(&e, &text);
    CU_ASSERT_TRUE(tsec_span_starts(tsec_buf_span(&text), tsec_span_str(wanted)));
    CU_ASSERT_TRUE(
        tsec_span_starts(tsec_span(text.ptr + strlen(wanted) + 96, text.len - strlen(wanted) - 96),
                         tsec_span_str(rest)));
    sim_signed_bytes(&e, &signed_text);
    CU_ASSERT_TRUE(
        tsec_span_starts(tsec_buf_span(&signed_text),
                         tsec_span("tee-secrets/simulated/evidence/1\0{\"measurement\":\"", 49)));
}

static void
what_is_endorsed_has_fixed_places(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    const struct sim_evidence e = { .not_after = 0x0102030405060708, .leaf = { 9 }, .leaf_len = 1 };
    static const char label[] = "tee-secrets/simulated/endorsement/1";
    static const uint8_t until[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

    sim_endorsed_bytes(&e, &text);
    CU_ASSERT_EQUAL_FATAL(text.len, sizeof(label) + SIM_MEASUREMENT_LEN + sizeof(until));
    CU_ASSERT_TRUE(tsec_span_starts(tsec_buf_span(&text), tsec_span(label, sizeof(label))));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(text.ptr + text.len - sizeof(until), sizeof(until)),
                                   tsec_span(until, sizeof(until))));
}

static void
parts_past_their_limit_are_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    struct sim_evidence e = largest();
    struct sim_evidence back;
    uint8_t *at;

    sim_encode(&e, &text);
    /* one base64 group more in the nonce: 513 to 515 bytes */
    at = memmem(text.ptr, text.len, "\"nonce\":\"", 9);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    const size_t before = (size_t)(at - text.ptr) + 9;
    TSEC_AUTO_BUF struct tsec_buf longer = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);

    tsec_buf_put(&longer, text.ptr, before);
    tsec_buf_put_str(&longer, "AAAA");
    tsec_buf_put(&longer, text.ptr + before, text.len - before);
    CU_ASSERT_EQUAL(sim_parse(tsec_buf_span(&longer), &back, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(sim_parse(tsec_buf_span(&text), &back, NULL).code, 0);
}

static const struct test_case cases[] = {
    { "what is written is read", what_is_written_is_read },
    { "the bytes are those of the document", the_bytes_are_those_of_the_document },
    { "what is endorsed has fixed places", what_is_endorsed_has_fixed_places },
    { "parts past their limit are refused", parts_past_their_limit_are_refused },
};

TEST_MAIN("attest-sim/form", cases)
