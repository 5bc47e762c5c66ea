/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/lib/channel.h
 * @brief An attested channel, from the inside.
 *
 * Requests share the lock of `keys`; a rekey has it alone, so that the first message of an epoch is
 * the one that attests anew.
 */
#ifndef TSEC_CLIENT_LIB_CHANNEL_H
#define TSEC_CLIENT_LIB_CHANNEL_H

#include "amc/handshake.h"
#include "amc/inner.h"
#include "client/lib/tees.h"
#include "crypto/crypto.h"

enum { TEES_TICKET_LEN = AMC_TICKET_LEN + AMC_HASH_LEN, TEES_CID_TEXT = 22 };

struct tees_channel {
    struct tees *tees;
    struct amc_session *session;
    struct tees_server server;
    struct tsec_buf said; /* S */
    char cid[TEES_CID_TEXT + 3];
    int64_t rekey_after_ns;
    pthread_rwlock_t keys;
    int64_t rekeyed_ns;  /* of the monotonic clock; by `keys` */
    _Atomic bool closed; /* nothing more can be asked */
};

/* ---- evidence of both sides ---- */

/** The key that the server is expected to have, as "aud" has it. */
enum tees_result tees_channel_aud(struct tees *tees, struct tsec_buf *out,
                                  struct tees_error *error);
/** Er or Er', over what it must be bound to. */
enum tees_result tees_channel_appraise(struct tees *tees, struct tsec_span er,
                                       const uint8_t binding[AMC_HASH_LEN], struct tsec_span nonce,
                                       struct tsec_span spki, struct tees_server *server,
                                       struct tees_error *error);
/** Ei or Ei': of the own TEE, or "none" without. */
enum tees_result tees_channel_attest(struct tees *tees, const char *role,
                                     const uint8_t binding[AMC_HASH_LEN], struct tsec_span nonce,
                                     struct tsec_span spki, struct tsec_buf *ei,
                                     struct tees_error *error);

/* ---- messages ---- */

/** One message, by who holds `keys`; `plain` receives what `reply` points into, or into `bytes`. */
enum tees_result tees_channel_exchange(struct tees_channel *channel, const char *method,
                                       const char *path, const struct amc_inner_request *request,
                                       struct tsec_buf *plain, struct tsec_buf *bytes,
                                       struct amc_inner_reply *reply, struct tees_error *error);
/** A POST of the channel's own routes; any status but 200 is a failure. */
enum tees_result tees_channel_control(struct tees_channel *channel, const char *path,
                                      struct tsec_span body, struct tsec_buf *plain,
                                      struct tsec_span *answer, struct tees_error *error);

#endif
