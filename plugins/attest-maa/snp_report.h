/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snp_report.h
 * @brief An AMD SEV-SNP attestation report taken apart.  Form only: it judges nothing.
 *
 * AMD, "SEV Secure Nested Paging Firmware ABI Specification" (56860), ATTESTATION_REPORT.
 */
#ifndef ATTEST_MAA_SNP_REPORT_H
#define ATTEST_MAA_SNP_REPORT_H

#include "base/err.h"
#include "base/span.h"

enum {
    SNP_REPORT_LEN = 0x4a0,
    SNP_SIGNED_LEN = 0x2a0,
    SNP_COMPONENT_LEN = 72, /* of r and of s, little-endian */
    SNP_VERSION_MIN = 2,
    SNP_VERSION_MAX = 5,
    SNP_ECDSA_P384_SHA384 = 1,
};

enum snp_product { SNP_UNKNOWN = 0, SNP_MILAN, SNP_GENOA, SNP_TURIN };

/** "Milan", ...; "" for SNP_UNKNOWN. */
const char *snp_product_name(enum snp_product product);
/** SNP_UNKNOWN for any other text. */
enum snp_product snp_product_of(struct tsec_span name);

enum snp_signing_key { SNP_KEY_VCEK = 0, SNP_KEY_VLEK = 1, SNP_KEY_NONE = 7 };

/** "VCEK", "VLEK"; "none", "reserved". */
const char *snp_signing_key_name(unsigned key);

/** Security versions of a platform's firmware.  The numbers are compared one by one, never as one.
 */
struct snp_tcb {
    uint64_t bootloader;
    uint64_t tee;
    uint64_t snp;
    uint64_t microcode;
    uint64_t fmc; /* Turin; 0 elsewhere */
};

/** Where each number stands in the eight bytes depends on the product.  SNP_UNKNOWN is read as
 *  Milan and Genoa have it. */
struct snp_tcb snp_tcb_read(enum snp_product product, struct tsec_span bytes);
bool snp_tcb_equal(const struct snp_tcb *a, const struct snp_tcb *b);
/** Each number of `a` at most `b`'s. */
bool snp_tcb_at_most(const struct snp_tcb *a, const struct snp_tcb *b);
enum { SNP_TCB_TEXT_LEN = 120 };
/** "bl 4 tee 0 snp 24 ucode 219", with "fmc 1" in front for Turin. */
void snp_tcb_text(enum snp_product product, const struct snp_tcb *tcb,
                  char out[static SNP_TCB_TEXT_LEN]);

/** Bits of `policy`. */
#define SNP_POLICY_SMT        (UINT64_C(1) << 16)
#define SNP_POLICY_ONE        (UINT64_C(1) << 17) /* reserved, must be 1 */
#define SNP_POLICY_MIGRATE_MA (UINT64_C(1) << 18)
#define SNP_POLICY_DEBUG      (UINT64_C(1) << 19)
#define SNP_POLICY_KNOWN      ((UINT64_C(1) << 26) - 1)

/** Borrows from the bytes. */
struct snp_report {
    struct tsec_span bytes; /* SNP_REPORT_LEN */
    uint32_t version;
    uint32_t guest_svn;
    uint64_t policy;
    uint32_t vmpl;
    uint32_t signature_algo;
    uint64_t platform_info;
    bool author_key;
    bool mask_chip_key;
    unsigned signing_key; /* enum snp_signing_key, or one of the reserved numbers */
    uint32_t flags_reserved;
    bool has_cpuid; /* from version 3 on */
    uint8_t family; /* CPUID's, extended family added in */
    uint8_t model;
    uint8_t stepping;
    struct tsec_span family_id; /* 16 */
    struct tsec_span image_id;  /* 16 */
    struct tsec_span current_tcb;
    struct tsec_span reported_tcb;
    struct tsec_span committed_tcb;
    struct tsec_span launch_tcb;
    struct tsec_span report_data; /* 64 */
    struct tsec_span measurement; /* 48 */
    struct tsec_span host_data;   /* 32 */
    struct tsec_span id_key_digest;
    struct tsec_span author_key_digest; /* 48 */
    struct tsec_span report_id;         /* 32 */
    struct tsec_span chip_id;           /* 64 */
    struct tsec_span signed_bytes;
    struct tsec_span r;
    struct tsec_span s;
    struct tsec_span behind_signature; /* not signed */
};

/** Exactly SNP_REPORT_LEN bytes, of a version that is known.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc snp_report_parse(struct tsec_span bytes, struct snp_report *out,
                                         struct tsec_err *err);

/** From the CPUID of version 3 and later; SNP_UNKNOWN when it has none, or one we do not know. */
enum snp_product snp_report_product(const struct snp_report *report);

#endif
