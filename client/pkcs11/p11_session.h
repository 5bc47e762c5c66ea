/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_session.h
 * @brief The sessions of a program: what each has begun.
 *
 * A session that is held by a thread is that thread's until it is let go; one that is closed in the
 * meantime goes when the last lets go.
 */
#ifndef TSEC_CLIENT_P11_SESSION_H
#define TSEC_CLIENT_P11_SESSION_H

#include <pthread.h>

#include "client/pkcs11/p11_operation.h"

enum { P11_SESSIONS_MAX = 4096 };
enum p11_slot_of { P11_OP_SIGN = 0, P11_OP_VERIFY, P11_OP_ENCRYPT, P11_OP_DECRYPT, P11_OPS };

struct p11_session {
    struct p11_session *next;
    ck_session_handle_t handle;
    bool writable;
    unsigned holders; /* of the table's lock */
    bool closed;      /* likewise */
    pthread_mutex_t lock;
    bool finding;
    ck_object_handle_t *found;
    unsigned long found_len;
    unsigned long found_at;
    struct p11_operation ops[P11_OPS];
};

struct p11_sessions;

TSEC_MUST_CHECK tsec_rc p11_sessions_new(struct p11_sessions **out, struct tsec_err *err);
void p11_sessions_free(struct p11_sessions *sessions);
TSEC_DEFINE_AUTO(struct p11_sessions, p11_sessions_free)

TSEC_MUST_CHECK ck_rv_t p11_session_open(struct p11_sessions *sessions, bool writable,
                                         ck_session_handle_t *out);
TSEC_MUST_CHECK ck_rv_t p11_session_close(struct p11_sessions *sessions,
                                          ck_session_handle_t handle);
void p11_session_close_all(struct p11_sessions *sessions);
/** How many are open, and how many of them may write. */
void p11_sessions_count(struct p11_sessions *sessions, unsigned long *all, unsigned long *writable);

/** NULL: there is none of that handle. */
struct p11_session *p11_session_hold(struct p11_sessions *sessions, ck_session_handle_t handle);
void p11_session_let_go(struct p11_sessions *sessions, struct p11_session *session);
/** Ends a search. */
void p11_session_found_none(struct p11_session *session);

#endif
