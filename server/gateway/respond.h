/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/respond.h
 * @brief A reply of the API as a response of libmicrohttpd.
 */
#ifndef TSEC_GATEWAY_RESPOND_H
#define TSEC_GATEWAY_RESPOND_H

#include <microhttpd.h>

#include "gateway/exchange.h"

/** Queues ex->reply.  The body is handed over without a copy: the exchange is held until it is sent
 *  and zeroed then.  MHD_NO closes the connection. */
enum MHD_Result respond_queue(struct exchange *ex);

#endif
