/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_fetch.h
 * @brief One GET over HTTPS, within limits of time and size.  Never plain HTTP, never redirected.
 *
 * Blocks: only refresh() may call it.
 */
#ifndef ATTEST_MAA_MAA_FETCH_H
#define ATTEST_MAA_MAA_FETCH_H

#include <tsec/plugin.h>

#include "base/buf.h"

enum { MAA_FETCH_TIMEOUT_S = 20 };

struct maa_reply {
    long status;           /* of HTTP */
    struct tsec_buf body;  /* of at most the size asked for */
    struct tsec_buf chain; /* PEM out of Intel's "...-Issuer-Chain" header, percent-decoded */
};

/** `host`: may know a way out of an enclave, its setting "egress HOST:PORT"; may be NULL.
 *  `ca_file`: roots instead of the system's, or NULL.  maa_reply_done() afterwards, also when it
 *  failed.  TSEC_E_UNAVAILABLE: no reply; any HTTP status is a reply.  TSEC_E_TOO_LARGE. */
TSEC_MUST_CHECK tsec_rc maa_fetch(const struct tsec_host *host, const char *url,
                                  const char *ca_file, size_t max, struct maa_reply *out,
                                  struct tsec_err *err);
void maa_reply_done(struct maa_reply *reply);

#endif
