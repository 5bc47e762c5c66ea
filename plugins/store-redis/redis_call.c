/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_call.h"

#include "redis_deadline.h"
#include "redis_error.h"

/* A connection may have died while nobody used it; a new one is not that easily wrong. */
enum { TRIES = 2 };

void
redis_caller_init(struct redis_caller *caller, const struct redis_access *access)
{
    caller->access = access;
    redis_pool_init(&caller->pool, access);
    redis_doubts_init(&caller->doubts, access);
}

void
redis_caller_done(struct redis_caller *caller)
{
    redis_pool_done(&caller->pool);
    redis_doubts_done(&caller->doubts);
}

static tsec_rc
take_settled(struct redis_caller *caller, int64_t deadline_ns, struct redis_link **out, bool *fresh,
             struct tsec_err *err)
{
    tsec_rc rc;

    TSEC_TRY(redis_pool_take(&caller->pool, deadline_ns, out, fresh, err));
    rc = redis_doubts_settle(&caller->doubts, *out, deadline_ns, err);
    if (tsec_failed(rc)) {
        redis_pool_give(&caller->pool, *out, false);
    }
    return rc;
}

/* ---- reading ---- */

static tsec_rc
read_once(struct redis_caller *caller, const struct redis_run *run, struct redis_answer *out,
          bool *again, struct tsec_err *err)
{
    struct redis_link *link = NULL;
    bool fresh = false;
    bool ends;
    tsec_rc rc;

    *again = false;
    TSEC_TRY(take_settled(caller, run->deadline_ns, &link, &fresh, err));
    rc = redis_link_run(link, caller->access, run, out, err);
    if (tsec_failed(rc)) {
        redis_pool_give(&caller->pool, link, false);
        *again = !fresh && redis_ms_left(run->deadline_ns) > 0;
        return rc;
    }
    ends = redis_error_ends_link(out->reply) || !redis_role_is_master(out->tail);
    redis_pool_give(&caller->pool, link, !ends);
    if (redis_reply_is(out->reply, REDIS_REPLY_ERROR)) {
        rc = redis_fail(out->reply, REDIS_ASKED_READ, err);
    } else if (ends) {
        /* It may have been one until a moment ago, with an answer that is older than its
         * successor's commits. */
        rc = TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                       "this Redis is no master any more: the master is looked for again");
        *again = !fresh;
    }
    if (tsec_failed(rc)) {
        redis_answer_done(out);
    }
    return rc;
}

tsec_rc
redis_call_read(struct redis_caller *caller, const struct redis_run *run, struct redis_answer *out,
                struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf tail = TSEC_BUF_INIT(64);
    struct redis_run whole = *run;
    bool again = true;
    tsec_rc rc = TSEC_OK;

    redis_put_command(&tail, 1);
    redis_put_str(&tail, "ROLE");
    TSEC_TRY(tsec_buf_check(&tail, err));
    whole.tail = tsec_buf_span(&tail);
    whole.deadline_ns = redis_deadline_in(caller->access->call_ms);
    for (unsigned i = 0; i < TRIES && again; i++) {
        rc = read_once(caller, &whole, out, &again, err);
    }
    return rc;
}

/* ---- writing ---- */

static tsec_rc
read_outcome(const struct redis_answer *answer, const struct redis_access *access,
             struct tsec_err *err)
{
    if (!redis_reply_is(answer->reply, REDIS_REPLY_INTEGER) || answer->reply->integer < 0) {
        return redis_fail(answer->reply, REDIS_ASKED_COMMIT, err);
    }
    if (answer->reply->integer > 0) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "operation %lld expected its key otherwise",
                         (long long)answer->reply->integer);
    }
    if (access->uri.wait_replicas > 0 && !redis_wait_is_enough(answer->tail, access)) {
        return TSEC_FAIL(err, TSEC_E_OUTCOME_UNKNOWN,
                         "written, but fewer than %u replicas have it: look at the replicas",
                         access->uri.wait_replicas);
    }
    return TSEC_OK;
}

static tsec_rc
commit_once(struct redis_caller *caller, const struct redis_run *run, bool *again,
            struct tsec_err *err)
{
    struct redis_answer answer;
    struct redis_link *link = NULL;
    bool fresh = false;
    bool good;
    tsec_rc rc;

    *again = false;
    TSEC_TRY(take_settled(caller, run->deadline_ns, &link, &fresh, err));
    rc = redis_link_run(link, caller->access, run, &answer, err);
    good = !tsec_failed(rc) && !redis_error_ends_link(answer.reply);
    if (!tsec_failed(rc)) {
        rc = read_outcome(&answer, caller->access, err);
    } else if (answer.reached) {
        rc = TSEC_FAIL(err, TSEC_E_OUTCOME_UNKNOWN,
                       "Redis was sent a commit and did not answer: it is looked for");
    } else {
        *again = !fresh && redis_ms_left(run->deadline_ns) > 0;
    }
    if (rc.code == TSEC_E_OUTCOME_UNKNOWN) {
        redis_doubts_add(&caller->doubts, link);
    }
    redis_pool_give(&caller->pool, link, good);
    redis_answer_done(&answer);
    return rc;
}

tsec_rc
redis_call_commit(struct redis_caller *caller, struct tsec_span words, size_t args,
                  struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf tail = TSEC_BUF_INIT(128);
    struct redis_run run = { .script = REDIS_SCRIPT_COMMIT, .args = args, .words = words };
    bool again = true;
    tsec_rc rc = TSEC_OK;

    run.deadline_ns = redis_deadline_in(caller->access->call_ms);
    if (caller->access->uri.wait_replicas > 0) {
        redis_put_wait(&tail, caller->access, run.deadline_ns);
        TSEC_TRY(tsec_buf_check(&tail, err));
        run.tail = tsec_buf_span(&tail);
    }
    for (unsigned i = 0; i < TRIES && again; i++) {
        rc = commit_once(caller, &run, &again, err);
    }
    return rc;
}

/* ---- looking after it ---- */

/* That all connections are in use, or that an answer is slow, is no verdict on the server. */
tsec_rc
redis_call_check(struct redis_caller *caller, unsigned ms, struct tsec_err *err)
{
    const int64_t deadline_ns = redis_deadline_in(ms);
    struct tsec_err why = { 0 };
    struct redis_link *link = NULL;
    bool fresh = false;
    tsec_rc rc;

    if (tsec_failed(redis_pool_take(&caller->pool, deadline_ns, &link, &fresh, NULL))) {
        return redis_pool_state(&caller->pool, err);
    }
    rc = fresh ? TSEC_OK : redis_link_check(link, caller->access, deadline_ns, &why);
    redis_pool_give(&caller->pool, link, !tsec_failed(rc));
    if (tsec_failed(rc) && rc.code != TSEC_E_UNAVAILABLE) {
        why.code = rc.code;
        redis_pool_distrust(&caller->pool, &why);
    }
    if (tsec_failed(rc) && err != NULL) {
        *err = why;
    }
    return rc;
}
