/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_settings.h
 * @brief What the configuration says to this plugin, checked.
 *
 * Everything is optional: without any setting the plugin verifies what brings its collateral along.
 */
#ifndef ATTEST_MAA_MAA_SETTINGS_H
#define ATTEST_MAA_MAA_SETTINGS_H

#include "base/err.h"

enum { MAA_URL_MAX = 255, MAA_FMSPCS = 16, MAA_FMSPC_LEN = 6 };

/** Texts are the host's, and live as long as it; NULL: not set. */
struct maa_settings {
    const char *issuer;             /* "https://shared.weu.attest.azure.net", exactly as in "iss" */
    const char *jwks_file;          /* that issuer's keys */
    const char *collateral_dir;     /* files read at the start */
    const char *collateral_cache;   /* folder of what refresh() has fetched; NULL: nothing is */
    const char *intel_url;          /* ".../sgx/certification/v4": PCS, PCCS or Azure's THIM */
    const char *intel_root_crl_url; /* NULL: Intel's own */
    const char *amd_url;            /* "https://kdsintf.amd.com" */
    const char *ca_file;            /* roots of TLS instead of the system's */
    uint8_t fmspc[MAA_FMSPCS][MAA_FMSPC_LEN]; /* of machines to fetch TCB info for */
    size_t fmspc_len;
};

/** TSEC_E_CONFIG says which setting, and what to write. */
TSEC_MUST_CHECK tsec_rc maa_settings_read(const struct tsec_host *host, struct maa_settings *out,
                                          struct tsec_err *err);

#endif
