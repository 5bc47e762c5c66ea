/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "amc/hello.h"
#include "amc/schedule.h"
#include "amc/session_internal.h"
#include "amc/share.h"
#include "crypto/locked.h"

enum { LOCKED_LEN = 2 * AMC_HASH_LEN };

struct amc_rekey {
    uint32_t from; /* the epoch it leads out of */
    bool derived;
    struct amc_share_own own; /* the private key, until it has been used */
    uint8_t nonce_i[AMC_NONCE_LEN];
    uint8_t nonce_r[AMC_NONCE_LEN];
    uint8_t spki_i[AMC_SPKI_LEN];
    uint8_t spki_r[AMC_SPKI_LEN];
    struct tsec_buf r1;
    uint8_t *locked; /* the master secret, before and then after; the exporter after */
};

static uint8_t *
exporter_of(const struct amc_rekey *rekey)
{
    return rekey->locked + AMC_HASH_LEN;
}

void
amc_rekey_free(struct amc_rekey *rekey)
{
    if (rekey != NULL) {
        amc_share_own_done(&rekey->own);
        tsec_buf_done(&rekey->r1);
        tsec_locked_free(rekey->locked, LOCKED_LEN);
        free(rekey);
    }
}

static tsec_rc
rekey_new(struct amc_session *session, const struct amc_rekey_fixed *fixed, struct amc_rekey **out,
          struct tsec_err *err)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *r = calloc(1, sizeof(*r));

    if (r == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "rekey");
    }
    tsec_buf_init(&r->r1, AMC_HELLO_MAX);
    TSEC_TRY(tsec_locked_new(LOCKED_LEN, &r->locked, err));
    amc_session_master(session, r->locked, &r->from);
    TSEC_TRY(amc_share_own_draw(&r->own, fixed == NULL ? NULL : fixed->eph,
                                fixed == NULL ? NULL : fixed->nonce, err));
    *out = TSEC_TAKE(r);
    return TSEC_OK;
}

/* Both ends come to the same. */
static tsec_rc
derive(struct amc_rekey *rekey, const struct amc_share *peer, struct tsec_span r1,
       struct tsec_span r2, struct tsec_err *err)
{
    uint8_t next[AMC_HASH_LEN];
    struct amc_epoch_keys keys;
    TSEC_AUTO_BUF struct tsec_buf ss = TSEC_BUF_INIT(AMC_HASH_LEN);

    TSEC_TRY(amc_share_own_agree(&rekey->own, peer->eph, peer->nonce, &ss, err));
    TSEC_TRY(amc_next_master(rekey->locked, tsec_buf_span(&ss), rekey->nonce_i, rekey->nonce_r, r1,
                             r2, next, err));

    const tsec_rc rc = amc_epoch_keys(next, rekey->from + 1, &keys, err);

    if (!tsec_failed(rc)) {
        memcpy(rekey->locked, next, AMC_HASH_LEN);
        memcpy(exporter_of(rekey), keys.exporter, AMC_HASH_LEN);
        rekey->derived = true;
    }
    explicit_bzero(next, sizeof(next));
    explicit_bzero(&keys, sizeof(keys));
    return rc;
}

/* ---- initiator ---- */

tsec_rc
amc_rekey_begin_with(struct amc_session *session, const struct amc_rekey_fixed *fixed,
                     struct amc_rekey **out, struct tsec_buf *r1, struct tsec_err *err)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *r = NULL;
    struct amc_share share;

    if (session->role != AMC_INITIATOR) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "the initiator begins a rekey");
    }
    TSEC_TRY(rekey_new(session, fixed, &r, err));
    memcpy(r->nonce_i, r->own.nonce, AMC_NONCE_LEN);
    memcpy(r->spki_i, r->own.spki, AMC_SPKI_LEN);
    amc_share_of(&r->own, &share);
    amc_share_write(&share, &r->r1);
    TSEC_TRY(tsec_buf_check(&r->r1, err));
    tsec_buf_put_span(r1, tsec_buf_span(&r->r1));
    TSEC_TRY(tsec_buf_check(r1, err));
    *out = TSEC_TAKE(r);
    return TSEC_OK;
}

tsec_rc
amc_rekey_begin(struct amc_session *session, struct amc_rekey **out, struct tsec_buf *r1,
                struct tsec_err *err)
{
    return amc_rekey_begin_with(session, NULL, out, r1, err);
}

tsec_rc
amc_rekey_read(struct amc_rekey *rekey, struct tsec_span r2, struct tsec_err *err)
{
    struct amc_share peer;

    if (rekey->derived || rekey->r1.len == 0) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a rekey reads one answer");
    }
    TSEC_TRY(amc_share_parse(r2, &peer, err));
    memcpy(rekey->nonce_r, peer.nonce, AMC_NONCE_LEN);
    amc_share_spki(peer.eph, rekey->spki_r);
    return derive(rekey, &peer, tsec_buf_span(&rekey->r1), r2, err);
}

/* ---- responder ---- */

tsec_rc
amc_rekey_answer_with(struct amc_session *session, const struct amc_rekey_fixed *fixed,
                      struct tsec_span r1, struct amc_rekey **out, struct tsec_buf *r2,
                      struct tsec_err *err)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *r = NULL;
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_HELLO_MAX);
    struct amc_share peer;
    struct amc_share share;

    if (session->role != AMC_RESPONDER) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "the responder answers a rekey");
    }
    TSEC_TRY(amc_share_parse(r1, &peer, err));
    TSEC_TRY(rekey_new(session, fixed, &r, err));
    memcpy(r->nonce_i, peer.nonce, AMC_NONCE_LEN);
    amc_share_spki(peer.eph, r->spki_i);
    memcpy(r->nonce_r, r->own.nonce, AMC_NONCE_LEN);
    memcpy(r->spki_r, r->own.spki, AMC_SPKI_LEN);
    amc_share_of(&r->own, &share);
    amc_share_write(&share, &text);
    TSEC_TRY(tsec_buf_check(&text, err));
    TSEC_TRY(derive(r, &peer, r1, tsec_buf_span(&text), err));
    tsec_buf_put_span(r2, tsec_buf_span(&text));
    TSEC_TRY(tsec_buf_check(r2, err));
    *out = TSEC_TAKE(r);
    return TSEC_OK;
}

tsec_rc
amc_rekey_answer(struct amc_session *session, struct tsec_span r1, struct amc_rekey **out,
                 struct tsec_buf *r2, struct tsec_err *err)
{
    return amc_rekey_answer_with(session, NULL, r1, out, r2, err);
}

/* ---- both ---- */

void
amc_rekey_binding(const struct amc_rekey *rekey, enum amc_role role, uint8_t out[AMC_HASH_LEN])
{
    amc_reattest_binding(role, rekey->from + 1, exporter_of(rekey), out);
}

struct tsec_span
amc_rekey_nonce(const struct amc_rekey *rekey, enum amc_role role)
{
    return tsec_span(role == AMC_INITIATOR ? rekey->nonce_i : rekey->nonce_r, AMC_NONCE_LEN);
}

struct tsec_span
amc_rekey_spki(const struct amc_rekey *rekey, enum amc_role role)
{
    return tsec_span(role == AMC_INITIATOR ? rekey->spki_i : rekey->spki_r, AMC_SPKI_LEN);
}

tsec_rc
amc_rekey_commit(struct amc_session *session, struct amc_rekey *rekey, int64_t mono_ns,
                 struct tsec_err *err)
{
    TSEC_AUTO(amc_epoch_free) struct amc_epoch *next = NULL;

    if (!rekey->derived) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a rekey without the peer's share");
    }
    TSEC_TRY(amc_epoch_new(rekey->locked, rekey->from + 1, &next, err));
    return amc_session_advance(session, rekey->from, rekey->locked, &next, mono_ns, err);
}
