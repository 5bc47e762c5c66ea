/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/lib/peer.h
 * @brief Whether a server's evidence is accepted, by the options.
 */
#ifndef TSEC_CLIENT_LIB_PEER_H
#define TSEC_CLIENT_LIB_PEER_H

#include "client/lib/config.h"

/** What is presented, and what it must show; a NULL span is not checked. */
struct tees_proof {
    const char *format;
    struct tsec_span evidence;
    struct tsec_span binding;
    struct tsec_span nonce;
    struct tsec_span public_key;
    const struct tsec_span *collateral;
    size_t collateral_len;
};

/** Fills what of `server` the evidence tells, on success only; struct_size is left alone. */
enum tees_result tees_peer_appraise(const struct tees_config *config,
                                    const struct tees_proof *proof, struct tees_server *server,
                                    struct tees_error *error);
/** The identity key: the one that the options name, when they name one. */
enum tees_result tees_peer_identity(const struct tees_config *config, struct tsec_span spki,
                                    struct tees_server *server, struct tees_error *error);
/** The formats that this library verifies, NULL-terminated, in `out`; static strings. */
void tees_peer_formats(const char *out[], size_t max);
/** As much of it as the caller's struct has room for. */
enum tees_result tees_peer_give(const struct tees_server *server, struct tees_server *out,
                                struct tees_error *error);

#endif
