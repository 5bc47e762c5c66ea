/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf/check.h
 * @brief What one setting demands of another, and what is derived from the file.
 */
#ifndef TSEC_CONF_CHECK_H
#define TSEC_CONF_CHECK_H

#include "conf/conf.h"

/** Everything below, in this order. */
TSEC_MUST_CHECK tsec_rc conf_check(struct tsec_conf *conf, struct tsec_span bytes,
                                   struct tsec_err *err);

/** Addresses, TLS, egress, origins; sets `listeners`. */
TSEC_MUST_CHECK tsec_rc conf_check_net(struct tsec_conf *conf, struct tsec_err *err);
/** allowed_measurements; sets `measurements`.  The digests of files go into `trail`: what they
 * admit is attested like the rest. */
TSEC_MUST_CHECK tsec_rc conf_check_allowed(struct tsec_conf *conf, struct tsec_buf *trail,
                                           struct tsec_err *err);
/** operator_keys; sets `operators`.  `trail` as above. */
TSEC_MUST_CHECK tsec_rc conf_check_operators(struct tsec_conf *conf, struct tsec_buf *trail,
                                             struct tsec_err *err);

#endif
