/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file collateral.h
 * @brief What vouches for evidence and does not come out of the TEE: certificates, CRLs, TCB info,
 * QE identities, loose signatures.  Recognised by content; believed in nothing until it is checked
 * against a pinned root by whoever uses it.
 *
 * A set is filled by one thread and then shared read-only.  verify() looks through the set that is
 * kept and then through the one that came beside the evidence.
 */
#ifndef ATTEST_MAA_COLLATERAL_H
#define ATTEST_MAA_COLLATERAL_H

#include "crypto/x509.h"

enum collateral_doc_kind { COLLATERAL_TCB_INFO = 1, COLLATERAL_QE_IDENTITY };

/** One of Intel's signed JSON documents: the exact signed bytes, and the signature when it came
 *  with them (64 bytes raw r ‖ s; otherwise one of the loose ones may fit).  What it says it is for
 *  has been read so that it can be looked for; it is as unproven as the rest. */
struct collateral_doc {
    enum collateral_doc_kind kind;
    bool tdx; /* "TDX" or "TD_QE"; otherwise "SGX", "QE", or TCB info of version 2 */
    uint8_t fmspc[6];
    uint8_t pce_id[2];   /* as the PCK certificate has it; both of TCB info only */
    int64_t issued_at;   /* seconds since 1970 */
    int64_t next_update; /* the last second it is good for */
    uint64_t evaluation; /* tcbEvaluationDataNumber: which is newer; 0 when it has none */
    struct tsec_span body;
    struct tsec_span signature;
    uint8_t sha256[TSEC_SHA256_LEN]; /* of the body */
};

struct collateral;

TSEC_MUST_CHECK tsec_rc collateral_new(struct collateral **out, struct tsec_err *err);
void collateral_free(struct collateral *set);
TSEC_DEFINE_AUTO(struct collateral, collateral_free)

/** DER or PEM (any number of blocks) certificates and CRLs; Intel's JSON as {"tcbInfo":{..},
 *  "signature":".."}, {"enclaveIdentity":..}, or the bare object; 128 hex digits or 64 bytes: a
 *  loose signature; any of these in hex or (DER) base64; JSON with PEM inside as THIM and PCS give
 *  it (vcekCert, certificateChain, tcb_info_issuer_chain, ...).  What is there already is passed
 *  over.  TSEC_E_INVALID: nothing of these; TSEC_E_TOO_LARGE: more than a set holds. */
TSEC_MUST_CHECK tsec_rc collateral_add(struct collateral *set, struct tsec_span item,
                                       struct tsec_err *err);
/** A set with all that both have; either may be NULL.  Certificates are shared, not parsed again.
 */
TSEC_MUST_CHECK tsec_rc collateral_join(const struct collateral *a, const struct collateral *b,
                                        struct collateral **out, struct tsec_err *err);

size_t collateral_certs(const struct collateral *set); /* 0 for NULL */
const struct tsec_cert *collateral_cert(const struct collateral *set, size_t i);
size_t collateral_crls(const struct collateral *set);
const struct tsec_crl *collateral_crl(const struct collateral *set, size_t i);
const uint8_t *collateral_crl_sha256(const struct collateral *set, size_t i); /* of the DER */
size_t collateral_docs(const struct collateral *set);
const struct collateral_doc *collateral_doc(const struct collateral *set, size_t i);
size_t collateral_signatures(const struct collateral *set);
struct tsec_span collateral_signature(const struct collateral *set, size_t i);

#endif
