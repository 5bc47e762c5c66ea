/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/tls.h
 * @brief What a TLS listener is set up with: priorities, certificate, key.
 *
 * TLS 1.3 and AES-256-GCM only.
 */
#ifndef TSEC_GATEWAY_TLS_H
#define TSEC_GATEWAY_TLS_H

#include "base/buf.h"
#include "base/clock.h"
#include "gateway/gateway.h"

enum { TLS_PRIORITIES_MAX = 256 };

struct tls_setup {
    char priorities[TLS_PRIORITIES_MAX]; /* GnuTLS */
    struct tsec_buf cert_pem;            /* NUL-terminated, the NUL not counted */
    struct tsec_buf key_pem;             /* the same; zeroed by tls_setup_forget_key() */
};

/** Makes or copies key and certificate of a listener whose mode is not OFF. */
TSEC_MUST_CHECK tsec_rc tls_setup_init(struct tls_setup *setup,
                                       const struct gateway_listener *listener,
                                       unsigned key_exchange, const struct tsec_clock *clock,
                                       struct tsec_err *err);
void tls_setup_forget_key(struct tls_setup *setup);
void tls_setup_done(struct tls_setup *setup);

#endif
