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
#define TSEC_CLAIM_VALUE_MAX ((size_t)128)
#define TSEC_CLAIM_ENTRIES   ((size_t)48)

/** One further claim, by name ("pcr8", "mrsigner", "id_key"), as raw bytes. */
struct tsec_claim {
    char name[24];
    uint16_t len;
    uint8_t value[TSEC_CLAIM_VALUE_MAX];
};

/** What verified evidence says.  Zero-filled by the caller. */
struct tsec_claims {
    uint32_t struct_size;
    char tee[16];            /* "nitro", "snp", "sgx", "azure-cvm", "sim" */
    char format[24];         /* as given to verify() */
    uint8_t measurement[64]; /* the primary measurement: PCR0, launch measurement, MRENCLAVE */
    size_t measurement_len;
    bool debug;     /* the TEE's memory is open to its host */
    bool simulated; /* no hardware stands behind this */
    bool has_svn;
    uint64_t svn; /* security version, or the TCB number */
    bool has_issued_at;
    int64_t issued_at; /* seconds since 1970 as the evidence has it */
    uint8_t user_data[512];
    size_t user_data_len;
    uint8_t nonce[512];
    size_t nonce_len;
    uint8_t public_key[1024]; /* SPKI DER the evidence vouches for, if any */
    size_t public_key_len;
    size_t entries_len;
    struct tsec_claim entries[TSEC_CLAIM_ENTRIES];
    /* ---- 1.0 ends here ---- */
};

/** What the evidence must be bound to; a NULL span is not checked. */
struct tsec_expectation {
    uint32_t struct_size;
    struct tsec_span binding; /* TSEC_BINDING_LEN bytes: report_data, or user_data */
    struct tsec_span nonce;
    struct tsec_span public_key;
    bool allow_debug;
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

    /** Mandatory, all of these.  open() may be for verifying only (no device here): then describe()
     *  has makes[0] == NULL, and evidence, root_key_* and entropy are TSEC_E_UNAVAILABLE. */
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
     *  bound to something else; TSEC_E_INVALID: not evidence of that format.  The detail says which
     *  check failed. */
    TSEC_MUST_CHECK tsec_rc (*verify)(struct tsec_attest *attest, const char *format,
                                      struct tsec_span evidence,
                                      const struct tsec_expectation *expect, int64_t now,
                                      struct tsec_claims *claims, struct tsec_err *err);

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
