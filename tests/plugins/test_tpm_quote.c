/* SPDX-License-Identifier: Apache-2.0 */
#include "tpm_quote.h"

#include "appraisal/claims.h"
#include "crypto/crypto.h"
#include "tests/mint/mint_hcl.h"
#include "tests/test.h"

enum { PART_MAX = 4096 };

struct rig {
    struct tsec_buf message;
    struct tsec_buf signature;
    struct tsec_buf pcrs;
    struct tsec_pubkey *ak;
    struct tsec_checks checks;
    struct tpm_attest attest;
};

static void
rig_done(struct rig *rig)
{
    tsec_buf_done(&rig->message);
    tsec_buf_done(&rig->signature);
    tsec_buf_done(&rig->pcrs);
    tsec_pubkey_free(rig->ak);
}

static void
rig_init(struct rig *rig, const struct mint_quote *quote)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(PART_MAX);

    memset(rig, 0, sizeof(*rig));
    tsec_buf_init(&rig->message, PART_MAX);
    tsec_buf_init(&rig->signature, PART_MAX);
    tsec_buf_init(&rig->pcrs, PART_MAX);
    mint_quote_message(quote, &rig->message);
    mint_quote_pcrs(quote->selected, &rig->pcrs);
    mint_sign(mint_rsa(2048, 3), TSEC_SIG_RS256, tsec_buf_span(&rig->message), &rig->signature);
    mint_key_spki(mint_rsa(2048, 3), &spki);
    CU_ASSERT_EQUAL_FATAL(tsec_pubkey_from_spki(tsec_buf_span(&spki), &rig->ak, NULL).code, 0);
}

static struct tpm_quote
parts(const struct rig *rig)
{
    return (struct tpm_quote){ .message = tsec_buf_span(&rig->message),
                               .signature = tsec_buf_span(&rig->signature),
                               .pcrs = tsec_buf_span(&rig->pcrs) };
}

static enum tsec_reason
verdict(struct rig *rig, const char *check)
{
    const struct tpm_quote quote = parts(rig);

    memset(&rig->checks, 0, sizeof(rig->checks));
    if (tsec_failed(tpm_quote_check(&quote, rig->ak, 256, &rig->checks, &rig->attest, NULL))) {
        CU_ASSERT_STRING_EQUAL(rig->checks.items[rig->checks.len - 1].name, check);
    }
    return (enum tsec_reason)rig->checks.reason;
}

static const struct mint_quote some = { .selected = 0x8011 };

static void
a_quote_and_its_pcrs_are_verified(void)
{
    __attribute__((cleanup(rig_done))) struct rig rig;

    rig_init(&rig, &some);
    CU_ASSERT_EQUAL(verdict(&rig, ""), TSEC_REASON_NONE);
    CU_ASSERT_EQUAL(rig.checks.len, 2);
}

static void
pcrs_become_claims_by_their_numbers(void)
{
    __attribute__((cleanup(rig_done))) struct rig rig;
    static struct tsec_claims claims;

    rig_init(&rig, &some);
    CU_ASSERT_EQUAL(verdict(&rig, ""), TSEC_REASON_NONE);
    const struct tpm_quote quote = parts(&rig);

    tsec_claims_init(&claims, "azure-cvm", "az-snp-vtpm");
    tpm_quote_claims(&quote, &rig.attest, &claims);
    CU_ASSERT_EQUAL(tsec_claims_find(&claims, "pcr0")->value[31], 1);
    CU_ASSERT_EQUAL(tsec_claims_find(&claims, "pcr4")->value[0], 5);
    CU_ASSERT_EQUAL(tsec_claims_find(&claims, "pcr15")->value[0], 16);
    CU_ASSERT_PTR_NULL(tsec_claims_find(&claims, "pcr1"));
    CU_ASSERT_PTR_NULL(tsec_claims_find(&claims, "pcr23"));
    CU_ASSERT_EQUAL(tsec_claims_find(&claims, "tpm_reset_count")->number, 5);
}

/* TPMT_SIGNATURE, as TPM2_Quote gives it. */
static void
a_signature_may_have_its_head(void)
{
    static const uint8_t head[] = { 0x00, 0x14, 0x00, 0x0b, 0x01, 0x00 };

    for (size_t i = 0; i <= sizeof(head); i++) {
        __attribute__((cleanup(rig_done))) struct rig rig;
        TSEC_AUTO_BUF struct tsec_buf bare = TSEC_BUF_INIT(PART_MAX);

        rig_init(&rig, &some);
        tsec_buf_put_span(&bare, tsec_buf_span(&rig.signature));
        tsec_buf_reset(&rig.signature);
        tsec_buf_put(&rig.signature, head, sizeof(head));
        tsec_buf_put_span(&rig.signature, tsec_buf_span(&bare));
        if (i < sizeof(head)) {
            rig.signature.ptr[i] ^= 1;
        }
        CU_ASSERT_EQUAL(verdict(&rig, "quote"),
                        i < sizeof(head) ? TSEC_REASON_SIGNATURE : TSEC_REASON_NONE);
    }
}

static void
another_key_message_or_signature_is_refused(void)
{
    __attribute__((cleanup(rig_done))) struct rig rig;

    rig_init(&rig, &some);
    rig.signature.ptr[100] ^= 1;
    CU_ASSERT_EQUAL(verdict(&rig, "quote"), TSEC_REASON_SIGNATURE);
    rig.signature.ptr[100] ^= 1;
    rig.message.ptr[rig.message.len - 1] ^= 1;
    CU_ASSERT_EQUAL(verdict(&rig, "quote"), TSEC_REASON_SIGNATURE);
    rig.message.ptr[rig.message.len - 1] ^= 1;
    tsec_buf_truncate(&rig.signature, 255);
    CU_ASSERT_EQUAL(verdict(&rig, "quote"), TSEC_REASON_SIGNATURE);
    tsec_buf_reset(&rig.signature);
    CU_ASSERT_EQUAL(verdict(&rig, "quote"), TSEC_REASON_SIGNATURE);
    mint_sign(mint_rsa(2048, 0), TSEC_SIG_RS256, tsec_buf_span(&rig.message), &rig.signature);
    CU_ASSERT_EQUAL(verdict(&rig, "quote"), TSEC_REASON_SIGNATURE);
    tsec_buf_reset(&rig.signature);
    mint_sign(mint_rsa(2048, 3), TSEC_SIG_PS256, tsec_buf_span(&rig.message), &rig.signature);
    CU_ASSERT_EQUAL(verdict(&rig, "quote"), TSEC_REASON_SIGNATURE);
    tsec_buf_truncate(&rig.message, rig.message.len - 1);
    CU_ASSERT_EQUAL(verdict(&rig, "quote"), TSEC_REASON_MALFORMED);
}

static void
pcrs_that_were_not_quoted_are_refused(void)
{
    __attribute__((cleanup(rig_done))) struct rig rig;
    uint8_t swapped[32];

    rig_init(&rig, &some);
    rig.pcrs.ptr[40] ^= 1;
    CU_ASSERT_EQUAL(verdict(&rig, "pcrs"), TSEC_REASON_SIGNATURE);
    rig.pcrs.ptr[40] ^= 1;
    memcpy(swapped, rig.pcrs.ptr, 32); /* the right values in another order */
    memcpy(rig.pcrs.ptr, rig.pcrs.ptr + 32, 32);
    memcpy(rig.pcrs.ptr + 32, swapped, 32);
    CU_ASSERT_EQUAL(verdict(&rig, "pcrs"), TSEC_REASON_SIGNATURE);
    tsec_buf_truncate(&rig.pcrs, 64);
    CU_ASSERT_EQUAL(verdict(&rig, "pcrs"), TSEC_REASON_MALFORMED);
    tsec_buf_reset(&rig.pcrs);
    CU_ASSERT_EQUAL(verdict(&rig, "pcrs"), TSEC_REASON_MALFORMED);
    mint_quote_pcrs(0xffffff, &rig.pcrs);
    CU_ASSERT_EQUAL(verdict(&rig, "pcrs"), TSEC_REASON_MALFORMED);
}

static const struct test_case cases[] = {
    { "a quote and its PCRs are verified", a_quote_and_its_pcrs_are_verified },
    { "PCRs become claims by their numbers", pcrs_become_claims_by_their_numbers },
    { "a signature may have its head", a_signature_may_have_its_head },
    { "another key, message or signature is refused", another_key_message_or_signature_is_refused },
    { "PCRs that were not quoted are refused", pcrs_that_were_not_quoted_are_refused },
};

int
main(void)
{
    if (tsec_failed(tsec_crypto_setup(NULL))) {
        return TEST_FAIL;
    }
    return test_main("tpm_quote", cases, TSEC_ARRAY_LEN(cases));
}
