/* SPDX-License-Identifier: Apache-2.0 */
/* What libmicrohttpd alone can do: every request is answered with the same bytes, nothing is read,
 * checked, sealed or stored.  The ceiling that the server's rate is divided by.
 *
 *     ceiling_http PORT THREADS FILE */
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char body[1 << 20];
static size_t body_len;

static enum MHD_Result
answer(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
       const char *version, const char *upload, size_t *upload_len, void **state)
{
    static int seen;

    (void)ctx, (void)url, (void)method, (void)version, (void)upload;
    if (*state == NULL) {
        *state = &seen;
        return MHD_YES;
    }
    if (*upload_len > 0) {
        *upload_len = 0;
        return MHD_YES;
    }

    struct MHD_Response *response =
        MHD_create_response_from_buffer(body_len, body, MHD_RESPMEM_PERSISTENT);

    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    (void)MHD_add_response_header(response, "Cache-Control", "no-store");

    const enum MHD_Result queued = MHD_queue_response(connection, MHD_HTTP_OK, response);

    MHD_destroy_response(response);
    return queued;
}

int
main(int argc, char **argv)
{
    sigset_t set;
    int got;

    if (argc != 4) {
        (void)fputs("usage: ceiling_http PORT THREADS FILE\n", stderr);
        return 64;
    }

    FILE *in = fopen(argv[3], "rb");

    if (in == NULL) {
        perror(argv[3]);
        return 66;
    }
    body_len = fread(body, 1, sizeof(body), in);
    (void)fclose(in);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);

    const unsigned threads = (unsigned)strtoul(argv[2], NULL, 10);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD, (uint16_t)strtoul(argv[1], NULL, 10), NULL, NULL, answer,
        NULL, MHD_OPTION_CONNECTION_LIMIT, 2048U, MHD_OPTION_LISTEN_BACKLOG_SIZE, 2048U,
        threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, MHD_OPTION_END);

    if (daemon == NULL) {
        (void)fputs("ceiling_http: cannot listen\n", stderr);
        return 69;
    }
    (void)sigwait(&set, &got);
    MHD_stop_daemon(daemon);
    return 0;
}
