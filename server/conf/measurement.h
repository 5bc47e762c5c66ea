/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf/measurement.h
 * @brief Whether an entry of allowed_measurements is written as one can be; it decides nothing
 * about evidence.
 *
 *     bare         96 hex digits (Nitro PCR0, SNP measurement, MRTD) or 64 (MRENCLAVE)
 *     conjunction  TEE:CLAIM=VALUE,CLAIM>=NUMBER,...     every part must hold (appraisal/expr.h)
 *     name@file    one bare measurement or conjunction per line of the file
 *     a word       a name in place of a measurement that is not known yet; it matches nothing
 */
#ifndef TSEC_CONF_MEASUREMENT_H
#define TSEC_CONF_MEASUREMENT_H

#include "base/err.h"
#include "base/span.h"

enum conf_measurement {
    CONF_MEASUREMENT_BARE = 1,
    CONF_MEASUREMENT_CONJUNCTION,
    CONF_MEASUREMENT_FILE,
    CONF_MEASUREMENT_NAME,
};

/** TSEC_E_CONFIG says what is wrong with it.  `warning`: what an operator should know about an
 * entry that is taken all the same, or NULL (tsec_expr_warning()). */
TSEC_MUST_CHECK tsec_rc conf_measurement_kind(const char *text, enum conf_measurement *out,
                                              const char **warning, struct tsec_err *err);

#endif
