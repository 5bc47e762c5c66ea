/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/lib/own.h
 * @brief The TEE that this process runs in, by the plugin that the options name.
 *
 * The plugin is told its settings and the time, and nothing else; what it logs is dropped.
 */
#ifndef TSEC_CLIENT_LIB_OWN_H
#define TSEC_CLIENT_LIB_OWN_H

#include <tsec/attest.h>

#include "client/lib/config.h"

struct tees_own;

/** NULL in *out when the options name no plugin. */
enum tees_result tees_own_open(const struct tees_config *config, struct tees_own **out,
                               struct tees_error *error);
void tees_own_close(struct tees_own *own);
TSEC_DEFINE_AUTO(struct tees_own, tees_own_close)

/** "sim", "nitro": what bindings are laid out by. */
const char *tees_own_tee(const struct tees_own *own);
/** The format that its evidence will be of. */
const char *tees_own_format(const struct tees_own *own);
/** `format`: a static string. */
enum tees_result tees_own_evidence(struct tees_own *own,
                                   const struct tsec_evidence_request *request, const char **format,
                                   struct tsec_buf *out, struct tees_error *error);

#endif
