/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/access.h"
#include "gateway/inside.h"
#include "gateway/say.h"

enum {
    CONNECTIONS_DEFAULT = 1024,
    HEAD_MS = 5 * 1000,
    BODY_MS = 30 * 1000,
    REPLY_MS = 60 * 1000,
    IDLE_MS = 60 * 1000,
    THREADS_MAX = 64,
};
static const size_t REQUEST_MEMORY_MAX = 32UL * 1024 * 1024;

static unsigned
or_default(unsigned value, unsigned fallback)
{
    return value == 0 ? fallback : value;
}

static unsigned
thread_count(const struct gateway_options *options)
{
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned n = or_default(options->threads, cpus < 1 ? 1 : (unsigned)cpus);

    return n > THREADS_MAX ? THREADS_MAX : n;
}

static unsigned
connections_max(const struct gateway_options *options)
{
    return or_default(options->connections_max, CONNECTIONS_DEFAULT);
}

/* What libmicrohttpd logs while it starts is the reason for a failure; later it logs each failed
 * socket option of a vsock and each client that goes away. */
__attribute__((format(printf, 2, 0))) static void
note(void *cls, const char *fmt, va_list args)
{
    struct gateway *gateway = cls;

    if (!gateway->started) {
        (void)vsnprintf(gateway->start_note, sizeof(gateway->start_note), fmt, args);
    }
}

/* libmicrohttpd 0.9.75 leaves a mutex locked when it turns a connection away at its own limit
 * (daemon.c, new_connection_process_()), and then serves nobody any more.  The accept thread
 * counts, and this limit is never reached, on whichever of its threads all connections may end up.
 */
static unsigned
mhd_connection_limit(const struct gateway_options *options, unsigned threads)
{
    return (connections_max(options) + 1) * threads;
}

static tsec_rc
start_daemon(struct gateway *gateway, struct gateway_daemon *daemon,
             const struct gateway_options *options, const struct tls_setup *tls,
             struct tsec_err *err)
{
    const unsigned threads = thread_count(options);
    const unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC
                           | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG
                           | (tls == NULL ? 0U : (unsigned)MHD_USE_TLS);
    struct MHD_OptionItem items[6];
    size_t n = 0;

    daemon->gateway = gateway;
    daemon->tls = tls != NULL;
    if (threads > 1) {
        items[n++] =
            (struct MHD_OptionItem){ MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL };
    }
    if (tls != NULL) {
        items[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, tls->cert_pem.ptr };
        items[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key_pem.ptr };
        items[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0,
                                              (void *)(uintptr_t)tls->priorities };
    }
    items[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
    daemon->mhd = MHD_start_daemon(
        flags, 0, NULL, NULL, access_handle, daemon, MHD_OPTION_EXTERNAL_LOGGER, note, gateway,
        MHD_OPTION_CONNECTION_LIMIT, mhd_connection_limit(options, threads),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)GATEWAY_POOL_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_NOTIFY_CONNECTION, access_connection, daemon,
        MHD_OPTION_URI_LOG_CALLBACK, access_request_line, daemon, MHD_OPTION_UNESCAPE_CALLBACK,
        access_unescape, NULL, MHD_OPTION_NOTIFY_COMPLETED, access_completed, daemon,
        MHD_OPTION_ARRAY, items, MHD_OPTION_END);
    if (daemon->mhd == NULL) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "libmicrohttpd did not start: %s",
                         gateway->start_note);
    }
    return TSEC_OK;
}

static struct gateway_daemon *
plain_daemon(struct gateway *gateway)
{
    for (size_t i = 0; i < gateway->daemon_count; i++) {
        if (!gateway->daemons[i].tls) {
            return &gateway->daemons[i];
        }
    }
    return NULL;
}

static tsec_rc
start_port(struct gateway *gateway, const struct gateway_listener *listener,
           const struct gateway_options *options, struct tsec_err *err)
{
    struct gateway_port *port = &gateway->ports[gateway->port_count];
    struct tls_setup *tls = NULL;
    tsec_rc rc;

    TSEC_TRY(listen_open(listener->address, &port->socket, err));
    gateway->port_count++;
    if (listener->tls == GATEWAY_TLS_OFF) {
        port->daemon = plain_daemon(gateway);
    } else {
        tls = &port->tls;
        TSEC_TRY(tls_setup_init(tls, listener, options->key_exchange, gateway->clock, err));
    }
    if (port->daemon != NULL) {
        return TSEC_OK;
    }
    port->daemon = &gateway->daemons[gateway->daemon_count++];
    rc = start_daemon(gateway, port->daemon, options, tls, err);
    if (tls != NULL) {
        tls_setup_forget_key(tls); /* GnuTLS has parsed it */
    }
    return rc;
}

static void
take_connection(void *ctx, int fd, const struct sockaddr *addr, socklen_t len)
{
    struct gateway_daemon *daemon = ctx;
    struct gateway *gateway = daemon->gateway;

    if (!conn_table_reserve(gateway->conns)) {
        if (!daemon->tls) {
            say_refusal(fd, TSEC_E_BUSY);
        }
        (void)close(fd);
        atomic_fetch_add_explicit(&gateway->refused, 1, memory_order_relaxed);
        return;
    }
    if (MHD_add_connection(daemon->mhd, fd, addr, len) != MHD_YES) {
        conn_table_forget(gateway->conns); /* and libmicrohttpd has closed fd */
    }
}

static tsec_rc
start_accepting(struct gateway *gateway, struct tsec_err *err)
{
    struct accept_source sources[GATEWAY_LISTENERS_MAX];

    for (size_t i = 0; i < gateway->port_count; i++) {
        sources[i] = (struct accept_source){
            .fd = gateway->ports[i].socket.fd,
            .family = gateway->ports[i].socket.family,
            .ctx = gateway->ports[i].daemon,
        };
    }
    return accept_start(sources, gateway->port_count, take_connection, &gateway->accepting, err);
}

static struct conn_limits
limits_of(const struct gateway_options *options)
{
    return (struct conn_limits){
        .ms = { [CONN_HEAD] = or_default(options->head_ms, HEAD_MS),
                [CONN_BODY] = or_default(options->body_ms, BODY_MS),
                [CONN_REPLY] = or_default(options->reply_ms, REPLY_MS),
                [CONN_IDLE] = or_default(options->idle_ms, IDLE_MS) },
        .max = connections_max(options),
    };
}

void
gateway_set_limits(struct gateway *gateway, const struct gateway_options *options)
{
    const struct conn_limits limits = limits_of(options);

    conn_table_set_limits(gateway->conns, &limits);
    atomic_store(&gateway->access_log, options->access_log);
}

static tsec_rc
start_parts(struct gateway *gateway, const struct gateway_options *options, struct tsec_err *err)
{
    const struct conn_limits limits = limits_of(options);
    const size_t memory_max =
        options->request_memory_max == 0 ? REQUEST_MEMORY_MAX : options->request_memory_max;

    TSEC_TRY(cors_init(&gateway->cors, options->cors_origins, options->cors_origin_count, err));
    TSEC_TRY(conn_table_new(&limits, gateway->clock, &gateway->conns, err));
    TSEC_TRY(exchange_pool_new(gateway, memory_max, &gateway->exchanges, err));
    if (options->rate_per_s != 0) {
        TSEC_TRY(rate_new(options->rate_per_s, options->rate_burst, &gateway->rate, err));
    }
    if (options->hsts_max_age_s != 0) {
        (void)snprintf(gateway->hsts, sizeof(gateway->hsts), "max-age=%u", options->hsts_max_age_s);
    }
    gateway->access_log = options->access_log;
    for (size_t i = 0; i < options->listener_count; i++) {
        TSEC_TRY(start_port(gateway, &options->listeners[i], options, err));
    }
    return start_accepting(gateway, err);
}

tsec_rc
gateway_start(const struct gateway_options *options, struct api *api,
              const struct tsec_clock *clock, struct gateway **out, struct tsec_err *err)
{
    TSEC_AUTO(gateway_stop) struct gateway *gateway = NULL;

    if (options->listener_count == 0 || options->listener_count > GATEWAY_LISTENERS_MAX) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "between 1 and %d listeners, not %zu",
                         GATEWAY_LISTENERS_MAX, options->listener_count);
    }
    gateway = calloc(1, sizeof(*gateway));
    if (gateway == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "gateway");
    }
    gateway->api = api;
    gateway->clock = clock;
    TSEC_TRY(start_parts(gateway, options, err));
    gateway->started = true;
    *out = TSEC_TAKE(gateway);
    return TSEC_OK;
}
