/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_link.h"

#include <stdlib.h>

#include "redis_deadline.h"
#include "redis_dial.h"
#include "redis_error.h"
#include "redis_sentinel.h"

/* No connection has this number: killing it asks whether we may. */
#define NOBODY "9223372036854775807"

/* Questions at the start, in this order behind AUTH and SELECT. */
enum { ASK_ROLE, ASK_ID, ASK_KILL, ASK_SERVER, ASK_DURABLE };
enum { ASKS = ASK_DURABLE + REDIS_DURABLE_REPLIES, LOGIN_MAX = ASKS + 2 };

void
redis_link_close(struct redis_link *link)
{
    redis_wire_close(&link->wire);
}

bool
redis_role_is_master(const struct redis_reply *role)
{
    return redis_reply_item_is(role, 0, "master");
}

static void
free_all(struct redis_reply **replies, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        redis_reply_free(replies[i]);
        replies[i] = NULL;
    }
}

/* ---- running ---- */

void
redis_answer_done(struct redis_answer *answer)
{
    redis_reply_free(answer->reply);
    redis_reply_free(answer->tail);
    *answer = (struct redis_answer){ .reply = NULL };
}

static tsec_rc
ask(struct redis_link *link, const struct redis_access *access, const struct redis_run *run,
    bool by_text, struct redis_answer *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf request = TSEC_BUF_INIT(REDIS_REQUEST_MAX);
    struct redis_reply *replies[2] = { NULL, NULL };
    size_t command;
    tsec_rc rc;

    tsec_buf_reserve(&request, run->words.len + run->tail.len + 4096);
    if (run->script < REDIS_SCRIPT_COUNT) {
        redis_script_begin(&request, run->script, by_text, access->uri.prefix, run->args);
    }
    tsec_buf_put_span(&request, run->words);
    command = request.len;
    tsec_buf_put_span(&request, run->tail);
    TSEC_TRY(tsec_buf_check(&request, err));
    rc = redis_wire_ask(&link->wire, tsec_buf_span(&request), replies, run->tail.len > 0 ? 2 : 1,
                        run->deadline_ns, err);
    /* Redis does nothing before it has the whole command. */
    out->reached = link->wire.sent >= command;
    out->reply = replies[0];
    out->tail = replies[1];
    return rc;
}

tsec_rc
redis_link_run(struct redis_link *link, const struct redis_access *access,
               const struct redis_run *run, struct redis_answer *out, struct tsec_err *err)
{
    *out = (struct redis_answer){ .reply = NULL };
    TSEC_TRY(ask(link, access, run, run->by_text, out, err));
    if (!redis_error_is(out->reply, "NOSCRIPT")) {
        return TSEC_OK;
    }
    redis_answer_done(out);
    return ask(link, access, run, true, out, err);
}

/* ---- making a connection ---- */

static void
ask_client(struct tsec_buf *out, const char *what, const char *id)
{
    redis_put_command(out, id == NULL ? 2 : 4);
    redis_put_str(out, "CLIENT");
    redis_put_str(out, what);
    if (id != NULL) {
        redis_put_str(out, "ID");
        redis_put_str(out, id);
    }
}

static void
ask_role(struct tsec_buf *out)
{
    redis_put_command(out, 1);
    redis_put_str(out, "ROLE");
}

/* How many replies AUTH and SELECT have. */
static size_t
ask_entry(const struct redis_uri *uri, struct tsec_buf *out)
{
    size_t n = 0;

    if (uri->has_password) {
        redis_put_command(out, uri->user[0] == '\0' ? 2 : 3);
        redis_put_str(out, "AUTH");
        if (uri->user[0] != '\0') {
            redis_put_str(out, uri->user);
        }
        redis_put_str(out, uri->password);
        n++;
    }
    if (uri->db != 0) {
        redis_put_command(out, 2);
        redis_put_str(out, "SELECT");
        redis_put_number(out, uri->db);
        n++;
    }
    return n;
}

static tsec_rc
read_role(const struct redis_reply *role, struct tsec_err *err)
{
    if (!redis_reply_is_array(role, 1)) {
        return redis_fail(role, REDIS_ASKED_LOGIN, err);
    }
    if (!redis_role_is_master(role)) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                         "this Redis is no master: name the master, or sentinels with sentinel=");
    }
    return TSEC_OK;
}

static tsec_rc
read_identity(struct redis_reply *const *asks, struct redis_link *link, struct tsec_err *err)
{
    const struct tsec_span run_id = redis_info_field(asks[ASK_SERVER], "run_id");

    for (size_t i = ASK_ID; i <= ASK_KILL; i++) {
        if (!redis_reply_is(asks[i], REDIS_REPLY_INTEGER)) {
            return redis_fail(asks[i], REDIS_ASKED_LOGIN, err);
        }
    }
    if (run_id.len != REDIS_RUN_ID) {
        return redis_fail(asks[ASK_SERVER], REDIS_ASKED_LOGIN, err);
    }
    memcpy(link->run_id, run_id.ptr, REDIS_RUN_ID);
    link->run_id[REDIS_RUN_ID] = '\0';
    link->client_id = asks[ASK_ID]->integer;
    return TSEC_OK;
}

/* What is unsafe is admitted when it is allowed. */
static tsec_rc
judge(struct redis_link *link, const struct redis_access *access, struct tsec_err *err)
{
    if (!link->durable.safe && !access->allow_volatile) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "Redis could lose what it acknowledged: %s",
                         link->durable.problem);
    }
    if (link->durable.safe && !link->durable.writing) {
        return TSEC_FAIL(err, TSEC_E_READ_ONLY,
                         "Redis cannot write its append-only file: look at its disk and its log");
    }
    return TSEC_OK;
}

static tsec_rc
read_asks(struct redis_reply *const *asks, struct redis_link *link,
          const struct redis_access *access, struct tsec_err *err)
{
    TSEC_TRY(read_role(asks[ASK_ROLE], err));
    TSEC_TRY(read_identity(asks, link, err));
    redis_durable_read(asks + ASK_DURABLE, &link->durable);
    return judge(link, access, err);
}

static tsec_rc
read_login(struct redis_reply *const *replies, size_t entry, struct redis_link *link,
           const struct redis_access *access, struct tsec_err *err)
{
    for (size_t i = 0; i < entry; i++) {
        if (!redis_reply_is(replies[i], REDIS_REPLY_STATUS)) {
            return redis_fail(replies[i], REDIS_ASKED_LOGIN, err);
        }
    }
    return read_asks(replies + entry, link, access, err);
}

static tsec_rc
log_in(struct redis_link *link, const struct redis_access *access, bool with_entry,
       int64_t deadline_ns, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf request = TSEC_BUF_INIT(8192);
    struct redis_reply *replies[LOGIN_MAX] = { NULL };
    const size_t entry = with_entry ? ask_entry(&access->uri, &request) : 0;
    tsec_rc rc;

    ask_role(&request);
    ask_client(&request, "ID", NULL);
    ask_client(&request, "KILL", NOBODY);
    redis_put_command(&request, 2);
    redis_put_str(&request, "INFO");
    redis_put_str(&request, "server");
    redis_durable_ask(&request);
    TSEC_TRY(tsec_buf_check(&request, err));
    TSEC_TRY(redis_wire_ask(&link->wire, tsec_buf_span(&request), replies, entry + ASKS,
                            deadline_ns, err));
    rc = read_login(replies, entry, link, access, err);
    free_all(replies, LOGIN_MAX);
    return rc;
}

/* Makes our hash when there is none; refuses what is not ours.  By text and by number, since both
 * may be needed, and either may be forbidden. */
static tsec_rc
open_keys(struct redis_link *link, const struct redis_access *access, int64_t deadline_ns,
          struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf words = TSEC_BUF_INIT(64);
    TSEC_AUTO_BUF struct tsec_buf tail = TSEC_BUF_INIT(1024);
    struct redis_run run = {
        .script = REDIS_SCRIPT_OPEN, .args = 1, .by_text = true, .deadline_ns = deadline_ns
    };
    struct redis_answer answer;
    tsec_rc rc = TSEC_OK;

    redis_put_str(&words, REDIS_FORMAT);
    redis_script_begin(&tail, REDIS_SCRIPT_OPEN, false, access->uri.prefix, 1);
    redis_put_str(&tail, REDIS_FORMAT);
    TSEC_TRY(tsec_buf_check(&words, err));
    TSEC_TRY(tsec_buf_check(&tail, err));
    run.words = tsec_buf_span(&words);
    run.tail = tsec_buf_span(&tail);
    TSEC_TRY(redis_link_run(link, access, &run, &answer, err));
    if (!redis_reply_is(answer.reply, REDIS_REPLY_INTEGER)) {
        rc = redis_fail(answer.reply, REDIS_ASKED_LOGIN, err);
    } else if (!redis_reply_is(answer.tail, REDIS_REPLY_INTEGER)) {
        rc = redis_fail(answer.tail, REDIS_ASKED_LOGIN, err);
    }
    redis_answer_done(&answer);
    return rc;
}

static tsec_rc
open_at(const struct redis_access *access, const struct redis_place *place, int64_t deadline_ns,
        struct redis_link *link, struct tsec_err *err)
{
    int fd = -1;
    tsec_rc rc;

    TSEC_TRY(redis_dial(access->host, place, deadline_ns, &fd, err));
    TSEC_TRY(redis_wire_open(&link->wire, fd, err));
    rc = log_in(link, access, true, deadline_ns, err);
    if (!tsec_failed(rc)) {
        rc = open_keys(link, access, deadline_ns, err);
    }
    if (tsec_failed(rc)) {
        redis_link_close(link);
    }
    return rc;
}

static tsec_rc
try_place(const struct redis_access *access, const struct redis_place *named, int64_t deadline_ns,
          struct redis_link *link, struct tsec_err *err)
{
    struct redis_place place = *named;

    if (access->uri.sentinel[0] != '\0') {
        TSEC_TRY(redis_sentinel_master(access, named, deadline_ns, &place, err));
    }
    return open_at(access, &place, deadline_ns, link, err);
}

/* Of several refusals, the one that a person can mend is told. */
tsec_rc
redis_link_open(const struct redis_access *access, int64_t deadline_ns, struct redis_link *link,
                struct tsec_err *err)
{
    tsec_rc told = TSEC_OK;

    *link = (struct redis_link){ .wire = { .fd = -1 } };
    for (size_t i = 0; i < access->uri.places_len; i++) {
        const int64_t until = redis_earlier(deadline_ns, redis_deadline_in(REDIS_CONNECT_MS));
        struct tsec_err why = { 0 };
        const tsec_rc rc = try_place(access, &access->uri.places[i], until, link, &why);

        if (!tsec_failed(rc)) {
            return TSEC_OK;
        }
        if (!tsec_failed(told) || told.code == TSEC_E_UNAVAILABLE) {
            told = rc;
            if (err != NULL) {
                *err = why;
            }
        }
    }
    return told;
}

tsec_rc
redis_link_check(struct redis_link *link, const struct redis_access *access, int64_t deadline_ns,
                 struct tsec_err *err)
{
    return log_in(link, access, false, deadline_ns, err);
}
