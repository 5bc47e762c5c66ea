/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file hcl_runtime.h
 * @brief The runtime data of an HCL report: the vTPM's attestation key, the VM's settings, and what
 * the guest has put beside them.
 *
 * To be read only of bytes that an SNP report vouches for, and exactly of those.
 */
#ifndef ATTEST_MAA_HCL_RUNTIME_H
#define ATTEST_MAA_HCL_RUNTIME_H

#include <tsec/attest.h>

#include "crypto/pubkey.h"

enum { HCL_USER_DATA_LEN = 64 };

struct hcl_runtime {
    struct tsec_pubkey *ak; /* "HCLAkPub" */
    size_t ak_len;          /* of its modulus, and so of its signatures */
    bool has_user_data;
    uint8_t user_data[HCL_USER_DATA_LEN];
    struct tsec_span config; /* JSON object "vm-configuration", or empty; borrows */
};

/** hcl_runtime_done() afterwards, also when it failed.  TSEC_E_INVALID: no JSON of that form, or
 *  not exactly one RSA key "HCLAkPub". */
TSEC_MUST_CHECK tsec_rc hcl_runtime_parse(struct tsec_span json, struct hcl_runtime *out,
                                          struct tsec_err *err);
void hcl_runtime_done(struct hcl_runtime *runtime);

/** vm_id, secure_boot, tpm_enabled, tpm_persisted, console_enabled, and user_data. */
void hcl_runtime_claims(const struct hcl_runtime *runtime, struct tsec_claims *claims);

#define HCL_AUTO_RUNTIME __attribute__((cleanup(hcl_runtime_done)))

#endif
