/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/session.h"

#include <stdlib.h>

#include "amc/schedule.h"
#include "amc/session_internal.h"
#include "crypto/locked.h"

enum { NS_PER_S = 1000000000 };

tsec_rc
amc_session_new(enum amc_role role, const uint8_t cid[AMC_CID_LEN],
                const uint8_t master[AMC_HASH_LEN], struct amc_session **out, struct tsec_err *err)
{
    struct amc_session *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "session");
    }
    if (pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "session's lock");
    }

    TSEC_AUTO(amc_session_free) struct amc_session *s = made;

    s->role = role;
    memcpy(s->cid, cid, AMC_CID_LEN);
    TSEC_TRY(tsec_locked_new(AMC_HASH_LEN, &s->master, err));
    memcpy(s->master, master, AMC_HASH_LEN);
    TSEC_TRY(amc_epoch_new(master, 0, &s->current, err));
    *out = TSEC_TAKE(s);
    return TSEC_OK;
}

void
amc_session_free(struct amc_session *session)
{
    if (session != NULL) {
        amc_epoch_free(session->current);
        amc_epoch_free(session->previous);
        tsec_locked_free(session->master, AMC_HASH_LEN);
        (void)pthread_mutex_destroy(&session->lock);
        explicit_bzero(session, sizeof(*session));
        free(session);
    }
}

const uint8_t *
amc_session_cid(const struct amc_session *session)
{
    return session->cid;
}

static void
lock(struct amc_session *session)
{
    (void)pthread_mutex_lock(&session->lock);
}

static void
unlock(struct amc_session *session)
{
    (void)pthread_mutex_unlock(&session->lock);
}

uint32_t
amc_session_epoch(struct amc_session *session)
{
    lock(session);

    const uint32_t number = session->current->number;

    unlock(session);
    return number;
}

void
amc_session_master(struct amc_session *session, uint8_t out[AMC_HASH_LEN], uint32_t *number)
{
    lock(session);
    memcpy(out, session->master, AMC_HASH_LEN);
    *number = session->current->number;
    unlock(session);
}

tsec_rc
amc_session_psk(struct amc_session *session, uint32_t n, uint8_t out[AMC_HASH_LEN],
                struct tsec_err *err)
{
    const uint8_t number[] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                               (uint8_t)n };
    uint8_t master[AMC_HASH_LEN];
    uint32_t epoch = 0;

    amc_session_master(session, master, &epoch);

    const tsec_rc rc =
        amc_expand(master, "resume", tsec_span(number, sizeof(number)), out, AMC_HASH_LEN, err);

    explicit_bzero(master, sizeof(master));
    return rc;
}

/* ---- epochs; all under the lock ---- */

static struct amc_epoch *
find(struct amc_session *session, uint32_t number)
{
    if (session->current->number == number) {
        return session->current;
    }
    return session->previous != NULL && session->previous->number == number ? session->previous
                                                                            : NULL;
}

static void
expire(struct amc_session *session, int64_t mono_ns)
{
    if (session->previous != NULL && mono_ns >= session->previous_until) {
        amc_epoch_free(session->previous);
        session->previous = NULL;
    }
}

tsec_rc
amc_session_advance(struct amc_session *session, uint32_t from, const uint8_t master[AMC_HASH_LEN],
                    struct amc_epoch **next, int64_t mono_ns, struct tsec_err *err)
{
    lock(session);

    const bool is_next = session->current->number == from && from != UINT32_MAX;

    if (is_next) {
        amc_epoch_free(session->previous);
        session->previous = session->current;
        session->previous_until = mono_ns + (int64_t)AMC_OLD_EPOCH_S * NS_PER_S;
        session->current = TSEC_TAKE(*next);
        memcpy(session->master, master, AMC_HASH_LEN);
    }
    unlock(session);
    return is_next ? TSEC_OK : TSEC_FAIL(err, TSEC_E_CONFLICT, "another rekey was faster");
}

/* ---- messages ---- */

static tsec_rc
needs(const struct amc_session *session, enum amc_role role, struct tsec_err *err)
{
    return session->role == role ? TSEC_OK
                                 : TSEC_FAIL(err, TSEC_E_INTERNAL, "not what this side does");
}

static bool
is_rekey(const struct amc_envelope *env)
{
    return strcmp(env->method, "POST") == 0 && strcmp(env->path, AMC_REKEY_PATH) == 0;
}

static tsec_rc
used_up(struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_CONFLICT, "the key is used up");
}

/* The number is spent even when sealing fails: none is ever used twice. */
static tsec_rc
take_number(struct amc_session *session, struct amc_envelope *env, size_t plain_len,
            struct amc_epoch **out, struct tsec_err *err)
{
    struct amc_epoch *e = session->current;
    const uint64_t seq = e->window.highest + 1;

    if (!amc_epoch_has_room(e, seq, plain_len, is_rekey(env))) {
        return used_up(err);
    }
    TSEC_TRY(amc_epoch_await(e, seq, err));
    e->window.highest = seq;
    e->i2r.bytes += plain_len + AMC_TAG_LEN;
    env->epoch = e->number;
    env->seq = seq;
    atomic_fetch_add(&e->refs, 1);
    *out = e;
    return TSEC_OK;
}

tsec_rc
amc_seal_request(struct amc_session *session, struct amc_envelope *env, struct tsec_span plain,
                 struct tsec_buf *out, struct tsec_err *err)
{
    struct amc_epoch *e = NULL;

    TSEC_TRY(needs(session, AMC_INITIATOR, err));
    if (plain.len > AMC_PLAIN_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "a message of %zu bytes", plain.len);
    }
    lock(session);

    tsec_rc rc = take_number(session, env, plain.len, &e, err);

    unlock(session);
    TSEC_TRY(rc);
    rc = amc_lane_seal(&e->i2r, session->cid, env, AMC_INITIATOR, plain, out, err);
    amc_epoch_free(e);
    return rc;
}

/* Held when there is nothing against it so far. */
static tsec_rc
look_up(struct amc_session *session, const struct amc_envelope *env, size_t plain_len,
        struct amc_epoch **out, struct tsec_err *err)
{
    struct amc_epoch *e = find(session, env->epoch);

    if (e == NULL) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "epoch");
    }
    if (!amc_window_fresh(&e->window, env->seq)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "replay");
    }
    if (!amc_epoch_has_room(e, env->seq, plain_len, is_rekey(env))) {
        return used_up(err);
    }
    atomic_fetch_add(&e->refs, 1);
    *out = e;
    return TSEC_OK;
}

/* Of what has authenticated: of two threads that opened the same, one is first. */
static tsec_rc
admit(struct amc_session *session, struct amc_epoch *e, const struct amc_envelope *env,
      size_t plain_len, struct tsec_err *err)
{
    if (e != session->current && e != session->previous) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "epoch");
    }
    if (!amc_window_fresh(&e->window, env->seq)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "replay");
    }
    if (!amc_epoch_has_room(e, env->seq, plain_len, is_rekey(env))) {
        return used_up(err);
    }
    TSEC_TRY(amc_epoch_await(e, env->seq, err));
    amc_window_mark(&e->window, env->seq);
    e->i2r.bytes += plain_len + AMC_TAG_LEN;
    return TSEC_OK;
}

static tsec_rc
open_request(struct amc_session *session, struct amc_epoch *e, const struct amc_envelope *env,
             struct tsec_span sealed, struct tsec_buf *out, struct tsec_err *err)
{
    const size_t before = out->len;

    TSEC_TRY(amc_lane_open(&e->i2r, session->cid, env, AMC_INITIATOR, sealed, out, err));
    lock(session);

    const tsec_rc rc = admit(session, e, env, out->len - before, err);

    unlock(session);
    if (tsec_failed(rc)) {
        tsec_buf_truncate(out, before);
    }
    return rc;
}

tsec_rc
amc_open_request(struct amc_session *session, const struct amc_envelope *env,
                 struct tsec_span sealed, int64_t mono_ns, struct tsec_buf *out,
                 struct tsec_err *err)
{
    struct amc_epoch *e = NULL;

    TSEC_TRY(needs(session, AMC_RESPONDER, err));
    if (sealed.len < AMC_TAG_LEN || sealed.len > AMC_PLAIN_MAX + AMC_TAG_LEN) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "message");
    }
    lock(session);
    expire(session, mono_ns);

    tsec_rc rc = look_up(session, env, sealed.len - AMC_TAG_LEN, &e, err);

    unlock(session);
    TSEC_TRY(rc);
    rc = open_request(session, e, env, sealed, out, err);
    amc_epoch_free(e);
    return rc;
}

/* The one reply that a request has: a second one would use its nonce again. */
tsec_rc
amc_seal_reply(struct amc_session *session, const struct amc_envelope *env, struct tsec_span plain,
               struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_TRY(needs(session, AMC_RESPONDER, err));
    if (plain.len > AMC_PLAIN_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "a message of %zu bytes", plain.len);
    }
    lock(session);

    struct amc_epoch *e = find(session, env->epoch);
    const bool awaited = e != NULL && amc_epoch_answer(e, env->seq);

    if (awaited) {
        atomic_fetch_add(&e->refs, 1);
        e->r2i.bytes += plain.len + AMC_TAG_LEN;
    }
    unlock(session);
    if (!awaited) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "no request awaits this reply");
    }

    const tsec_rc rc = amc_lane_seal(&e->r2i, session->cid, env, AMC_RESPONDER, plain, out, err);

    amc_epoch_free(e);
    return rc;
}

static tsec_rc
open_reply(struct amc_session *session, struct amc_epoch *e, const struct amc_envelope *env,
           struct tsec_span sealed, struct tsec_buf *out, struct tsec_err *err)
{
    const size_t before = out->len;

    TSEC_TRY(amc_lane_open(&e->r2i, session->cid, env, AMC_RESPONDER, sealed, out, err));
    lock(session);

    const bool first = amc_epoch_answer(e, env->seq);

    if (first) {
        e->r2i.bytes += sealed.len;
    }
    unlock(session);
    if (!first) {
        tsec_buf_truncate(out, before);
        return TSEC_FAIL(err, TSEC_E_DENIED, "replay");
    }
    return TSEC_OK;
}

tsec_rc
amc_open_reply(struct amc_session *session, const struct amc_envelope *env, struct tsec_span sealed,
               struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_TRY(needs(session, AMC_INITIATOR, err));
    if (sealed.len < AMC_TAG_LEN || sealed.len > AMC_PLAIN_MAX + AMC_TAG_LEN) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "message");
    }
    lock(session);

    struct amc_epoch *e = find(session, env->epoch);
    const bool awaited = e != NULL && amc_epoch_awaits(e, env->seq);

    if (awaited) {
        atomic_fetch_add(&e->refs, 1);
    }
    unlock(session);
    if (!awaited) {
        return TSEC_FAIL(err, TSEC_E_DENIED, e == NULL ? "epoch" : "replay");
    }

    const tsec_rc rc = open_reply(session, e, env, sealed, out, err);

    amc_epoch_free(e);
    return rc;
}
