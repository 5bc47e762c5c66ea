/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_doubt.h"

#include "redis_deadline.h"
#include "redis_error.h"

/* For the answer to travel back in. */
enum { WAIT_MARGIN_MS = 100 };

void
redis_doubts_init(struct redis_doubts *doubts, const struct redis_access *access)
{
    *doubts = (struct redis_doubts){ .access = access };
    /* A new link is of epoch 0, and so not settled when there are replicas to wait for. */
    doubts->epoch = access->uri.wait_replicas > 0 ? 1 : 0;
    (void)pthread_mutex_init(&doubts->lock, NULL);
}

void
redis_doubts_done(struct redis_doubts *doubts)
{
    (void)pthread_mutex_destroy(&doubts->lock);
}

/* Never full: a link is settled before it is used, so that each has at most one doubt. */
void
redis_doubts_add(struct redis_doubts *doubts, const struct redis_link *link)
{
    (void)pthread_mutex_lock(&doubts->lock);
    doubts->epoch++;
    if (doubts->len < REDIS_LINKS_MAX) {
        struct redis_doubt *doubt = &doubts->at[doubts->len++];

        *doubt = (struct redis_doubt){ .client_id = link->client_id, .epoch = doubts->epoch };
        memcpy(doubt->run_id, link->run_id, sizeof(doubt->run_id));
    }
    (void)pthread_mutex_unlock(&doubts->lock);
}

static void
forget(struct redis_doubts *doubts, unsigned epoch)
{
    size_t kept = 0;

    (void)pthread_mutex_lock(&doubts->lock);
    for (size_t i = 0; i < doubts->len; i++) {
        if (doubts->at[i].epoch > epoch) {
            doubts->at[kept++] = doubts->at[i];
        }
    }
    doubts->len = kept;
    (void)pthread_mutex_unlock(&doubts->lock);
}

/* ---- waiting for replicas ---- */

void
redis_put_wait(struct tsec_buf *out, const struct redis_access *access, int64_t deadline_ns)
{
    const int left = redis_ms_left(deadline_ns) - WAIT_MARGIN_MS;

    redis_put_command(out, 3);
    redis_put_str(out, "WAIT");
    redis_put_number(out, access->uri.wait_replicas);
    redis_put_number(out, left < 1 ? 1 : (uint64_t)left); /* 0 would be for ever */
}

bool
redis_wait_is_enough(const struct redis_reply *reply, const struct redis_access *access)
{
    return redis_reply_is(reply, REDIS_REPLY_INTEGER)
           && reply->integer >= (int64_t)access->uri.wait_replicas;
}

static tsec_rc
write_and_wait(struct redis_link *link, const struct redis_access *access, int64_t deadline_ns,
               struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf request = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT(128);
    struct redis_reply *replies[2] = { NULL, NULL };
    tsec_rc rc = TSEC_OK;

    redis_script_hash_name(access->uri.prefix, &name);
    redis_put_command(&request, 4);
    redis_put_str(&request, "HSET");
    redis_put(&request, tsec_buf_span(&name));
    redis_put_str(&request, "");
    redis_put_str(&request, REDIS_FORMAT);
    redis_put_wait(&request, access, deadline_ns);
    TSEC_TRY(tsec_buf_check(&request, err));
    TSEC_TRY(redis_wire_ask(&link->wire, tsec_buf_span(&request), replies, 2, deadline_ns, err));
    if (!redis_reply_is(replies[0], REDIS_REPLY_INTEGER)) {
        rc = redis_fail(replies[0], REDIS_ASKED_READ, err);
    } else if (redis_reply_is(replies[1], REDIS_REPLY_ERROR)) {
        rc = redis_fail(replies[1], REDIS_ASKED_READ, err);
    } else if (!redis_wait_is_enough(replies[1], access)) {
        rc = TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                       "fewer than %u replicas follow the master: what was written last could be "
                       "lost",
                       access->uri.wait_replicas);
    }
    redis_reply_free(replies[0]);
    redis_reply_free(replies[1]);
    return rc;
}

/* ---- killing what is on its way ---- */

static tsec_rc
kill_client(struct redis_link *link, int64_t client_id, int64_t deadline_ns, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf request = TSEC_BUF_INIT(256);
    struct redis_reply *reply = NULL;
    tsec_rc rc = TSEC_OK;

    redis_put_command(&request, 4);
    redis_put_str(&request, "CLIENT");
    redis_put_str(&request, "KILL");
    redis_put_str(&request, "ID");
    redis_put_number(&request, (uint64_t)client_id);
    TSEC_TRY(tsec_buf_check(&request, err));
    TSEC_TRY(redis_wire_ask(&link->wire, tsec_buf_span(&request), &reply, 1, deadline_ns, err));
    if (!redis_reply_is(reply, REDIS_REPLY_INTEGER)) {
        rc = redis_fail(reply, REDIS_ASKED_READ, err);
    }
    redis_reply_free(reply);
    return rc;
}

/* A process that ended took its connections with it; and a short WAIT over this very link leaves
 * nothing on the way. */
static bool
is_on_its_way(const struct redis_doubt *doubt, const struct redis_link *link)
{
    return strcmp(doubt->run_id, link->run_id) == 0 && doubt->client_id > 0
           && doubt->client_id != link->client_id;
}

tsec_rc
redis_doubts_settle(struct redis_doubts *doubts, struct redis_link *link, int64_t deadline_ns,
                    struct tsec_err *err)
{
    struct redis_doubt at[REDIS_LINKS_MAX];
    unsigned epoch;
    size_t len;

    (void)pthread_mutex_lock(&doubts->lock);
    epoch = doubts->epoch;
    len = doubts->len;
    memcpy(at, doubts->at, len * sizeof(at[0]));
    (void)pthread_mutex_unlock(&doubts->lock);
    if (link->settled == epoch) {
        return TSEC_OK;
    }
    for (size_t i = 0; i < len; i++) {
        if (is_on_its_way(&at[i], link)) {
            TSEC_TRY(kill_client(link, at[i].client_id, deadline_ns, err));
        }
    }
    if (doubts->access->uri.wait_replicas > 0) {
        TSEC_TRY(write_and_wait(link, doubts->access, deadline_ns, err));
    }
    link->settled = epoch;
    forget(doubts, epoch);
    return TSEC_OK;
}
