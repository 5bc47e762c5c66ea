/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/lib/attested.h
 * @brief A request that brings evidence, and whose answer only this process can open.
 */
#ifndef TSEC_CLIENT_LIB_ATTESTED_H
#define TSEC_CLIENT_LIB_ATTESTED_H

#include "client/lib/tees.h"
#include "crypto/crypto.h"
#include "crypto/jwe.h"

/** One request: begins with its role, otherwise zero-filled. */
struct tees_attested {
    const char *role;
    struct tsec_recipient *recipient; /* the key that was made for it */
};
void tees_attested_done(struct tees_attested *attested);

/** Proves the server, gets a challenge, makes a key and evidence for it, and sends both. */
enum tees_result tees_attested_ask(struct tees *tees, struct tees_attested *attested,
                                   const char *path, const char *const *paths, size_t paths_len,
                                   struct cli_reply *reply, struct tees_error *error);
/** `wrapped`: a JSON string, a JWE to that key; appends what is in it. */
enum tees_result tees_attested_open(const struct tees_attested *attested, struct tsec_span wrapped,
                                    struct tsec_buf *plain, struct tees_error *error);

#endif
