/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/gateway/rig.h
 * @brief A real gateway on loopback, an API that the tests play, and a client that sends raw bytes.
 *
 * The API (struct api here is ours):
 *   /hello    inline, {"hello":true}
 *   /echo     inline, says method, path, parameters, token, namespace, remote, and the body
 *   /later    from another thread, some milliseconds after it was asked
 *   /at-once  from another thread, before api_submit() returns
 *   /gate     from another thread, when rig_open_gate() is called
 *   /none     204;  /public cacheable text;  /audited with an audit index;  /busy 503
 *   /large    RIG_LARGE zeroes, more than socket buffers hold
 *   /unset    sets no status;  /huge a body past the ceiling
 *   /small/…  takes 16 bytes of body; all others RIG_BODY_MAX
 */
#ifndef TSEC_TESTS_GATEWAY_RIG_H
#define TSEC_TESTS_GATEWAY_RIG_H

#include "gateway/gateway.h"

enum { RIG_BODY_MAX = 1024 * 1024, RIG_LARGE = 7 * 1024 * 1024 };

struct rig {
    struct gateway *gateway;
    unsigned port;
};

/** Listeners may be NULL: one on tcp://127.0.0.1:0.  Fails the test if it does not start. */
void rig_start(struct rig *rig, const struct gateway_options *options);
void rig_stop(struct rig *rig);

/** How often the API was asked since the rig started. */
unsigned rig_asked(void);
void rig_api_reset(void);
void rig_open_gate(void);
/** Waits until the API holds n requests at the gate. */
void rig_wait_gate(unsigned n);

/** A connected socket with a receive time limit of 5 s. */
int rig_connect(const struct rig *rig);
int rig_connect_unix(const char *path);
void rig_send(int fd, const char *bytes, size_t len);
void rig_send_text(int fd, const char *text);

struct rig_reply {
    int status;  /* 0: the connection closed without a reply */
    bool closed; /* and nothing came after the reply */
    char head[8192];
    size_t body_len;
    char body[16384];
};

/** Reads one reply with its Content-Length; `bodiless`: a reply to HEAD. */
void rig_read(int fd, bool bodiless, struct rig_reply *reply);
/** Whether the peer closes within the receive time limit; drops what comes before. */
bool rig_closed(int fd);
/** The value of a header of the reply; NULL: not there. */
const char *rig_header(const struct rig_reply *reply, const char *name, char out[256]);

/** Connects, sends, reads one reply, closes. */
void rig_ask(const struct rig *rig, const char *bytes, size_t len, struct rig_reply *reply);
void rig_ask_text(const struct rig *rig, const char *text, struct rig_reply *reply);

#endif
