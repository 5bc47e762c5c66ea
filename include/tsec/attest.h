/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tsec/attest.h
 * @brief What an attest plugin must do: make evidence, verify evidence, hold the root key.
 *
 * Terms are RFC 9334's: evidence, claims, appraisal.  A plugin makes and verifies the evidence of
 * one TEE family; what a server does with the claims (appraisal policy) is not its business.
 *
 * verify() is pure: no network, no clock of its own, no state but what open() and refresh() left;
 * safe on hostile bytes of any length.
 */
#ifndef TSEC_ATTEST_H
#define TSEC_ATTEST_H

#include <stdbool.h>

#include <tsec/plugin.h>

#define TSEC_BINDING_LEN     ((size_t)64)
#define TSEC_ROOT_KEY_LEN    ((size_t)32)
#define TSEC_EVIDENCE_MAX    ((size_t)(256 * 1024))
#define TSEC_COLLATERAL_MAX  ((size_t)(4 * 1024 * 1024)) /* of one item */
#define TSEC_CLAIM_VALUE_MAX ((size_t)128)
#define TSEC_CLAIM_ENTRIES   ((size_t)96)
#define TSEC_CHECKS_MAX      ((size_t)48)

/** Why evidence is refused; slugs and texts in tsec/reasons.def. */
enum tsec_reason {
    TSEC_REASON_NONE = 0,
#define TSEC_REASON(name, slug, title, advice) TSEC_REASON_##name,
#include <tsec/reasons.def>
#undef TSEC_REASON
};

/** What a vendor says of the firmware and microcode the evidence names.  NONE: this TEE has no such
 *  statement; UNKNOWN: it has one, and the collateral that tells was not there. */
enum tsec_tcb_status {
    TSEC_TCB_NONE = 0,
    TSEC_TCB_UNKNOWN,
    TSEC_TCB_UP_TO_DATE,
    TSEC_TCB_SW_HARDENING_NEEDED,
    TSEC_TCB_CONFIGURATION_NEEDED,
    TSEC_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
    TSEC_TCB_TD_RELAUNCH_ADVISED,
    TSEC_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
    TSEC_TCB_OUT_OF_DATE,
    TSEC_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
    TSEC_TCB_REVOKED,
};
#define TSEC_TCB_BIT(status) (UINT32_C(1) << (unsigned)(status))
/** Any status but Revoked, which nothing allows. */
#define TSEC_TCB_ANY         (TSEC_TCB_BIT(TSEC_TCB_REVOKED) - UINT32_C(1))

enum tsec_claim_kind {
    TSEC_CLAIM_BYTES = 1, /* value, printed in hex */
    TSEC_CLAIM_TEXT,      /* value, UTF-8 without NUL */
    TSEC_CLAIM_NUMBER,
    TSEC_CLAIM_BOOL, /* number is 0 or 1 */
};

/** One further claim, by its name in the measurement expressions ("pcr8", "mrsigner", "prod_id").
 */
struct tsec_claim {
    char name[32];
    uint8_t kind; /* enum tsec_claim_kind */
    uint16_t len;
    uint64_t number;
    uint8_t value[TSEC_CLAIM_VALUE_MAX];
};

/** What evidence says, in one vocabulary for all TEEs (RFC 9711 where it has a word).  Zero-filled
 *  by the caller.  A member that is empty was not in the evidence. */
struct tsec_claims {
    uint32_t struct_size;
    char tee[16];            /* "nitro", "nitro-tpm", "snp", "azure-cvm", "sgx", "tdx", "sim" */
    char format[24];         /* as given to verify() */
    char hardware_model[32]; /* "Milan", "SGX 00906ed50000" (FMSPC), "Nitro" */
    uint8_t measurement[64]; /* the primary one: PCR0, launch measurement, MRENCLAVE, MRTD */
    size_t measurement_len;
    uint8_t signer[64]; /* who signed the code: MRSIGNER, id_key digest, PCR8 */
    size_t signer_len;
    char instance[160]; /* which machine or enclave: module id, chip id, PPID (hex) */
    bool debug;         /* the TEE's memory is open to its host */
    bool simulated;     /* no hardware stands behind this */
    bool has_svn;
    uint64_t svn; /* security version of the code: ISV SVN, guest SVN */
    bool has_issued_at;
    int64_t issued_at;       /* seconds since 1970 as the evidence has it */
    int64_t not_before;      /* all certificates and collateral hold from here ... */
    int64_t not_after;       /* ... to here, in seconds; both 0: nothing that ages */
    uint32_t tcb_status;     /* enum tsec_tcb_status */
    char tcb_date[24];       /* of the matched TCB level, RFC 3339 */
    char advisories[1024];   /* "INTEL-SA-00615,INTEL-SA-00657" */
    bool revocation_checked; /* every certificate below the root against a current CRL */
    char issuer[256];        /* of a token: who appraised */
    uint8_t report_data[64]; /* the field of that name, or user_data's of the same purpose */
    size_t report_data_len;
    uint8_t user_data[1024];
    size_t user_data_len;
    uint8_t nonce[1024];
    size_t nonce_len;
    uint8_t public_key[1024]; /* as the evidence carries it: SPKI DER, or what the maker chose */
    size_t public_key_len;
    size_t entries_len;
    struct tsec_claim entries[TSEC_CLAIM_ENTRIES];
    /* ---- 1.0 ends here ---- */
};

/** One step of a verification, for people. */
struct tsec_check {
    char name[32]; /* "root", "chain", "signature", "pcr0" */
    bool ok;
    char detail[224]; /* what was found, and for a failure what was expected and what was seen */
};

/** The account of one verification.  Zero-filled by the caller, struct_size apart; filled in order,
 *  the failure last. */
struct tsec_checks {
    uint32_t struct_size;
    uint32_t reason; /* enum tsec_reason, of the failure */
    size_t len;
    struct tsec_check items[TSEC_CHECKS_MAX];
    /* ---- 1.0 ends here ---- */
};

/** What the evidence must show; a NULL span is not checked, an empty one must be empty. */
struct tsec_expectation {
    uint32_t struct_size;
    /** Of report_data (SNP, SGX, TDX), user_data (Nitro), the quote's extraData (vTPM), the token's
     *  runtime binding.  At most 64 bytes; a field of fixed length is padded with zeros behind
     * them. */
    struct tsec_span binding;
    struct tsec_span nonce;
    struct tsec_span public_key;
    bool allow_debug;
    bool require_revocation; /* a certificate whose CRL is missing is refused */
    uint32_t allow_tcb;      /* TSEC_TCB_BIT()s; 0 = UpToDate, and TEEs that have no status */
    int64_t max_age_s;       /* since issued_at; 0 = as long as its certificates hold */
    /** Of tokens: how far their issuer's clock may be from this one (their nbf, iat and exp); no
     *  more than 300 count.  Certificates and collateral have no such grace. */
    int64_t skew_s;
    /** Collateral that came beside the evidence: each item DER, PEM, JSON or hex; recognised by its
     *  content, and left aside when it is not for this evidence. */
    const struct tsec_span *collateral;
    size_t collateral_len;
    const char *issuer;    /* of tokens, exactly; NULL = the plugin's own setting */
    struct tsec_span jwks; /* that issuer's keys; NULL = those of the plugin's cache */
    /** Receives the account, also of a success; may be NULL. */
    struct tsec_checks *checks;
    /* ---- 1.0 ends here ---- */
};

struct tsec_evidence_request {
    uint32_t struct_size;
    uint8_t binding[64];
    struct tsec_span nonce;      /* may be empty */
    struct tsec_span public_key; /* may be empty */
    /* ---- 1.0 ends here ---- */
};

/** Static strings and flags; valid until close(). */
struct tsec_attest_info {
    uint32_t struct_size;
    const char *tee;            /* "sim" */
    const char *const *makes;   /* NULL-terminated formats this TEE can make */
    const char *const *accepts; /* NULL-terminated formats verify() knows */
    bool simulated;
    uint8_t measurement[64]; /* own */
    size_t measurement_len;
    bool debug;
    uint64_t svn;
    /* ---- 1.0 ends here ---- */
};

struct tsec_attest;

struct tsec_attest_ops {
    uint32_t struct_size;

    /** Mandatory, all of these but where it says optional.  open() may be for verifying only (no
     * device here): then describe() has makes[0] == NULL, and evidence, root_key_* and entropy are
     * TSEC_E_UNAVAILABLE. */
    TSEC_MUST_CHECK tsec_rc (*open)(const struct tsec_host *host, struct tsec_attest **out,
                                    struct tsec_err *err);
    void (*close)(struct tsec_attest *attest);
    void (*describe)(struct tsec_attest *attest, struct tsec_attest_info *out);

    /** `format`: receives the format's name, a static string. */
    TSEC_MUST_CHECK tsec_rc (*evidence)(struct tsec_attest *attest,
                                        const struct tsec_evidence_request *request,
                                        const char **format, const struct tsec_sink *out,
                                        struct tsec_err *err);

    /** `now`: seconds since 1970.  TSEC_E_DENIED: well-formed but not genuine, expired, debug, or
     *  bound to something else; TSEC_E_INVALID: not evidence of that format.  The detail, and
     *  expect->checks, say which check failed.  `claims` are filled as far as they could be read,
     *  and mean nothing unless the result is TSEC_OK. */
    TSEC_MUST_CHECK tsec_rc (*verify)(struct tsec_attest *attest, const char *format,
                                      struct tsec_span evidence,
                                      const struct tsec_expectation *expect, int64_t now,
                                      struct tsec_claims *claims, struct tsec_err *err);

    /** Reads the claims and judges nothing: no signature is checked.  TSEC_E_INVALID.  Optional. */
    TSEC_MUST_CHECK tsec_rc (*decode)(struct tsec_attest *attest, const char *format,
                                      struct tsec_span evidence, struct tsec_claims *claims,
                                      struct tsec_err *err);

    /** Keeps collateral for later calls of verify(): a certificate, CRL, TCB info, QE identity or
     *  JWKS, as in struct tsec_expectation.  It is checked when it is used.  TSEC_E_INVALID: not
     *  collateral that this plugin knows; TSEC_E_TOO_LARGE: there is enough of it.
     *  Optional. */
    TSEC_MUST_CHECK tsec_rc (*collateral_add)(struct tsec_attest *attest, struct tsec_span item,
                                              struct tsec_err *err);

    /** Fetches what verify() needs and what ages (certificates, CRLs, TCB info).  May block. */
    TSEC_MUST_CHECK tsec_rc (*refresh)(struct tsec_attest *attest, struct tsec_err *err);

    /** A new root key and the blob from which only this TEE (and what its policy names) gets it
     *  back.  `key` lies in locked memory of the caller. */
    TSEC_MUST_CHECK tsec_rc (*root_key_create)(struct tsec_attest *attest, uint8_t key[32],
                                               const struct tsec_sink *wrapping,
                                               struct tsec_err *err);
    TSEC_MUST_CHECK tsec_rc (*root_key_open)(struct tsec_attest *attest, struct tsec_span wrapping,
                                             uint8_t key[32], struct tsec_err *err);

    /** Fills `out` from the TEE's hardware source. */
    TSEC_MUST_CHECK tsec_rc (*entropy)(struct tsec_attest *attest, uint8_t *out, size_t len,
                                       struct tsec_err *err);
    TSEC_MUST_CHECK tsec_rc (*health)(struct tsec_attest *attest, struct tsec_err *err);
    /* ---- 1.0 ends here ---- */
};

#endif
