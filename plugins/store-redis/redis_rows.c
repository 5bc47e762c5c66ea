/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_rows.h"

#include "redis_error.h"

/* ---- what came back ---- */

static tsec_rc
strange(struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "Redis answered what was not asked");
}

/* As no commit can have stored it: somebody wrote there, or the answer is made up. */
static tsec_rc
check_value(const struct redis_reply *value, struct tsec_err *err)
{
    if (!redis_reply_is(value, REDIS_REPLY_STRING)) {
        return strange(err);
    }
    if (value->text.len > TSEC_STORE_VALUE_MAX) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED,
                         "a record is larger than any that was stored: restore a backup");
    }
    return TSEC_OK;
}

/* ---- by key ---- */

tsec_rc
redis_rows_get(struct redis_caller *caller, struct tsec_span key, const struct tsec_sink *out,
               struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf words = TSEC_BUF_INIT(1024);
    TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT(128);
    struct redis_run run = { .script = REDIS_SCRIPT_COUNT };
    struct redis_answer answer;
    tsec_rc rc;

    redis_script_hash_name(caller->access->uri.prefix, &name);
    redis_put_command(&words, 3);
    redis_put_str(&words, "HGET");
    redis_put(&words, tsec_buf_span(&name));
    redis_put(&words, key);
    TSEC_TRY(tsec_buf_check(&words, err));
    run.words = tsec_buf_span(&words);
    TSEC_TRY(redis_call_read(caller, &run, &answer, err));
    if (redis_reply_is(answer.reply, REDIS_REPLY_NIL)) {
        rc = TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such key");
    } else {
        rc = check_value(answer.reply, err);
        rc = tsec_failed(rc) ? rc : out->write(out->ctx, answer.reply->text);
    }
    redis_answer_done(&answer);
    return rc;
}

/* The values of the first keys, as many as the answer had room for. */
static tsec_rc
visit_values(const struct redis_reply *values, const struct tsec_span *keys, size_t n,
             const struct redis_visitor *visitor, struct tsec_err *err)
{
    if (!redis_reply_is_array(values, 1) || values->len > n) {
        return strange(err);
    }
    for (size_t i = 0; i < values->len; i++) {
        if (!redis_reply_is(values->items[i], REDIS_REPLY_NIL)) {
            TSEC_TRY(check_value(values->items[i], err));
            TSEC_TRY(visitor->visit(visitor->ctx, keys[i], values->items[i]->text));
        }
    }
    return TSEC_OK;
}

static tsec_rc
ask_many(struct redis_caller *caller, const struct tsec_span *keys, size_t n,
         struct redis_answer *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf words = TSEC_BUF_INIT((TSEC_STORE_KEY_MAX + 16) * (n + 1));
    struct redis_run run = { .script = REDIS_SCRIPT_MANY, .args = n + 1 };

    redis_put_number(&words, REDIS_PAGE_BYTES);
    for (size_t i = 0; i < n; i++) {
        redis_put(&words, keys[i]);
    }
    TSEC_TRY(tsec_buf_check(&words, err));
    run.words = tsec_buf_span(&words);
    return redis_call_read(caller, &run, out, err);
}

tsec_rc
redis_rows_many(struct redis_caller *caller, const struct tsec_span *keys, size_t n,
                const struct redis_visitor *visitor, struct tsec_err *err)
{
    size_t at = 0;

    while (at < n) {
        struct redis_answer answer;
        tsec_rc rc;

        TSEC_TRY(ask_many(caller, keys + at, n - at, &answer, err));
        rc = visit_values(answer.reply, keys + at, n - at, visitor, err);
        at += tsec_failed(rc) ? 0 : answer.reply->len;
        redis_answer_done(&answer);
        TSEC_TRY(rc);
    }
    return TSEC_OK;
}

/* ---- in order ---- */

struct place {
    struct tsec_store_bounds bounds; /* what is still to come */
    size_t left;
    bool more;
};

static void
put_bound(struct tsec_buf *out, uint8_t kind, const uint8_t *bytes, size_t len)
{
    uint8_t bound[1 + TSEC_STORE_BOUND_MAX];

    bound[0] = kind;
    if (len > 0) {
        memcpy(bound + 1, bytes, len);
    }
    redis_put(out, tsec_span(bound, 1 + len));
}

static tsec_rc
ask_page(struct redis_caller *caller, const struct place *place, struct redis_answer *out,
         struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf words = TSEC_BUF_INIT(512);
    struct redis_run run = { .script = REDIS_SCRIPT_PAGE, .args = 4 };

    put_bound(&words, '[', place->bounds.from, place->bounds.from_len);
    put_bound(&words, '(', place->bounds.to, place->bounds.to_len);
    redis_put_number(&words, place->left < REDIS_PAGE_ROWS ? place->left : REDIS_PAGE_ROWS);
    redis_put_number(&words, REDIS_PAGE_BYTES);
    TSEC_TRY(tsec_buf_check(&words, err));
    run.words = tsec_buf_span(&words);
    return redis_call_read(caller, &run, out, err);
}

/* A key that is not behind the one before it, or not in the range, was not asked for: the answer is
 * made up, and would make a scan that never ends. */
static tsec_rc
check_row(const struct place *place, const struct redis_reply *key, const struct redis_reply *value,
          struct tsec_err *err)
{
    if (!redis_reply_is(key, REDIS_REPLY_STRING) || key->text.len == 0
        || key->text.len > TSEC_STORE_KEY_MAX
        || tsec_span_compare(key->text, tsec_span(place->bounds.from, place->bounds.from_len)) < 0
        || tsec_span_compare(key->text, tsec_span(place->bounds.to, place->bounds.to_len)) >= 0) {
        return strange(err);
    }
    return check_value(value, err);
}

/* The key that follows `key` is `key` and a zero byte. */
static void
go_behind(struct place *place, struct tsec_span key)
{
    memcpy(place->bounds.from, key.ptr, key.len);
    place->bounds.from[key.len] = 0;
    place->bounds.from_len = key.len + 1;
    place->left--;
}

static tsec_rc
visit_page(const struct redis_reply *page, struct place *place, const struct redis_visitor *visitor,
           struct tsec_err *err)
{
    if (!redis_reply_is_array(page, 1) || page->len % 2 == 0
        || !redis_reply_is(page->items[0], REDIS_REPLY_INTEGER) || page->len / 2 > place->left) {
        return strange(err);
    }
    for (size_t i = 1; i < page->len; i += 2) {
        TSEC_TRY(check_row(place, page->items[i], page->items[i + 1], err));
        go_behind(place, page->items[i]->text);
        TSEC_TRY(visitor->visit(visitor->ctx, page->items[i]->text, page->items[i + 1]->text));
    }
    place->more = page->items[0]->integer != 0 && page->len > 1;
    return TSEC_OK;
}

tsec_rc
redis_rows_scan(struct redis_caller *caller, const struct tsec_store_bounds *bounds, size_t limit,
                const struct redis_visitor *visitor, struct tsec_err *err)
{
    struct place place = { .bounds = *bounds, .left = limit, .more = true };

    while (place.more && place.left > 0) {
        struct redis_answer answer;
        tsec_rc rc;

        TSEC_TRY(ask_page(caller, &place, &answer, err));
        rc = visit_page(answer.reply, &place, visitor, err);
        redis_answer_done(&answer);
        TSEC_TRY(rc);
    }
    return TSEC_OK;
}

/* ---- writing ---- */

static uint8_t
code_of(const struct tsec_store_op *op)
{
    const int code = REDIS_OP_BASE + (op->verb == TSEC_STORE_DELETE ? REDIS_OP_DELETE : 0)
                     + (op->expect == TSEC_STORE_ABSENT    ? REDIS_OP_ABSENT
                        : op->expect == TSEC_STORE_PRESENT ? REDIS_OP_PRESENT
                                                           : 0);

    return (uint8_t)code;
}

static size_t
size_of(const struct tsec_store_op *ops, size_t n)
{
    size_t size = 256 + n * 64;

    for (size_t i = 0; i < n; i++) {
        size += ops[i].key.len + (ops[i].verb == TSEC_STORE_PUT ? ops[i].value.len : 0);
    }
    return size;
}

tsec_rc
redis_rows_commit(struct redis_caller *caller, const struct tsec_store_op *ops, size_t n,
                  struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf words = TSEC_BUF_INIT(REDIS_REQUEST_MAX);
    uint8_t codes[TSEC_STORE_OPS_MAX];
    size_t args = 2 + n;

    tsec_buf_reserve(&words, size_of(ops, n));
    for (size_t i = 0; i < n; i++) {
        codes[i] = code_of(&ops[i]);
    }
    redis_put_str(&words, REDIS_FORMAT);
    redis_put(&words, tsec_span(codes, n));
    for (size_t i = 0; i < n; i++) {
        redis_put(&words, ops[i].key);
        if (ops[i].verb == TSEC_STORE_PUT) {
            redis_put(&words, ops[i].value);
            args++;
        }
    }
    TSEC_TRY(tsec_buf_check(&words, err));
    return redis_call_commit(caller, tsec_buf_span(&words), args, err);
}
