/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file hcl_report.h
 * @brief What the paravisor of an Azure confidential VM leaves in the vTPM (NV index 0x01400001):
 * an SNP report of its own, and the runtime data whose digest is in that report.
 *
 * Form only, but for the digest: whether the report is genuine is snp_verify.h's business.
 */
#ifndef ATTEST_MAA_HCL_REPORT_H
#define ATTEST_MAA_HCL_REPORT_H

#include "crypto/hash.h"

enum { HCL_RUNTIME_MAX = 16 * 1024 };

/** Borrows from the blob. */
struct hcl_report {
    uint32_t version;
    struct tsec_span snp_report;
    struct tsec_span runtime; /* JSON, the exact bytes */
    enum tsec_hash hash;      /* of the runtime data */
};

/** By its first bytes. */
bool hcl_report_is(struct tsec_span bytes);
/** Zeros may follow, as the NV index is larger; nothing else.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc hcl_report_parse(struct tsec_span blob, struct hcl_report *out,
                                         struct tsec_err *err);
/** Whether report_data is the digest of the runtime data, with zeros behind it. */
bool hcl_report_holds(const struct hcl_report *hcl, struct tsec_span report_data);

#endif
