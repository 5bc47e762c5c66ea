/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/request_head.h
 * @brief From libmicrohttpd's view of a request head to the API's, through the guard.
 *
 * What is a secret in the head is copied to the request's arena and zeroed where it was.
 */
#ifndef TSEC_GATEWAY_REQUEST_HEAD_H
#define TSEC_GATEWAY_REQUEST_HEAD_H

#include "gateway/exchange.h"

/** Keeps the raw target (NULL: there was none); libmicrohttpd takes it apart in place next. */
void request_head_target(struct exchange *ex, const char *raw_target);

/** Fills ex->request but its body, ex->head, ex->body_max, ex->cors_origin.  False: refused. */
bool request_head_read(struct exchange *ex, const char *method, const char *version,
                       struct api_refusal *refusal);

/** Zeroes the head where libmicrohttpd has it; nothing reads it after the reply. */
void request_head_wipe(struct exchange *ex);

#endif
