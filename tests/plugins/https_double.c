/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/https_double.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/sign.h"

enum { PEM_MAX = 8192 };

static void
need(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "https double: %s\n", what);
        abort();
    }
}

/* ---- answering ---- */

struct query {
    char text[128];
};

static enum MHD_Result
put_argument(void *ctx, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct query *q = ctx;
    const size_t len = strlen(q->text);

    (void)kind;
    (void)snprintf(q->text + len, sizeof(q->text) - len, "%s%s=%s",
                   strchr(q->text, '?') == NULL ? "?" : "&", key, value == NULL ? "" : value);
    return MHD_YES;
}

static struct MHD_Response *
respond(struct https_double *server, const char *path, unsigned *status)
{
    struct MHD_Response *response = NULL;

    (void)pthread_mutex_lock(&server->lock);
    if (server->asked_len < HTTPS_DOUBLE_ASKED) {
        (void)snprintf(server->asked[server->asked_len++], 128, "%s", path);
    }
    *status = MHD_HTTP_NOT_FOUND;
    for (size_t i = 0; i < server->pages_len && response == NULL; i++) {
        const struct https_page *page = &server->pages[i];

        if (strcmp(page->path, path) != 0) {
            continue;
        }
        *status = page->status;
        response = MHD_create_response_from_buffer(
            page->body.len, (void *)(uintptr_t)page->body.ptr, MHD_RESPMEM_MUST_COPY);
        if (page->header != NULL) {
            (void)MHD_add_response_header(response, page->header, page->header_value);
        }
    }
    (void)pthread_mutex_unlock(&server->lock);
    return response != NULL ? response
                            : MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result
answer(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
       const char *version, const char *upload, size_t *upload_len, void **state)
{
    struct query q = { "" };
    struct MHD_Response *response;
    enum MHD_Result done;
    unsigned status = 0;

    (void)method;
    (void)version;
    (void)upload;
    (void)upload_len;
    (void)state;
    (void)snprintf(q.text, sizeof(q.text), "%s", url);
    (void)MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, put_argument, &q);
    response = respond(ctx, q.text, &status);
    done = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return done;
}

/* ---- life ---- */

static void
make_pair(struct tsec_buf *key_pem, struct tsec_buf *cert_pem)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    const int64_t now_s = tsec_clock_real_ns(&tsec_clock_system) / TSEC_NS_PER_S;

    need(!tsec_failed(tsec_key_generate(TSEC_KEY_P256, &key, NULL)), "a key");
    need(!tsec_failed(tsec_self_signed(key, "localhost", now_s, 1, cert_pem, NULL)), "a cert");
    need(!tsec_failed(tsec_key_pem(key, key_pem, NULL)), "a PEM key");
    tsec_buf_put_byte(key_pem, '\0');
    tsec_buf_put_byte(cert_pem, '\0');
}

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    need(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, path);
}

void
https_double_start(struct https_double *server, const char *ca_file)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(PEM_MAX);
    TSEC_AUTO_BUF struct tsec_buf cert = TSEC_BUF_INIT(PEM_MAX);
    const union MHD_DaemonInfo *info;

    memset(server, 0, sizeof(*server));
    (void)pthread_mutex_init(&server->lock, NULL);
    make_pair(&key, &cert);
    (void)snprintf(server->ca_file, sizeof(server->ca_file), "%s", ca_file);
    write_file(ca_file, (const char *)cert.ptr);
    server->daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS, 0, NULL, NULL, answer,
                         server, MHD_OPTION_HTTPS_MEM_KEY, (const char *)key.ptr,
                         MHD_OPTION_HTTPS_MEM_CERT, (const char *)cert.ptr, MHD_OPTION_END);
    need(server->daemon != NULL, "does not listen");
    info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    (void)snprintf(server->url, sizeof(server->url), "https://localhost:%u", (unsigned)info->port);
}

void
https_double_stop(struct https_double *server)
{
    MHD_stop_daemon(server->daemon);
    (void)pthread_mutex_destroy(&server->lock);
}

void
https_double_page(struct https_double *server, const struct https_page *page)
{
    size_t i = 0;

    (void)pthread_mutex_lock(&server->lock);
    while (i < server->pages_len && strcmp(server->pages[i].path, page->path) != 0) {
        i++;
    }
    need(i < HTTPS_DOUBLE_PAGES, "too many pages");
    server->pages[i] = *page;
    server->pages_len = i == server->pages_len ? i + 1 : server->pages_len;
    (void)pthread_mutex_unlock(&server->lock);
}

size_t
https_double_asked(struct https_double *server, const char *path)
{
    size_t n = 0;

    (void)pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->asked_len; i++) {
        n += strcmp(server->asked[i], path) == 0 ? 1 : 0;
    }
    (void)pthread_mutex_unlock(&server->lock);
    return n;
}
