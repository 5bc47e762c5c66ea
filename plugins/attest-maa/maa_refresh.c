/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_refresh.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <tsec/attest.h>

#include "base/hex.h"
#include "maa_cache.h"
#include "maa_fetch.h"
#include "maa_file.h"
#include "maa_sources.h"

enum { SILENT_MAX = 3 }; /* services in a row that did not answer: the network is down */

#define FILE_MAX ((size_t)MAA_CACHE_HEAD_MAX + MAA_CACHE_CHAIN_MAX + TSEC_COLLATERAL_MAX)

struct maa_refresh {
    const struct tsec_host *host;
    const struct maa_settings *settings;
    struct kept *kept;
    pthread_mutex_t run; /* one refresh at a time */

    pthread_mutex_t lock; /* of what follows */
    uint8_t fmspc[MAA_FMSPCS][MAA_FMSPC_LEN];
    size_t fmspc_len;
    bool tried;
    int64_t tried_at;
    int64_t keys_at;       /* 0: no keys were ever fetched */
    int64_t collateral_at; /* the oldest; 0: none */
    char failure[192];     /* of the last refresh; "": none */
};

static int64_t
now_of(const struct maa_refresh *r)
{
    return r->host->now(r->host->ctx);
}

/* ---- machines ---- */

static void
seen_locked(struct maa_refresh *r, const uint8_t fmspc[MAA_FMSPC_LEN])
{
    for (size_t i = 0; i < r->fmspc_len; i++) {
        if (tsec_span_equal(tsec_span(r->fmspc[i], MAA_FMSPC_LEN),
                            tsec_span(fmspc, MAA_FMSPC_LEN))) {
            return;
        }
    }
    if (r->fmspc_len < MAA_FMSPCS) {
        memcpy(r->fmspc[r->fmspc_len++], fmspc, MAA_FMSPC_LEN);
    }
}

void
maa_refresh_seen(struct maa_refresh *refresh, const uint8_t fmspc[MAA_FMSPC_LEN])
{
    (void)pthread_mutex_lock(&refresh->lock);
    seen_locked(refresh, fmspc);
    (void)pthread_mutex_unlock(&refresh->lock);
}

/* ---- the cache folder into what is kept ---- */

struct loading {
    struct maa_refresh *refresh;
    struct collateral *set;
    struct tsec_buf *jwks;
    int64_t keys_at;
    int64_t collateral_at;
};

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* Keys of an issuer that was set before are nobody's. */
static bool
is_ours(const struct maa_refresh *r, struct tsec_span source)
{
    char certs[MAA_SOURCE_URL_MAX];

    if (r->settings->issuer == NULL) {
        return false;
    }
    (void)snprintf(certs, sizeof(certs), "%s/certs", r->settings->issuer);
    return tsec_span_is(source, certs);
}

static tsec_rc
load_collateral(struct loading *l, const char *name, const struct maa_cached *file,
                struct tsec_err *err)
{
    static const char *const kinds[] = { "sgx-tcb-", "tdx-tcb-" };
    uint8_t fmspc[MAA_FMSPC_LEN];

    TSEC_TRY(collateral_add(l->set, file->body, err));
    if (file->chain.len > 0) {
        TSEC_TRY(collateral_add(l->set, file->chain, err));
    }
    if (l->collateral_at == 0 || file->fetched_at < l->collateral_at) {
        l->collateral_at = file->fetched_at;
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        const size_t len = strlen(kinds[i]);

        if (strncmp(name, kinds[i], len) == 0
            && tsec_hex_decode(tsec_span_str(name + len), fmspc, sizeof(fmspc))) {
            maa_refresh_seen(l->refresh, fmspc);
        }
    }
    return TSEC_OK;
}

static tsec_rc
load_file(struct loading *l, const char *path, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(FILE_MAX);
    struct maa_cached file;

    TSEC_TRY(maa_file_read(path, &text, err));
    TSEC_TRY(maa_cache_read(tsec_buf_span(&text), &file, err));
    if (strcmp(base_name(path), MAA_JWKS_NAME) != 0) {
        return load_collateral(l, base_name(path), &file, err);
    }
    if (is_ours(l->refresh, file.source)) {
        tsec_buf_put_span(l->jwks, file.body);
        l->keys_at = file.fetched_at;
    }
    return tsec_buf_check(l->jwks, err);
}

static tsec_rc
load_each(void *ctx, const char *path, struct tsec_err *err)
{
    struct loading *l = ctx;
    const struct tsec_host *host = l->refresh->host;
    struct tsec_err why = { 0 };

    (void)err;
    if (tsec_failed(load_file(l, path, &why))) {
        host->log(host->ctx, TSEC_LOG_WARN, "%s: left aside: %s", path, why.detail);
    }
    return TSEC_OK;
}

static tsec_rc
load(struct maa_refresh *r, struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *set = NULL;
    TSEC_AUTO_BUF struct tsec_buf jwks = TSEC_BUF_INIT(MAA_JWKS_MAX);
    struct loading l = { .refresh = r, .jwks = &jwks };

    TSEC_TRY(collateral_new(&set, err));
    l.set = set;
    TSEC_TRY(maa_file_each(r->settings->collateral_cache, load_each, &l, err));
    TSEC_TRY(kept_fetched(r->kept, set, tsec_buf_span(&jwks), err));
    (void)pthread_mutex_lock(&r->lock);
    r->keys_at = l.keys_at;
    r->collateral_at = l.collateral_at;
    (void)pthread_mutex_unlock(&r->lock);
    return TSEC_OK;
}

/* ---- life ---- */

tsec_rc
maa_refresh_new(const struct tsec_host *host, const struct maa_settings *settings,
                struct kept *kept, struct maa_refresh **out, struct tsec_err *err)
{
    TSEC_AUTO(maa_refresh_free) struct maa_refresh *r = calloc(1, sizeof(*r));

    if (r == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for attest-maa");
    }
    r->host = host;
    r->settings = settings;
    r->kept = kept;
    (void)pthread_mutex_init(&r->run, NULL);
    (void)pthread_mutex_init(&r->lock, NULL);
    for (size_t i = 0; i < settings->fmspc_len; i++) {
        seen_locked(r, settings->fmspc[i]);
    }
    if (settings->collateral_cache != NULL) {
        TSEC_TRY(load(r, err));
    }
    *out = r;
    r = NULL;
    return TSEC_OK;
}

void
maa_refresh_free(struct maa_refresh *refresh)
{
    if (refresh == NULL) {
        return;
    }
    (void)pthread_mutex_destroy(&refresh->lock);
    (void)pthread_mutex_destroy(&refresh->run);
    free(refresh);
}

/* ---- fetching ---- */

/* What cannot be used does not replace what can. */
static tsec_rc
check_usable(const struct maa_source *source, const struct maa_reply *reply, struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *set = NULL;
    TSEC_AUTO(maa_jwks_free) struct maa_jwks *jwks = NULL;

    if (strcmp(source->name, MAA_JWKS_NAME) == 0) {
        TSEC_TRY(maa_jwks_parse(tsec_buf_span(&reply->body), tsec_span(NULL, 0), &jwks, err));
        return maa_jwks_usable(jwks) > 0
                   ? TSEC_OK
                   : TSEC_FAIL(err, TSEC_E_INVALID, "%s: no key that can be used", source->url);
    }
    TSEC_TRY(collateral_new(&set, err));
    TSEC_TRY(collateral_add(set, tsec_buf_span(&reply->body), err));
    return reply->chain.len > 0 ? collateral_add(set, tsec_buf_span(&reply->chain), err) : TSEC_OK;
}

static tsec_rc
store(const struct maa_refresh *r, const struct maa_source *source, const struct maa_reply *reply,
      struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(FILE_MAX);
    const struct maa_cached file = {
        .fetched_at = now_of(r),
        .source = tsec_span_str(source->url),
        .chain = tsec_buf_span(&reply->chain),
        .body = tsec_buf_span(&reply->body),
    };

    maa_cache_write(&file, &text);
    TSEC_TRY(tsec_buf_check(&text, err));
    return maa_file_replace(r->settings->collateral_cache, source->name, tsec_buf_span(&text), err);
}

static tsec_rc
take_reply(const struct maa_refresh *r, const struct maa_source *source,
           const struct maa_reply *reply, struct tsec_err *err)
{
    if (reply->status == 404 && source->may_lack) {
        return TSEC_OK;
    }
    if (reply->status != 200) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: HTTP status %ld", source->url, reply->status);
    }
    if (tsec_failed(check_usable(source, reply, err))) {
        return TSEC_FAIL(err, TSEC_E_PLUGIN, "%s: not what it should be", source->url);
    }
    return store(r, source, reply, err);
}

static tsec_rc
fetch(const struct maa_refresh *r, const struct maa_source *source, struct tsec_err *err)
{
    const size_t max =
        strcmp(source->name, MAA_JWKS_NAME) == 0 ? (size_t)MAA_JWKS_MAX : TSEC_COLLATERAL_MAX;
    struct maa_reply reply;
    tsec_rc rc = maa_fetch(r->host, source->url, r->settings->ca_file, max, &reply, err);

    if (!tsec_failed(rc)) {
        rc = take_reply(r, source, &reply, err);
    }
    maa_reply_done(&reply);
    return rc;
}

static void
list_sources(struct maa_refresh *r, struct maa_sources *out)
{
    (void)pthread_mutex_lock(&r->lock);
    maa_sources_list(r->settings, (const uint8_t(*)[MAA_FMSPC_LEN])r->fmspc, r->fmspc_len, out);
    (void)pthread_mutex_unlock(&r->lock);
}

/* The first failure, of all that there are, or "". */
static void
fetch_all(struct maa_refresh *r, char *failure, size_t size)
{
    const struct tsec_host *host = r->host;
    struct maa_sources sources;
    unsigned silent = 0;

    list_sources(r, &sources);
    for (size_t i = 0; i < sources.len && silent < SILENT_MAX; i++) {
        struct tsec_err why = { 0 };
        const tsec_rc rc = fetch(r, &sources.items[i], &why);

        silent = rc.code == TSEC_E_UNAVAILABLE ? silent + 1 : 0;
        if (!tsec_failed(rc)) {
            continue;
        }
        host->log(host->ctx, TSEC_LOG_WARN, "not refreshed: %s", why.detail);
        if (failure[0] == '\0') {
            (void)snprintf(failure, size, "%s", why.detail);
        }
    }
}

/* Whether it is time; the try counts from here. */
static bool
begin(struct maa_refresh *r)
{
    const int64_t now = now_of(r);
    bool soon;

    (void)pthread_mutex_lock(&r->lock);
    soon = r->tried && now >= r->tried_at && now - r->tried_at < MAA_REFRESH_PAUSE_S;
    if (!soon) {
        r->tried = true;
        r->tried_at = now;
    }
    (void)pthread_mutex_unlock(&r->lock);
    return !soon;
}

static tsec_rc
run(struct maa_refresh *r, struct tsec_err *err)
{
    char failure[sizeof(r->failure)] = "";

    if (!begin(r)) {
        return TSEC_OK;
    }
    fetch_all(r, failure, sizeof(failure));

    const tsec_rc rc = load(r, err);

    (void)pthread_mutex_lock(&r->lock);
    (void)snprintf(r->failure, sizeof(r->failure), "%s",
                   tsec_failed(rc) && err != NULL ? err->detail : failure);
    (void)pthread_mutex_unlock(&r->lock);
    TSEC_TRY(rc);
    return failure[0] == '\0' ? TSEC_OK : TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%s", failure);
}

tsec_rc
maa_refresh_run(struct maa_refresh *refresh, struct tsec_err *err)
{
    tsec_rc rc;

    if (refresh->settings->collateral_cache == NULL) {
        return TSEC_OK;
    }
    (void)pthread_mutex_lock(&refresh->run);
    rc = run(refresh, err);
    (void)pthread_mutex_unlock(&refresh->run);
    return rc;
}

/* ---- health ---- */

static void
put_age(struct tsec_buf *out, const char *what, int64_t at, int64_t now)
{
    if (at != 0) {
        tsec_buf_printf(out, "%s%s %lld s old", out->len == 0 ? "" : ", ", what,
                        (long long)(now - at));
    }
}

tsec_rc
maa_refresh_health(struct maa_refresh *refresh, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(512);
    const int64_t now = now_of(refresh);
    bool stale;

    (void)pthread_mutex_lock(&refresh->lock);
    put_age(&text, "token keys", refresh->keys_at, now);
    put_age(&text, "collateral", refresh->collateral_at, now);
    stale = refresh->failure[0] != '\0' && refresh->settings->issuer != NULL
            && (refresh->keys_at == 0 || now - refresh->keys_at > MAA_REFRESH_KEYS_S);
    if (refresh->failure[0] != '\0') {
        tsec_buf_printf(&text, "%snot refreshed: %s", text.len == 0 ? "" : "; ", refresh->failure);
    }
    (void)pthread_mutex_unlock(&refresh->lock);
    if (stale) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%.*s", (int)text.len, (const char *)text.ptr);
    }
    if (err != NULL) {
        err->code = TSEC_OK_CODE;
        (void)snprintf(err->detail, sizeof(err->detail), "%.*s", (int)text.len,
                       text.ptr == NULL ? "" : (const char *)text.ptr);
    }
    return TSEC_OK;
}
