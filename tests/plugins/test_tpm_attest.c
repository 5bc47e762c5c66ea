/* SPDX-License-Identifier: Apache-2.0 */
#include "tpm_attest.h"

#include "crypto/crypto.h"
#include "tests/mint/mint_hcl.h"
#include "tests/test.h"

enum { MESSAGE_MAX = 2048, EXTRA_AT = 6 + 2 + 34 };

static void
a_quote_is_taken_apart(void)
{
    TSEC_AUTO_BUF struct tsec_buf message = TSEC_BUF_INIT(MESSAGE_MAX);
    const struct mint_quote quote = { .extra_data = tsec_span_str("challenge"),
                                      .selected = 0x800011 };
    struct tpm_attest attest;

    mint_quote_message(&quote, &message);
    CU_ASSERT_EQUAL_FATAL(tpm_attest_parse(tsec_buf_span(&message), &attest, NULL).code, 0);
    CU_ASSERT_TRUE(tsec_span_is(attest.extra_data, "challenge"));
    CU_ASSERT_EQUAL(attest.selected, 0x800011);
    CU_ASSERT_EQUAL(tpm_attest_count(&attest), 3);
    CU_ASSERT_EQUAL(attest.clock_ms, 123456);
    CU_ASSERT_EQUAL(attest.reset_count, 5);
    CU_ASSERT_EQUAL(attest.restart_count, 1);
    CU_ASSERT_EQUAL(attest.firmware, 0x20200101);
    CU_ASSERT_EQUAL(attest.digest.len, 32);
}

static void
a_challenge_may_be_empty_and_is_bounded(void)
{
    uint8_t extra[TPM_EXTRA_MAX + 1] = { 0 };
    struct tpm_attest attest;

    for (size_t len = 0; len <= sizeof(extra); len++) {
        TSEC_AUTO_BUF struct tsec_buf message = TSEC_BUF_INIT(MESSAGE_MAX);
        const struct mint_quote quote = { .extra_data = tsec_span(extra, len), .selected = 1 };

        mint_quote_message(&quote, &message);
        CU_ASSERT_EQUAL(tpm_attest_parse(tsec_buf_span(&message), &attest, NULL).code,
                        len <= TPM_EXTRA_MAX ? 0 : TSEC_E_INVALID);
    }
}

static void
refused(const struct mint_quote *quote)
{
    TSEC_AUTO_BUF struct tsec_buf message = TSEC_BUF_INIT(MESSAGE_MAX);
    struct tpm_attest attest;

    mint_quote_message(quote, &message);
    CU_ASSERT_EQUAL(tpm_attest_parse(tsec_buf_span(&message), &attest, NULL).code, TSEC_E_INVALID);
}

/* Without the magic it could be anything that somebody had the key sign. */
static void
what_is_no_quote_is_refused(void)
{
    refused(&(struct mint_quote){ .selected = 1, .magic = 0xff544346 });
    refused(&(struct mint_quote){ .selected = 1, .type = 0x8017 }); /* a certified key */
    refused(&(struct mint_quote){ .selected = 1, .bank = 0x0004 }); /* SHA-1 */
    refused(&(struct mint_quote){ .selected = 1, .two_banks = true });
    refused(&(struct mint_quote){ .selected = 0 });
}

static void
every_length_must_hold(void)
{
    TSEC_AUTO_BUF struct tsec_buf message = TSEC_BUF_INIT(MESSAGE_MAX);
    const struct mint_quote quote = { .extra_data = tsec_span_str("challenge"), .selected = 1 };
    struct tpm_attest attest;

    mint_quote_message(&quote, &message);
    for (size_t len = 0; len < message.len; len++) {
        CU_ASSERT_EQUAL(tpm_attest_parse(tsec_span(message.ptr, len), &attest, NULL).code,
                        TSEC_E_INVALID);
    }
    tsec_buf_put_byte(&message, 0);
    CU_ASSERT_EQUAL(tpm_attest_parse(tsec_buf_span(&message), &attest, NULL).code, TSEC_E_INVALID);
    tsec_buf_truncate(&message, message.len - 1);
    for (size_t at = 0; at < message.len; at++) {
        message.ptr[at] ^= 0xff; /* must not be read past its end, whatever it says */
        (void)!tpm_attest_parse(tsec_buf_span(&message), &attest, NULL).code;
        message.ptr[at] ^= 0xff;
    }
    message.ptr[EXTRA_AT] = 0xff; /* extraData of 65 kB */
    CU_ASSERT_EQUAL(tpm_attest_parse(tsec_buf_span(&message), &attest, NULL).code, TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "a quote is taken apart", a_quote_is_taken_apart },
    { "a challenge may be empty, and is bounded", a_challenge_may_be_empty_and_is_bounded },
    { "what is no quote is refused", what_is_no_quote_is_refused },
    { "every length must hold", every_length_must_hold },
};

int
main(void)
{
    if (tsec_failed(tsec_crypto_setup(NULL))) {
        return TEST_FAIL;
    }
    return test_main("tpm_attest", cases, TSEC_ARRAY_LEN(cases));
}
