/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tpm_attest.h
 * @brief A TPM 2.0 quote's message (TPMS_ATTEST of type TPM_ST_ATTEST_QUOTE) taken apart.
 *
 * Form only.  TPM 2.0 Library Specification, Part 2, 10.12.8 and 10.12.12.
 */
#ifndef ATTEST_MAA_TPM_ATTEST_H
#define ATTEST_MAA_TPM_ATTEST_H

#include "base/err.h"
#include "base/span.h"

enum { TPM_ATTEST_MAX = 1024, TPM_PCRS = 24, TPM_PCR_LEN = 32, TPM_EXTRA_MAX = 66 };

/** Borrows from the message. */
struct tpm_attest {
    struct tsec_span extra_data; /* what the caller of TPM2_Quote gave: its challenge */
    uint64_t clock_ms;
    uint32_t reset_count;
    uint32_t restart_count;
    uint64_t firmware;
    uint32_t selected;       /* bit n: PCR n of the SHA-256 bank */
    struct tsec_span digest; /* SHA-256 of the selected PCRs, one after the other */
};

/** Exactly one message, of one SHA-256 bank, with at least one PCR.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc tpm_attest_parse(struct tsec_span message, struct tpm_attest *out,
                                         struct tsec_err *err);
/** How many PCRs are selected. */
size_t tpm_attest_count(const struct tpm_attest *attest);

#endif
