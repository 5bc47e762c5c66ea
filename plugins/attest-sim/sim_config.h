/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sim_config.h
 * @brief What the simulated TEE claims to be, as its settings say; from the host's settings only.
 */
#ifndef ATTEST_SIM_CONFIG_H
#define ATTEST_SIM_CONFIG_H

#include "sim_form.h"

struct sim_config {
    const char *state_dir;     /* NULL: verify only */
    const char *trusted_roots; /* NULL: none but the own */
    uint8_t measurement[SIM_MEASUREMENT_LEN];
    bool debug;
    int64_t svn;
};

/** TSEC_E_CONFIG: a setting makes no sense; the detail names it. */
TSEC_MUST_CHECK tsec_rc sim_config_read(const struct tsec_host *host, struct sim_config *out,
                                        struct tsec_err *err);

#endif
