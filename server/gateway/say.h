/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/say.h
 * @brief A whole reply written to a socket by hand, where libmicrohttpd cannot make one: past a
 * limit or a deadline.
 *
 * The caller is the only one who writes to the socket, and closes it next.
 */
#ifndef TSEC_GATEWAY_SAY_H
#define TSEC_GATEWAY_SAY_H

#include "base/buf.h"

/** The reply, with a request id of its own, for a code of the table. */
void say_compose(struct tsec_buf *out, enum tsec_code code);
/** Sends it to a socket without TLS; never waits, and does not tell whether it arrived. */
void say_refusal(int fd, enum tsec_code code);
/** The same through a TLS session (a gnutls_session_t), on the thread that serves it. */
void say_refusal_tls(void *session, enum tsec_code code);

#endif
