/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/http_internal.h
 * @brief What a connection is made of; of client/http.c and http_peer.c only.
 */
#ifndef TSEC_CLIENT_HTTP_INTERNAL_H
#define TSEC_CLIENT_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "client/http.h"

struct cli_http {
    const struct cli_settings *settings;
    CURL *curl;
    char why[CURL_ERROR_SIZE];
};

#endif
