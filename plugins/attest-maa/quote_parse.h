/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file quote_parse.h
 * @brief SGX and TDX quotes (ECDSA, versions 3, 4 and 5) taken apart: every length checked, nothing
 * copied, nothing believed.
 *
 * Intel: "SGX ECDSA QuoteLibReference DCAP API" appendix A, "TDX DCAP Quoting Library API" appendix
 * A.3 and A.4.
 */
#ifndef ATTEST_MAA_QUOTE_PARSE_H
#define ATTEST_MAA_QUOTE_PARSE_H

#include <tsec/attest.h>

#include "base/err.h"
#include "base/span.h"

enum {
    QUOTE_SGX_REPORT_LEN = 384,
    QUOTE_TD10_REPORT_LEN = 584,
    QUOTE_TD15_REPORT_LEN = 648,
};

/** Type of certification data that is a PEM chain: PCK certificate, its CA, the root. */
enum { QUOTE_CERT_PCK_CHAIN = 5 };

/** Of an enclave: where its report says what (SGX report body). */
enum {
    SGX_CPU_SVN = 0,
    SGX_MISCSELECT = 16,
    SGX_EXT_PROD_ID = 32,
    SGX_ATTRIBUTES = 48,
    SGX_MRENCLAVE = 64,
    SGX_MRSIGNER = 128,
    SGX_CONFIG_ID = 192,
    SGX_PROD_ID = 256,
    SGX_SVN = 258,
    SGX_CONFIG_SVN = 260,
    SGX_FAMILY_ID = 304,
    SGX_REPORT_DATA = 320,
};

/** The same of a TD (TDX report bodies 1.0 and 1.5). */
enum {
    TD_TEE_TCB_SVN = 0,
    TD_MRSEAM = 16,
    TD_MRSIGNERSEAM = 64,
    TD_SEAM_ATTRIBUTES = 112,
    TD_ATTRIBUTES = 120,
    TD_XFAM = 128,
    TD_MRTD = 136,
    TD_MRCONFIGID = 184,
    TD_MROWNER = 232,
    TD_MROWNERCONFIG = 280,
    TD_RTMR0 = 328,
    TD_REPORT_DATA = 520,
    TD_TEE_TCB_SVN2 = 584, /* 1.5 only */
    TD_MRSERVICETD = 600,  /* 1.5 only */
};

/** Borrows from the evidence. */
struct quote {
    uint16_t version;
    bool tdx;
    bool td15;                     /* a TDX 1.5 body */
    bool wrapped;                  /* behind the 16 bytes of Open Enclave's evidence header */
    size_t padding;                /* zero bytes behind its end */
    struct tsec_span signed_bytes; /* header and body */
    struct tsec_span body;
    struct tsec_span signature; /* over signed_bytes; raw r ‖ s, as the other one */
    struct tsec_span key;       /* attestation key, x ‖ y */
    struct tsec_span qe_report; /* QUOTE_SGX_REPORT_LEN bytes */
    struct tsec_span qe_signature;
    struct tsec_span qe_auth;
    struct tsec_span pck_chain; /* PEM */
};

/** `out` is filled as far as it went.  `reason` is written for a refusal: MALFORMED (the result is
 * TSEC_E_INVALID), ALGORITHM, or NO_ENDORSEMENT for certification data without a chain inside
 * (TSEC_E_DENIED). */
TSEC_MUST_CHECK tsec_rc quote_parse(struct tsec_span evidence, struct quote *out,
                                    enum tsec_reason *reason, struct tsec_err *err);

/** Whether its own report and the QE's were reached, also by a parse that failed further on. */
static inline bool
quote_has_reports(const struct quote *quote)
{
    return quote->body.ptr != NULL && quote->qe_report.ptr != NULL;
}

/** Little-endian, at `offset`; the caller knows that the bytes are there. */
uint16_t quote_u16(struct tsec_span bytes, size_t offset);
uint32_t quote_u32(struct tsec_span bytes, size_t offset);
/** `len` bytes at `offset`; the caller knows that they are there. */
static inline struct tsec_span
quote_at(struct tsec_span bytes, size_t offset, size_t len)
{
    return tsec_span(bytes.ptr + offset, len);
}

#endif
