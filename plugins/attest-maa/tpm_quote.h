/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tpm_quote.h
 * @brief A TPM's quote checked: the signature over its message, and the PCR values that come beside
 * it against the digest within.
 *
 * Whose the key is, the caller knows.
 */
#ifndef ATTEST_MAA_TPM_QUOTE_H
#define ATTEST_MAA_TPM_QUOTE_H

#include <tsec/attest.h>

#include "crypto/pubkey.h"
#include "tpm_attest.h"

/** Borrows. */
struct tpm_quote {
    struct tsec_span message;   /* TPMS_ATTEST */
    struct tsec_span signature; /* RSASSA with SHA-256: TPMT_SIGNATURE, or the bare number */
    struct tsec_span pcrs;      /* values of the selected PCRs in ascending order, 32 bytes each */
};

/** Notes "quote" and "pcrs".  `ak_len`: of the key's signatures. */
TSEC_MUST_CHECK tsec_rc tpm_quote_check(const struct tpm_quote *quote, const struct tsec_pubkey *ak,
                                        size_t ak_len, struct tsec_checks *checks,
                                        struct tpm_attest *out, struct tsec_err *err);
/** pcrN, tpm_reset_count, tpm_restart_count; and nonce, which is the extraData. */
void tpm_quote_claims(const struct tpm_quote *quote, const struct tpm_attest *attest,
                      struct tsec_claims *claims);

#endif
