/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file host/egress_listen.h
 * @brief The loopback interface, brought up where an enclave's kernel left it down, and a port on
 * it that the kernel chooses.
 */
#ifndef TSEC_HOST_EGRESS_LISTEN_H
#define TSEC_HOST_EGRESS_LISTEN_H

#include "base/err.h"

/** TSEC_E_CONFIG: it is down, and this process may not change that. */
TSEC_MUST_CHECK tsec_rc egress_loopback_up(struct tsec_err *err);
/** Listens on 127.0.0.1. */
TSEC_MUST_CHECK tsec_rc egress_listen(int *fd, uint16_t *port, struct tsec_err *err);

#endif
