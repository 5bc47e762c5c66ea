/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_fetch.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>

#include "codec/pct.h"

enum { CONNECT_TIMEOUT_S = 10, CHAIN_MAX = 64 * 1024, PLACE_MAX = 320 };

static size_t
on_body(char *bytes, size_t size, size_t n, void *ctx)
{
    struct maa_reply *reply = ctx;

    tsec_buf_put(&reply->body, bytes, size * n);
    return reply->body.failed ? 0 : size * n;
}

/* "SGX-PCK-CRL-Issuer-Chain: -----BEGIN%20CERTIFICATE..."; the names differ in their beginnings. */
static size_t
on_header(char *bytes, size_t size, size_t n, void *ctx)
{
    static const char end[] = "-issuer-chain";
    struct maa_reply *reply = ctx;
    const struct tsec_span line = tsec_span(bytes, size * n);
    const uint8_t *colon = line.len == 0 ? NULL : memchr(line.ptr, ':', line.len);
    const size_t name = colon == NULL ? 0 : (size_t)(colon - line.ptr);
    struct tsec_span value;

    if (name < sizeof(end) - 1
        || strncasecmp(bytes + name - (sizeof(end) - 1), end, sizeof(end) - 1) != 0) {
        return line.len;
    }
    value = tsec_span(colon + 1, line.len - name - 1);
    while (value.len > 0 && value.ptr[0] == ' ') {
        value = tsec_span(value.ptr + 1, value.len - 1);
    }
    while (value.len > 0
           && (value.ptr[value.len - 1] == '\n' || value.ptr[value.len - 1] == '\r')) {
        value.len--;
    }
    tsec_buf_reset(&reply->chain);
    return tsec_failed(tsec_pct_decode(&reply->chain, value, false, NULL)) ? 0 : line.len;
}

static bool
configure(CURL *curl, const char *url, const char *ca_file, struct maa_reply *reply)
{
    bool ok = curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK;

    ok = ok && curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
    ok =
        ok && curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)MAA_FETCH_TIMEOUT_S) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply) == CURLE_OK;
    if (ca_file != NULL) {
        ok = ok && curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file) == CURLE_OK;
        ok = ok && curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
    }
    return ok;
}

/* "egress HOST:PORT" of an https URL; false: too long, or none. */
static bool
egress_key(const char *url, char *out, size_t size)
{
    static const char scheme[] = "https://";
    const char *place = url + sizeof(scheme) - 1;
    size_t len;
    int n;

    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0) {
        return false;
    }
    len = strcspn(place, "/?#");

    const bool bracketed = len > 0 && place[0] == '[';
    const char *end = bracketed ? memchr(place, ']', len) : place;
    const bool has_port = end != NULL && memchr(end, ':', len - (size_t)(end - place)) != NULL;

    n = snprintf(out, size, "egress %.*s%s", (int)len, place, has_port ? "" : ":443");
    return n > 0 && (size_t)n < size;
}

/* Where the server says that it is reached instead; the name that TLS checks stays.  NULL: it does
 * not. */
static struct curl_slist *
way_out(const struct tsec_host *host, const char *url)
{
    char key[PLACE_MAX];
    char way[PLACE_MAX] = "::";
    const char *address = NULL;

    if (host == NULL || !egress_key(url, key, sizeof(key))) {
        return NULL;
    }
    address = host->setting(host->ctx, key);
    if (address == NULL || strlen(address) >= sizeof(way) - 2) {
        return NULL;
    }
    memcpy(way + 2, address, strlen(address) + 1);
    return curl_slist_append(NULL, way);
}

static void
start_curl(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

tsec_rc
maa_fetch(const struct tsec_host *host, const char *url, const char *ca_file, size_t max,
          struct maa_reply *out, struct tsec_err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    CURLcode got = CURLE_FAILED_INIT;
    struct curl_slist *way;
    CURL *curl;

    *out = (struct maa_reply){ .body = TSEC_BUF_INIT(max), .chain = TSEC_BUF_INIT(CHAIN_MAX) };
    (void)pthread_once(&once, start_curl);
    curl = curl_easy_init();
    if (curl == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory to fetch anything");
    }
    way = way_out(host, url);
    if (configure(curl, url, ca_file, out)
        && curl_easy_setopt(curl, CURLOPT_CONNECT_TO, way) == CURLE_OK) {
        got = curl_easy_perform(curl);
        (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(way);
    if (out->body.failed) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "%s: more than %zu bytes", url, max);
    }
    return got == CURLE_OK
               ? TSEC_OK
               : TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%s: %s", url, curl_easy_strerror(got));
}

void
maa_reply_done(struct maa_reply *reply)
{
    tsec_buf_done(&reply->body);
    tsec_buf_done(&reply->chain);
}
