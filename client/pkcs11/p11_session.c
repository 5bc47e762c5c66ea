/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_session.h"

#include <stdlib.h>

struct p11_sessions {
    pthread_mutex_t lock;
    struct p11_session *first;
    unsigned long len;
    ck_session_handle_t last; /* handles are not given twice */
};

tsec_rc
p11_sessions_new(struct p11_sessions **out, struct tsec_err *err)
{
    struct p11_sessions *sessions = calloc(1, sizeof(*sessions));

    if (sessions == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory");
    }
    (void)pthread_mutex_init(&sessions->lock, NULL);
    *out = sessions;
    return TSEC_OK;
}

void
p11_session_found_none(struct p11_session *session)
{
    free(session->found);
    session->found = NULL;
    session->found_len = 0;
    session->found_at = 0;
    session->finding = false;
}

static void
session_free(struct p11_session *session)
{
    p11_session_found_none(session);
    for (int i = 0; i < P11_OPS; i++) {
        p11_operation_end(&session->ops[i]);
    }
    (void)pthread_mutex_destroy(&session->lock);
    free(session);
}

void
p11_sessions_free(struct p11_sessions *sessions)
{
    if (sessions != NULL) {
        p11_session_close_all(sessions);
        (void)pthread_mutex_destroy(&sessions->lock);
        free(sessions);
    }
}

ck_rv_t
p11_session_open(struct p11_sessions *sessions, bool writable, ck_session_handle_t *out)
{
    struct p11_session *session = calloc(1, sizeof(*session));

    if (session == NULL) {
        return CKR_HOST_MEMORY;
    }
    session->writable = writable;
    (void)pthread_mutex_init(&session->lock, NULL);
    (void)pthread_mutex_lock(&sessions->lock);
    const bool room = sessions->len < P11_SESSIONS_MAX;

    if (room) {
        session->handle = ++sessions->last;
        *out = session->handle;
        session->next = sessions->first;
        sessions->first = session;
        sessions->len++;
    }
    (void)pthread_mutex_unlock(&sessions->lock);
    if (!room) {
        session_free(session);
    }
    return room ? CKR_OK : CKR_SESSION_COUNT;
}

/** Takes it off the list; frees it when nobody holds it.  Under the lock. */
static void
unlink_at(struct p11_sessions *sessions, struct p11_session **at)
{
    struct p11_session *session = *at;

    *at = session->next;
    sessions->len--;
    session->closed = true;
    if (session->holders == 0) {
        session_free(session);
    }
}

ck_rv_t
p11_session_close(struct p11_sessions *sessions, ck_session_handle_t handle)
{
    ck_rv_t rv = CKR_SESSION_HANDLE_INVALID;

    (void)pthread_mutex_lock(&sessions->lock);
    for (struct p11_session **at = &sessions->first; *at != NULL; at = &(*at)->next) {
        if ((*at)->handle == handle) {
            unlink_at(sessions, at);
            rv = CKR_OK;
            break;
        }
    }
    (void)pthread_mutex_unlock(&sessions->lock);
    return rv;
}

void
p11_session_close_all(struct p11_sessions *sessions)
{
    (void)pthread_mutex_lock(&sessions->lock);
    while (sessions->first != NULL) {
        unlink_at(sessions, &sessions->first);
    }
    (void)pthread_mutex_unlock(&sessions->lock);
}

void
p11_sessions_count(struct p11_sessions *sessions, unsigned long *all, unsigned long *writable)
{
    *writable = 0;
    (void)pthread_mutex_lock(&sessions->lock);
    *all = sessions->len;
    for (const struct p11_session *s = sessions->first; s != NULL; s = s->next) {
        *writable += s->writable ? 1 : 0;
    }
    (void)pthread_mutex_unlock(&sessions->lock);
}

struct p11_session *
p11_session_hold(struct p11_sessions *sessions, ck_session_handle_t handle)
{
    struct p11_session *session;

    (void)pthread_mutex_lock(&sessions->lock);
    for (session = sessions->first; session != NULL && session->handle != handle;) {
        session = session->next;
    }
    if (session != NULL) {
        session->holders++;
    }
    (void)pthread_mutex_unlock(&sessions->lock);
    if (session != NULL) {
        (void)pthread_mutex_lock(&session->lock);
    }
    return session;
}

void
p11_session_let_go(struct p11_sessions *sessions, struct p11_session *session)
{
    (void)pthread_mutex_unlock(&session->lock);
    (void)pthread_mutex_lock(&sessions->lock);
    if (--session->holders == 0 && session->closed) {
        session_free(session);
    }
    (void)pthread_mutex_unlock(&sessions->lock);
}
