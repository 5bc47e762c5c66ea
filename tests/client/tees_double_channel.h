/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/client/tees_double_channel.h
 * @brief The responder of the server that tests of libtee-secrets meet.
 */
#ifndef TSEC_TESTS_CLIENT_TEES_DOUBLE_CHANNEL_H
#define TSEC_TESTS_CLIENT_TEES_DOUBLE_CHANNEL_H

#include "tests/client/tees_double.h"

void tees_double_evidence(struct tees_double *d, struct tsec_evidence_request *request,
                          struct tsec_buf *out);
/** Appends to d->reply; the status. */
int tees_double_channel(struct tees_double *d, const char *path, const char *body);

#endif
