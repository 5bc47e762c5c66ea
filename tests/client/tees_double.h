/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/client/tees_double.h
 * @brief A server in a simulated TEE, as libtee-secrets meets it over a socket: what it proves is
 * genuine, but for the one thing that a test has it lie about.
 *
 * The channel's inner routes are real; every other inner request is answered by what was asked.
 */
#ifndef TSEC_TESTS_CLIENT_TEES_DOUBLE_H
#define TSEC_TESTS_CLIENT_TEES_DOUBLE_H

#include <tsec/attest.h>

#include "amc/handshake.h"
#include "client/lib/tee-secrets.h"
#include "crypto/sign.h"
#include "tests/client/server_double.h"
#include "tests/double/fake_host.h"

enum tees_lie {
    LIE_NONE = 0,
    LIE_NONCE,        /* evidence over another nonce */
    LIE_CONFIG,       /* another configuration than the evidence has */
    LIE_IDENTITY,     /* another identity key than the evidence has */
    LIE_VKEY,         /* another ledger */
    LIE_TEXT,         /* no JSON */
    LIE_MISSING,      /* no evidence at all */
    LIE_BINDING,      /* the channel's evidence is of another channel */
    LIE_MODE,         /* the channel's evidence is not made for it */
    LIE_FIN,          /* the session was altered */
    LIE_REPLY,        /* a reply was altered */
    LIE_OLD_REPLY,    /* the reply to an earlier request */
    LIE_GONE,         /* the channel is not known any more */
    LIE_KEYS_USED_UP, /* the next message needs a rekey */
    LIE_INTERVAL,     /* the same, said inside */
    LIE_REKEY,        /* evidence of a rekey over something else */
};

struct tees_double {
    struct server_double *server;
    enum tees_lie lie;
    unsigned rekey_after_s;
    bool takes_tickets;
    char measurement[128]; /* the expression that admits it */
    char root[256];        /* its root.pem */
    char identity[256];    /* base64 */
    /* what it has seen */
    bool peer_attested;
    char role[64];
    unsigned rekeys;
    unsigned reattests;
    bool closed;
    bool resumed;
    /* its own */
    struct fake_host host;
    char state_dir[200];
    const char *settings[3];
    struct tsec_attest *sim;
    struct tsec_key *key;
    struct amc_responder *responder;
    struct amc_session *session;
    struct amc_rekey *rekey;
    uint8_t psk[AMC_HASH_LEN];
    struct tsec_buf reply;
    struct tsec_buf before;
};

struct tees_double *tees_double_new(void);
void tees_double_free(struct tees_double *d);

/** Options that admit it; of this test's own simulated TEE when `attested`. */
void tees_double_options(struct tees_double *d, bool attested, struct tees_options *out);

#endif
