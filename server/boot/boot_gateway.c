/* SPDX-License-Identifier: Apache-2.0 */
/* Listeners, TLS and limits as the configuration has them. */
#include "boot/boot_internal.h"

#include "base/log.h"
#include "conf/listener.h"

enum { REQUEST_MEMORY_MAX = 48 * 1024 * 1024 };

static void
warn_if_open(const char *address)
{
    struct conf_listener parsed;

    if (!tsec_failed(conf_listener_parse(address, &parsed, NULL)) && parsed.kind == CONF_LISTEN_TCP
        && !conf_listener_is_loopback(&parsed)) {
        tsec_log(TSEC_LOG_WARN, "tokens and secrets cross this listener without TLS",
                 TSEC_F_STR("address", address));
    }
}

static unsigned
to_ms(int64_t ns)
{
    return (unsigned)(ns / 1000000);
}

static void
set_limits(struct gateway_options *options, const struct tsec_conf *conf)
{
    options->head_ms = to_ms(conf->header_timeout_ns);
    options->body_ms = to_ms(conf->body_timeout_ns);
    options->idle_ms = to_ms(conf->idle_timeout_ns);
    options->access_log = conf->log_requests;
}

void
boot_set_gateway(struct boot *boot, const struct tsec_conf *conf)
{
    struct gateway_options options = { .listeners = NULL };

    set_limits(&options, conf);
    gateway_set_limits(boot->gateway, &options);
}

tsec_rc
boot_open_gateway(struct boot *boot, struct tsec_err *err)
{
    const struct tsec_conf *conf = boot->conf;
    struct gateway_listener listeners[BOOT_LISTENERS_MAX] = { { .address = NULL } };
    const char *origins[64];
    struct gateway_options options = {
        .listeners = listeners,
        .threads = (unsigned)conf->threads,
        .connections_max = (unsigned)conf->limit_connections,
        .request_memory_max = REQUEST_MEMORY_MAX,
        .rate_per_s = (unsigned)conf->limit_rate_per_second,
        .cors_origins = origins,
    };

    set_limits(&options, conf);
    for (size_t i = 0; i < conf->cors_origins.len && i < TSEC_ARRAY_LEN(origins); i++) {
        origins[options.cors_origin_count++] = conf->cors_origins.items[i].value;
    }
    for (size_t i = 0; i < conf->listeners.len && i < BOOT_LISTENERS_MAX; i++) {
        const char *address = conf->listeners.items[i].value;

        listeners[i] = (struct gateway_listener){ .address = address,
                                                  .tls = boot_listens_with_tls(conf, address)
                                                             ? GATEWAY_TLS_GIVEN
                                                             : GATEWAY_TLS_OFF,
                                                  .cert_pem = tsec_buf_span(&boot->cert),
                                                  .key_pem = tsec_buf_span(&boot->key) };
        if (listeners[i].tls == GATEWAY_TLS_OFF) {
            warn_if_open(address);
        }
        options.listener_count++;
    }
    TSEC_TRY(gateway_start(&options, boot->api, &tsec_clock_system, &boot->gateway, err));
    tsec_buf_done(&boot->key);
    for (size_t i = 0; i < options.listener_count; i++) {
        tsec_log(TSEC_LOG_INFO, "listening",
                 TSEC_F_STR("address", gateway_address(boot->gateway, i)),
                 TSEC_F_STR("tls", listeners[i].tls == GATEWAY_TLS_OFF ? "off" : "on"));
    }
    return TSEC_OK;
}
