/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/access.h
 * @brief The callbacks libmicrohttpd makes for a connection and a request, in their order.
 */
#ifndef TSEC_GATEWAY_ACCESS_H
#define TSEC_GATEWAY_ACCESS_H

#include <microhttpd.h>

/* MHD_OPTION_NOTIFY_CONNECTION; cls: struct gateway_daemon */
void access_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
                       enum MHD_ConnectionNotificationCode code);
/* MHD_OPTION_URI_LOG_CALLBACK; cls: struct gateway_daemon; makes the exchange */
void *access_request_line(void *cls, const char *raw_target, struct MHD_Connection *mhd);
/* MHD_OPTION_UNESCAPE_CALLBACK: leaves the target as it came */
size_t access_unescape(void *cls, struct MHD_Connection *mhd, char *text);
/* MHD_AccessHandlerCallback: the head, each piece of body, the end, and again after a resume */
enum MHD_Result access_handle(void *cls, struct MHD_Connection *mhd, const char *url,
                              const char *method, const char *version, const char *upload_data,
                              size_t *upload_data_size, void **request_context);
/* MHD_OPTION_NOTIFY_COMPLETED; cls: struct gateway_daemon */
void access_completed(void *cls, struct MHD_Connection *mhd, void **request_context,
                      enum MHD_RequestTerminationCode code);

#endif
