/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/amc/peers.h
 * @brief The two ends of a handshake, and what they say to each other, in one process.
 */
#ifndef TSEC_TESTS_AMC_PEERS_H
#define TSEC_TESTS_AMC_PEERS_H

#include "amc/handshake_internal.h"
#include "base/base64.h"
#include "base/hex.h"
#include "codec/json_scan.h"
#include "tests/test.h"

#define TEST_ER "{\"tee\":\"sample\",\"body\":\"R\"}"
#define TEST_EI "{\"tee\":\"sample\",\"body\":\"I\"}"
#define TEST_S  "{\"rekey_after\":3600,\"ttl\":28800}"

struct peers {
    struct tsec_key *id_r;
    struct tsec_key *id_i; /* NULL: none */
    struct tsec_buf spki_r;
    struct amc_responder *r;
    struct amc_initiator *i;
    struct tsec_buf b1;
    struct tsec_buf reply;
    struct tsec_buf finish;
    struct tsec_buf last;
    struct tsec_buf er; /* as the other end read them */
    struct tsec_buf ei;
    struct tsec_buf s;
    struct amc_session *at_r;
    struct amc_session *at_i;
    bool has_psk; /* both have it */
    uint8_t psk_r[AMC_HASH_LEN];
    uint8_t psk_i[AMC_HASH_LEN];
    struct tsec_err err;
};

struct peers *peers_new(bool with_id_i);
void peers_free(struct peers *peers);
TSEC_DEFINE_AUTO(struct peers, peers_free)

/* The steps in order, each from what the one before left in `peers`. */
tsec_rc peers_hello(struct peers *peers, const struct amc_drawn *drawn);
tsec_rc peers_begin(struct peers *peers, const struct amc_drawn *drawn);
tsec_rc peers_reply(struct peers *peers);
tsec_rc peers_read_reply(struct peers *peers);
tsec_rc peers_finish(struct peers *peers);
tsec_rc peers_read_finish(struct peers *peers);
tsec_rc peers_accept(struct peers *peers);
tsec_rc peers_done(struct peers *peers);
enum { PEERS_STEPS = 8 };
/** Up to and without step `n`; each must succeed. */
void peers_run(struct peers *peers, int n);
/** Step `n` alone. */
tsec_rc peers_step(struct peers *peers, int n);

/** Bytes of a constant in hex. */
struct tsec_buf hex_bytes(const char *hex);
bool equals_hex(struct tsec_span bytes, const char *hex);
/** The bytes of a member in base64url; and the text with them replaced. */
struct tsec_buf member_bytes(struct tsec_span text, const char *name);
void set_member_bytes(struct tsec_buf *text, const char *name, struct tsec_span bytes);

#endif
