/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/mint/mint_snp.h
 * @brief SEV-SNP attestation reports, the keys that sign them and the certificates above those,
 * made with a test PKI; good, or wrong on purpose.
 *
 * The certificates are like AMD's but for the length of the RSA keys: ARK-Milan signs SEV-Milan and
 * SEV-VLEK-Milan, which sign SEV-VCEK and SEV-VLEK, RSASSA-PSS with SHA-384 throughout.
 *
 *     mint_snp_report(3, &vek, report);           a report of that chip and firmware
 *     report[0x0a] |= 0x08;                       what the test is about: DEBUG
 *     mint_snp_sign(vek_key, report);
 */
#ifndef MINT_SNP_H
#define MINT_SNP_H

#include "tests/mint/mint_cert.h"

#define MINT_SNP_NOW INT64_C(1800000000)

enum {
    MINT_SNP_REPORT_LEN = 1184,
    MINT_SNP_CHIP_LEN = 64,
    /* where fields stand */
    MINT_SNP_POLICY = 0x008,
    MINT_SNP_VMPL = 0x030,
    MINT_SNP_ALGORITHM = 0x034,
    MINT_SNP_CURRENT_TCB = 0x038,
    MINT_SNP_FLAGS = 0x048,
    MINT_SNP_REPORT_DATA = 0x050,
    MINT_SNP_MEASUREMENT = 0x090,
    MINT_SNP_REPORTED_TCB = 0x180,
    MINT_SNP_CPUID = 0x188,
    MINT_SNP_CHIP_ID = 0x1a0,
    MINT_SNP_COMMITTED_TCB = 0x1e0,
    MINT_SNP_SIGNATURE = 0x2a0,
};

/** Which of the three certificates above a VEK. */
enum mint_snp_ca { MINT_SNP_ARK, MINT_SNP_ASK, MINT_SNP_ASVK };

/** What of a CA is not as AMD makes it; zeroes are a genuine one. */
struct mint_snp_ca_wrong {
    bool not_ca;
    bool no_key_usage;
    bool sha256;
    bool pkcs1;
    int64_t not_after;
};
/** Appends the DER.  `wrong` may be NULL.  One key for each kind, whatever the product. */
void mint_snp_ca(const char *product, enum mint_snp_ca which, const struct mint_snp_ca_wrong *wrong,
                 struct tsec_buf *der);
const struct mint_key *mint_snp_ca_key(enum mint_snp_ca which);
/** The ARK's list.  `revoked`: names the ASK and the ASVK. */
void mint_snp_crl(const char *product, bool revoked, int64_t this_update, int64_t next_update,
                  struct tsec_buf *der);

struct mint_snp_tcb {
    uint8_t fmc;
    uint8_t bootloader;
    uint8_t tee;
    uint8_t snp;
    uint8_t microcode;
};

/** A VCEK or VLEK. */
struct mint_snp_vek {
    const char *product; /* "Milan", "Genoa", "Turin" */
    bool vlek;
    struct mint_snp_tcb tcb;
    uint8_t chip[MINT_SNP_CHIP_LEN];
    size_t chip_len; /* 64, or 8 */
    bool chip_wrapped;
    const char *csp_id;
    int64_t not_before;
    int64_t not_after;
    /* wrong on purpose */
    const char *issuer_cn;         /* NULL: the ASK's or ASVK's */
    const char *without;           /* OID of an extension to leave out */
    const char *instead;           /* OID of an extension whose contents are no DER */
    const struct mint_key *signer; /* NULL: the ASK or ASVK */
    bool sha256;
    bool pkcs1;
};

/** Genuine at MINT_SNP_NOW. */
void mint_snp_vek_init(struct mint_snp_vek *vek, const char *product, bool vlek);
void mint_snp_vek_cert(const struct mint_snp_vek *vek, const struct mint_key *key,
                       struct tsec_buf *der);

/** An unsigned report of that product, chip and firmware: VMPL 0, no debugging, report_data and
 *  the rest filled with patterns. */
void mint_snp_report(unsigned version, const struct mint_snp_vek *vek,
                     uint8_t out[static MINT_SNP_REPORT_LEN]);
void mint_snp_sign(const struct mint_key *key, uint8_t report[static MINT_SNP_REPORT_LEN]);

/** A certificate table (extended report) of one entry for each DER: VCEK, ASK, ARK in that order.
 */
void mint_snp_table(const struct tsec_span *ders, size_t n, struct tsec_buf *out);

#endif
