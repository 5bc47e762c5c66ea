/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http_internal.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "codec/pct.h"
#include "crypto/rand.h"

#define UNIX_SCHEME "unix://"

enum { URL_MAX = 16384, RETRY_AFTER_MAX_S = 30 };

static void
wiping_free(void *ptr)
{
    if (ptr != NULL) {
        explicit_bzero(ptr, malloc_usable_size(ptr));
        free(ptr);
    }
}

/** realloc() would leave the old bytes behind. */
static void *
wiping_realloc(void *ptr, size_t size)
{
    const size_t have = ptr == NULL ? 0 : malloc_usable_size(ptr);
    void *fresh;

    if (size > 0 && size <= have) {
        return ptr;
    }
    fresh = malloc(size);
    if (fresh != NULL && ptr != NULL) {
        memcpy(fresh, ptr, have < size ? have : size);
        wiping_free(ptr);
    }
    return fresh;
}

tsec_rc
cli_http_setup(struct tsec_err *err)
{
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup,
                             calloc)
        != CURLE_OK) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "libcurl cannot be used");
    }
    return TSEC_OK;
}

static size_t
on_body(char *bytes, size_t size, size_t n, void *ctx)
{
    struct cli_reply *reply = ctx;

    tsec_buf_put(&reply->body, bytes, size * n);
    return reply->body.failed ? 0 : size * n;
}

static size_t
on_header(char *bytes, size_t size, size_t n, void *ctx)
{
    static const char name[] = "retry-after:";
    struct cli_reply *reply = ctx;
    const size_t len = size * n;
    char value[16] = { 0 };

    if (len > sizeof(name) && strncasecmp(bytes, name, sizeof(name) - 1) == 0) {
        const size_t rest = len - (sizeof(name) - 1);

        memcpy(value, bytes + sizeof(name) - 1,
               rest < sizeof(value) - 1 ? rest : sizeof(value) - 1);
        const unsigned long seconds = strtoul(value, NULL, 10);

        reply->retry_after_s = seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (unsigned)seconds;
    }
    return len;
}

/** What stays the same over all requests. */
static bool
set_up(struct cli_http *http)
{
    const struct cli_settings *s = http->settings;
    CURL *curl = http->curl;
    bool ok = true;

    ok = ok && curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->why) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)s->timeout_s) == CURLE_OK;
    ok =
        ok && curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK;
    if (s->ca_cert != NULL) {
        ok = ok && curl_easy_setopt(curl, CURLOPT_CAINFO, s->ca_cert) == CURLE_OK;
    }
    if (s->ca_path != NULL) {
        ok = ok && curl_easy_setopt(curl, CURLOPT_CAPATH, s->ca_path) == CURLE_OK;
    }
    if (s->client_cert != NULL) {
        ok = ok && curl_easy_setopt(curl, CURLOPT_SSLCERT, s->client_cert) == CURLE_OK;
    }
    if (s->client_key != NULL) {
        ok = ok && curl_easy_setopt(curl, CURLOPT_SSLKEY, s->client_key) == CURLE_OK;
    }
    if (s->see_peer) {
        ok = ok && curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L) == CURLE_OK;
    }
    if (s->skip_verify) {
        ok = ok && curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK;
        ok = ok && curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
    }
    if (strncmp(s->address, UNIX_SCHEME, strlen(UNIX_SCHEME)) == 0) {
        ok = ok
             && curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, s->address + strlen(UNIX_SCHEME))
                    == CURLE_OK;
    }
    return ok;
}

tsec_rc
cli_http_new(const struct cli_settings *settings, struct cli_http **out, struct tsec_err *err)
{
    static const char *const schemes[] = { "http://", "https://", UNIX_SCHEME "/" };
    TSEC_AUTO(cli_http_free) struct cli_http *http = NULL;
    bool known = false;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(schemes); i++) {
        known = known || strncmp(settings->address, schemes[i], strlen(schemes[i])) == 0;
    }
    if (!known) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the address must begin with https://, http:// or unix:///");
    }
    http = calloc(1, sizeof(*http));
    if (http == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory");
    }
    http->settings = settings;
    http->curl = curl_easy_init();
    if (http->curl == NULL || !set_up(http)) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "libcurl refuses a setting: %.100s", http->why);
    }
    *out = TSEC_TAKE(http);
    return TSEC_OK;
}

void
cli_http_free(struct cli_http *http)
{
    if (http != NULL) {
        curl_easy_cleanup(http->curl);
        free(http);
    }
}

void
cli_reply_init(struct cli_reply *reply)
{
    *reply = (struct cli_reply){ .status = 0 };
    tsec_buf_init(&reply->body, CLI_REPLY_MAX);
}

void
cli_reply_done(struct cli_reply *reply)
{
    tsec_buf_done(&reply->body);
}

static void
put_url(const struct cli_settings *settings, const struct cli_request *request,
        struct tsec_buf *out)
{
    const char *address = settings->address;
    size_t len = strlen(address);

    if (strncmp(address, UNIX_SCHEME, strlen(UNIX_SCHEME)) == 0) {
        address = "http://localhost";
        len = strlen(address);
    }
    while (len > 0 && address[len - 1] == '/') {
        len--;
    }
    tsec_buf_put(out, address, len);
    tsec_buf_put_str(out, "/v1/");
    tsec_pct_encode(out, tsec_span_str(request->path), true);
    if (request->query != NULL) {
        tsec_buf_put_byte(out, '?');
        tsec_buf_put_str(out, request->query);
    }
    tsec_buf_put_byte(out, '\0');
}

/** The list and its strings are libcurl's, which wipes what it frees; the line is ours. */
static bool
add_header(struct curl_slist **list, const char *name, struct tsec_span value)
{
    TSEC_AUTO_BUF struct tsec_buf line = TSEC_BUF_INIT(CLI_TOKEN_MAX + 64);
    struct curl_slist *longer;

    tsec_buf_put_str(&line, name);
    tsec_buf_put_str(&line, ": ");
    tsec_buf_put_span(&line, value);
    tsec_buf_put_byte(&line, '\0');
    if (line.failed) {
        return false;
    }
    longer = curl_slist_append(*list, (const char *)line.ptr);
    if (longer == NULL) {
        return false;
    }
    *list = longer;
    return true;
}

static bool
add_headers(const struct cli_settings *settings, const struct cli_request *request,
            const char *idempotency_key, struct curl_slist **list)
{
    const char *type = request->content_type == NULL ? "application/json" : request->content_type;
    bool ok = add_header(list, "X-Vault-Request", tsec_span_str("true"));

    ok = ok && add_header(list, "Expect", tsec_span_str("")); /* no 100-continue */
    if (request->token.len > 0) {
        ok = ok && add_header(list, "X-Vault-Token", request->token);
    }
    if (request->body.len > 0) {
        ok = ok && add_header(list, "Content-Type", tsec_span_str(type));
    }
    if (strcmp(request->method, "GET") != 0) {
        ok = ok && add_header(list, "Idempotency-Key", tsec_span_str(idempotency_key));
    }
    if (settings->name_space != NULL) {
        ok = ok && add_header(list, "X-Vault-Namespace", tsec_span_str(settings->name_space));
    }
    if (settings->wrap_ttl != NULL) {
        ok = ok && add_header(list, "X-Vault-Wrap-TTL", tsec_span_str(settings->wrap_ttl));
    }
    return ok;
}

static bool
set_request(struct cli_http *http, const struct cli_request *request, const char *url,
            const struct curl_slist *headers, struct cli_reply *reply)
{
    const bool get = strcmp(request->method, "GET") == 0;
    const bool body = request->body.len > 0 || strcmp(request->method, "POST") == 0
                      || strcmp(request->method, "PUT") == 0;
    CURL *curl = http->curl;
    bool ok = curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK;

    ok = ok && curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    if (body) {
        /* borrowed, not copied */
        ok = ok
             && curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                                 request->body.ptr == NULL ? "" : (const char *)request->body.ptr)
                    == CURLE_OK;
        ok = ok
             && curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len)
                    == CURLE_OK;
    }
    ok = ok
         && curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, get ? NULL : request->method) == CURLE_OK;
    return ok;
}

static bool
is_worth_another_try(int status)
{
    return status == 412 || status == 429 || (status >= 500 && status != 501);
}

static void
wait_ms(uint64_t ms)
{
    struct timespec left = { .tv_sec = (time_t)(ms / 1000),
                             .tv_nsec = (long)(ms % 1000) * 1000000 };

    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

/** Whether the connection was never made, so that nothing was sent. */
static bool
is_unsent(CURLcode code)
{
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST
           || code == CURLE_GOT_NOTHING;
}

static enum tsec_code
code_of(const struct cli_settings *settings, CURLcode code)
{
    const bool untrusted = code == CURLE_PEER_FAILED_VERIFICATION && settings->see_peer;

    return code == CURLE_SSL_PINNEDPUBKEYNOTMATCH || untrusted ? TSEC_E_DENIED : TSEC_E_UNAVAILABLE;
}

static tsec_rc
try_until_answered(struct cli_http *http, struct cli_reply *reply, struct tsec_err *err)
{
    const struct cli_settings *s = http->settings;

    for (unsigned tries = 0;; tries++) {
        CURLcode code;
        long status = 0;

        tsec_buf_reset(&reply->body);
        reply->retry_after_s = 0;
        http->why[0] = '\0';
        code = curl_easy_perform(http->curl);
        if (code == CURLE_OK) {
            (void)curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
            reply->status = (int)status;
        }
        if (tries >= s->retries
            || !(code == CURLE_OK ? is_worth_another_try(reply->status) : is_unsent(code))) {
            return code == CURLE_OK
                       ? TSEC_OK
                       : TSEC_FAIL(err, code_of(s, code), "%.150s",
                                   http->why[0] != '\0' ? http->why : curl_easy_strerror(code));
        }
        wait_ms(reply->retry_after_s > 0 ? (uint64_t)reply->retry_after_s * 1000
                                         : s->retry_wait_ms);
    }
}

tsec_rc
cli_http_do(struct cli_http *http, const struct cli_request *request, struct cli_reply *reply,
            struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf url = TSEC_BUF_INIT(URL_MAX);
    struct curl_slist *headers = NULL;
    char idempotency_key[37];
    tsec_rc rc;

    tsec_rand_uuid(idempotency_key);
    put_url(http->settings, request, &url);
    TSEC_TRY(tsec_buf_check(&url, err));
    if (!add_headers(http->settings, request, idempotency_key, &headers)
        || !set_request(http, request, (const char *)url.ptr, headers, reply)) {
        rc = TSEC_FAIL(err, TSEC_E_INTERNAL, "libcurl refuses the request");
    } else {
        rc = try_until_answered(http, reply, err);
    }
    curl_slist_free_all(headers);
    return rc;
}
