/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tcb_info.h
 * @brief TCB info (versions 2 and 3, of SGX and of TDX) read into levels.  Its signature is
 * intel_doc.h's business, what the levels mean for a platform tcb_level.h's.
 *
 * Intel: PCS API "Get TCB Info" (v3 and v4).
 */
#ifndef ATTEST_MAA_TCB_INFO_H
#define ATTEST_MAA_TCB_INFO_H

#include "pck_ext.h"
#include "tcb_verdict.h"

struct tcb_level {
    uint8_t sgx[PCK_COMPONENTS];
    uint8_t tdx[PCK_COMPONENTS]; /* of TDX only */
    uint16_t pce_svn;
    struct tcb_verdict verdict;
};

/** Who signs a TDX module, and of which build: one per major version, and one that stands for
 *  version 0. */
struct tcb_module {
    uint8_t version;
    uint8_t mrsigner[48];
    uint8_t attributes[8];
    uint8_t attributes_mask[8];
    struct tcb_svn_levels levels; /* none for version 0: the platform's levels tell */
};

struct tcb_info {
    bool tdx;
    struct tcb_level *levels; /* from the highest to the lowest */
    size_t levels_len;
    struct tcb_module *modules; /* of TDX; the first is of version 0 */
    size_t modules_len;
};

/** `body` has passed tsec_json_check().  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc tcb_info_parse(struct tsec_span body, bool tdx, struct tcb_info **out,
                                       struct tsec_err *err);
void tcb_info_free(struct tcb_info *info);
TSEC_DEFINE_AUTO(struct tcb_info, tcb_info_free)

/** NULL: none for this version. */
const struct tcb_module *tcb_info_module(const struct tcb_info *info, uint8_t version);

#endif
