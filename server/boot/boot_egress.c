/* SPDX-License-Identifier: Apache-2.0 */
/* The way out of an enclave, and how plugins are told of it. */
#include "boot/boot_internal.h"

#include <stdio.h>

#include "base/log.h"

/* The parent is on this machine: one that does not take a connection soon will not.  A plugin that
 * knows several hosts must have time left for the next. */
#define CONNECT_MIN_NS (250 * TSEC_NS_PER_MS)

static int64_t
connect_timeout_ns(const struct tsec_conf *conf)
{
    const int64_t part = boot_store_share_ns(conf) / 4;

    return part < CONNECT_MIN_NS ? CONNECT_MIN_NS : part;
}

static tsec_rc
read_routes(const struct tsec_conf *conf, struct egress_route *routes, struct tsec_err *err)
{
    for (size_t i = 0; i < conf->egress.len; i++) {
        routes[i].name = conf->egress.items[i].key;
        TSEC_TRY(egress_target_parse(conf->egress.items[i].value, &routes[i].target, err));
    }
    return TSEC_OK;
}

tsec_rc
boot_open_egress(struct boot *boot, struct tsec_err *err)
{
    const struct tsec_conf *conf = boot->conf;
    struct egress_route routes[EGRESS_ROUTES_MAX];
    const struct egress_options options = { .routes = routes,
                                            .routes_len = conf->egress.len,
                                            .connect_timeout_ns = connect_timeout_ns(conf) };

    if (conf->egress.len == 0) {
        return TSEC_OK;
    }
    if (conf->egress.len > EGRESS_ROUTES_MAX) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "egress: more than %d entries", EGRESS_ROUTES_MAX);
    }
    TSEC_TRY(read_routes(conf, routes, err));
    TSEC_TRY(egress_start(&options, &boot->egress, err));
    for (size_t i = 0; i < conf->egress.len; i++) {
        struct boot_way_out *way = &boot->ways_out[boot->ways_out_len++];

        (void)snprintf(way->key, sizeof(way->key), "egress %s", conf->egress.items[i].key);
        (void)snprintf(way->address, sizeof(way->address), "127.0.0.1:%u",
                       (unsigned)egress_port(boot->egress, i));
        tsec_log(TSEC_LOG_INFO, "egress", TSEC_F_STR("to", conf->egress.items[i].key),
                 TSEC_F_STR("by", conf->egress.items[i].value));
    }
    return TSEC_OK;
}

void
boot_close_egress(struct boot *boot)
{
    egress_stop(boot->egress);
    boot->egress = NULL;
}
