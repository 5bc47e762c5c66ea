/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/gateway.h"

#include <stdlib.h>
#include <time.h>

#include "gateway/inside.h"

enum { POLL_MS = 2 };

const char *
gateway_address(const struct gateway *gateway, size_t i)
{
    return i < gateway->port_count ? gateway->ports[i].socket.address : NULL;
}

struct tsec_span
gateway_certificate(const struct gateway *gateway, size_t i)
{
    return i < gateway->port_count ? tsec_buf_span(&gateway->ports[i].tls.cert_pem)
                                   : tsec_span(NULL, 0);
}

struct gateway_counts
gateway_counts(const struct gateway *gateway)
{
    return (struct gateway_counts){
        .connections = conn_table_count(gateway->conns),
        .requests_active = atomic_load(&gateway->active),
        .requests_total = atomic_load(&gateway->total),
        .refused_total = atomic_load(&gateway->refused),
        .timed_out_total = conn_table_timed_out(gateway->conns),
    };
}

/* Neither count is waited for on the path of a request, so here is asked again and again. */
static bool
wait_zero(const _Atomic unsigned *count, int64_t deadline_ns)
{
    const struct timespec pause = { .tv_sec = 0, .tv_nsec = POLL_MS * 1000000L };

    while (atomic_load(count) != 0) {
        if (tsec_clock_mono_ns(&tsec_clock_system) > deadline_ns) {
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
    return true;
}

static void
stop_accepting(struct gateway *gateway)
{
    accept_stop(TSEC_TAKE(gateway->accepting));
    for (size_t i = 0; i < gateway->port_count; i++) {
        listen_close(&gateway->ports[i].socket);
    }
}

bool
gateway_drain(struct gateway *gateway, unsigned timeout_ms)
{
    const int64_t start_ns = tsec_clock_mono_ns(&tsec_clock_system);

    stop_accepting(gateway);
    atomic_store(&gateway->draining, true);
    conn_table_close_idle(gateway->conns);
    return wait_zero(&gateway->active, start_ns + (int64_t)timeout_ms * 1000000);
}

void
gateway_stop(struct gateway *gateway)
{
    if (gateway == NULL) {
        return;
    }
    stop_accepting(gateway);
    /* libmicrohttpd aborts when it is stopped while a connection is suspended. */
    atomic_store(&gateway->stopping, true);
    (void)wait_zero(&gateway->pending, INT64_MAX);
    for (size_t i = 0; i < gateway->daemon_count; i++) {
        if (gateway->daemons[i].mhd != NULL) {
            MHD_stop_daemon(gateway->daemons[i].mhd);
        }
    }
    for (size_t i = 0; i < gateway->port_count; i++) {
        tls_setup_done(&gateway->ports[i].tls);
    }
    exchange_pool_free(gateway->exchanges);
    conn_table_free(gateway->conns);
    rate_free(gateway->rate);
    free(gateway);
}
