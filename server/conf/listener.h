/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf/listener.h
 * @brief An address to listen on: tcp://HOST:PORT, unix:///PATH or vsock://CID:PORT.
 *
 * Parsing only: no name is looked up and no socket made.
 */
#ifndef TSEC_CONF_LISTENER_H
#define TSEC_CONF_LISTENER_H

#include "base/err.h"

enum conf_listener_kind { CONF_LISTEN_TCP = 1, CONF_LISTEN_UNIX, CONF_LISTEN_VSOCK };
enum { CONF_LISTEN_HOST_MAX = 256, CONF_LISTEN_PATH_MAX = 108 };
#define CONF_CID_ANY UINT32_C(0xffffffff)

struct conf_listener {
    enum conf_listener_kind kind;
    char host[CONF_LISTEN_HOST_MAX]; /* tcp: name or address, without brackets; "" = any */
    char path[CONF_LISTEN_PATH_MAX]; /* unix: absolute */
    uint32_t cid;                    /* vsock: CONF_CID_ANY when empty */
    uint32_t port;                   /* tcp: up to 65535; 0 = chosen by the system */
};

/** TSEC_E_CONFIG says what is wrong with it. */
TSEC_MUST_CHECK tsec_rc conf_listener_parse(const char *text, struct conf_listener *out,
                                            struct tsec_err *err);
/** tcp on this machine only. */
bool conf_listener_is_loopback(const struct conf_listener *listener);

#endif
