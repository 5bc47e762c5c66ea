/* SPDX-License-Identifier: Apache-2.0 */
#include "tpm_quote.h"

#include <stdio.h>

#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "base/hex.h"
#include "crypto/hash.h"

enum { SIGNATURE_HEAD_LEN = 6 };

/* TPMT_SIGNATURE: TPM_ALG_RSASSA, TPM_ALG_SHA256, and a length. */
static struct tsec_span
bare_signature(struct tsec_span signature, size_t len)
{
    const uint8_t head[SIGNATURE_HEAD_LEN] = { 0x00,        0x14, 0x00, 0x0b, (uint8_t)(len >> 8),
                                               (uint8_t)len };

    if (signature.len == len + sizeof(head)
        && tsec_span_starts(signature, tsec_span(head, sizeof(head)))) {
        return tsec_span(signature.ptr + sizeof(head), len);
    }
    return signature;
}

static tsec_rc
check_pcrs(const struct tpm_quote *quote, const struct tpm_attest *attest,
           struct tsec_checks *checks, struct tsec_err *err)
{
    const size_t count = tpm_attest_count(attest);
    uint8_t digest[TSEC_SHA256_LEN];
    char want[2 * TSEC_SHA256_LEN + 1];
    char have[2 * TSEC_SHA256_LEN + 1];

    if (quote->pcrs.len != count * TPM_PCR_LEN) {
        return tsec_check_failed(checks, TSEC_REASON_MALFORMED, "pcrs", err,
                                 "%zu PCRs are quoted, and %zu values given", count,
                                 quote->pcrs.len / TPM_PCR_LEN);
    }
    tsec_sha256(quote->pcrs, digest);
    if (!tsec_span_equal(tsec_span(digest, sizeof(digest)), attest->digest)) {
        tsec_hex_encode(attest->digest, want);
        tsec_hex_encode(tsec_span(digest, sizeof(digest)), have);
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "pcrs", err,
                                 "the quote is of PCRs with digest %s, those given have %s", want,
                                 have);
    }
    tsec_check_ok(checks, "pcrs", "%zu values, as quoted", count);
    return TSEC_OK;
}

tsec_rc
tpm_quote_check(const struct tpm_quote *quote, const struct tsec_pubkey *ak, size_t ak_len,
                struct tsec_checks *checks, struct tpm_attest *out, struct tsec_err *err)
{
    const struct tsec_span signature = bare_signature(quote->signature, ak_len);

    if (tsec_failed(tpm_attest_parse(quote->message, out, err))) {
        return tsec_check_passed_on(checks, TSEC_REASON_MALFORMED, "quote", err);
    }
    if (tsec_failed(tsec_pubkey_verify(ak, TSEC_SIG_RS256, quote->message, signature, NULL))) {
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "quote", err,
                                 "the quote is not signed by the vTPM's attestation key");
    }
    tsec_check_ok(checks, "quote", "RSASSA SHA-256 by the vTPM's key, reset count %u",
                  (unsigned)out->reset_count);
    return check_pcrs(quote, out, checks, err);
}

void
tpm_quote_claims(const struct tpm_quote *quote, const struct tpm_attest *attest,
                 struct tsec_claims *claims)
{
    struct tsec_span rest = quote->pcrs;
    char name[8];

    for (unsigned i = 0; i < TPM_PCRS && rest.len >= TPM_PCR_LEN; i++) {
        if ((attest->selected >> i & 1) != 0) {
            (void)snprintf(name, sizeof(name), "pcr%u", i);
            tsec_claims_add_bytes(claims, name, tsec_span(rest.ptr, TPM_PCR_LEN));
            rest = tsec_span(rest.ptr + TPM_PCR_LEN, rest.len - TPM_PCR_LEN);
        }
    }
    tsec_claims_add_number(claims, "tpm_reset_count", attest->reset_count);
    tsec_claims_add_number(claims, "tpm_restart_count", attest->restart_count);
    memcpy(claims->nonce, attest->extra_data.ptr, attest->extra_data.len);
    claims->nonce_len = attest->extra_data.len;
}
