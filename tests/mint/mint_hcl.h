/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/mint/mint_hcl.h
 * @brief What an Azure confidential VM shows: an HCL report, a quote of its vTPM, and both as JSON;
 * good, or wrong on purpose.
 */
#ifndef MINT_HCL_H
#define MINT_HCL_H

#include "tests/mint/mint_snp.h"

enum {
    MINT_HCL_VERSION = 4, /* where fields stand */
    MINT_HCL_REPORT_SIZE = 8,
    MINT_HCL_REQUEST = 12,
    MINT_HCL_STATUS = 16,
    MINT_HCL_REPORT = 0x20,
    MINT_HCL_DATA_SIZE = 0x4c0,
    MINT_HCL_REPORT_TYPE = 0x4c8,
    MINT_HCL_HASH_TYPE = 0x4cc,
    MINT_HCL_JSON_SIZE = 0x4d0,
    MINT_HCL_JSON = 0x4d4,
    MINT_HCL_LEN = 2600,
};

/** Appends runtime data with the key as HCLAkPub; `user_data` (64 bytes) may be empty. */
void mint_hcl_runtime(const struct mint_key *ak, struct tsec_span user_data, struct tsec_buf *json);
/** Appends the blob: the report gets the runtime data's digest and is signed with `vek_key`. */
void mint_hcl(uint8_t report[static MINT_SNP_REPORT_LEN], const struct mint_key *vek_key,
              struct tsec_span runtime, struct tsec_buf *out);

/** A quote of `selected` PCRs (bit n for PCR n), whose values are 32 times their number. */
struct mint_quote {
    struct tsec_span extra_data;
    uint32_t selected;
    /* wrong on purpose */
    uint32_t magic; /* 0: the right one */
    uint16_t type;
    uint16_t bank;
    bool two_banks;
    bool wrong_digest;
};
void mint_quote_message(const struct mint_quote *quote, struct tsec_buf *out);
void mint_quote_pcrs(uint32_t selected, struct tsec_buf *out);

/** The parts of {"hcl_report":..,"tpm_quote":{"message","signature","pcrs"},"vcek":..}; what is
 * empty is left out. */
struct mint_hcl_json {
    struct tsec_span hcl;
    struct tsec_span message;
    struct tsec_span signature;
    struct tsec_span pcrs; /* 32 bytes each */
    struct tsec_span vcek; /* DER */
    int version;           /* as the Confidential Containers project numbers them: 0 (lists of
                              numbers and PEM), 1, 2 */
};
void mint_hcl_json(const struct mint_hcl_json *parts, struct tsec_buf *out);

#endif
