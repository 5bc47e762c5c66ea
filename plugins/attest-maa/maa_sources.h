/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_sources.h
 * @brief What is fetched from where, by the settings and by the machines that have been seen.
 */
#ifndef ATTEST_MAA_MAA_SOURCES_H
#define ATTEST_MAA_MAA_SOURCES_H

#include "maa_settings.h"

enum { MAA_SOURCES_MAX = 64, MAA_SOURCE_URL_MAX = MAA_URL_MAX + 96, MAA_SOURCE_NAME_MAX = 48 };

#define MAA_JWKS_NAME "jwks"

struct maa_source {
    char name[MAA_SOURCE_NAME_MAX]; /* of its file */
    char url[MAA_SOURCE_URL_MAX];
    bool may_lack; /* the service may have nothing of that, and says 404 */
};

struct maa_sources {
    size_t len;
    struct maa_source items[MAA_SOURCES_MAX];
};

/** `fmspc`: of machines whose TCB info is wanted, those of the settings among them. */
void maa_sources_list(const struct maa_settings *settings, const uint8_t (*fmspc)[MAA_FMSPC_LEN],
                      size_t fmspc_len, struct maa_sources *out);

#endif
