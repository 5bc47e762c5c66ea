/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file channel_wire.h
 * @brief A client's side: requests over one connection, in the clear or through a channel.
 *
 * It believes whatever server answers, and never checks its evidence.  Whatever is not answered
 * with 200 ends the program.
 */
#ifndef BENCH_CHANNEL_WIRE_H
#define BENCH_CHANNEL_WIRE_H

#include <tsec/attest.h>

#include "amc/handshake.h"

/** One connection, kept; of one thread. */
struct wire {
    int fd;
    struct tsec_buf out;
    struct tsec_buf in;
    size_t body_at; /* of the last reply */
};
void wire_open(struct wire *wire, uint16_t port);
void wire_close(struct wire *wire);

struct wire_request {
    const char *method;
    const char *path;
    struct tsec_span token;
    struct tsec_span body;
};
/** The body of the answer, until the next. */
struct tsec_span wire_ask(struct wire *wire, const struct wire_request *request);

/** Who opens channels: with a TEE, or as an operator without. */
struct wire_self {
    const char *aud;
    const struct tsec_attest_ops *ops; /* NULL: none */
    struct tsec_attest *attest;
};
/** A whole handshake, two requests. */
struct amc_session *wire_handshake(struct wire *wire, const struct wire_self *self);
/** The same request sealed, and its answer opened; `scratch` is the thread's own. */
struct wire_scratch {
    struct tsec_buf inner;
    struct tsec_buf sealed;
    struct tsec_buf message;
};
void wire_scratch_init(struct wire_scratch *scratch);
void wire_scratch_done(struct wire_scratch *scratch);
void wire_ask_sealed(struct wire *wire, struct amc_session *session, struct wire_scratch *scratch,
                     const struct wire_request *request);

#endif
