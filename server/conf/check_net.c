/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/check.h"
#include "conf/diag.h"
#include "conf/list.h"
#include "conf/listener.h"
#include "host/egress_target.h"

#define DEFAULT_TCP   "tcp://127.0.0.1:8200"
#define DEFAULT_NITRO "vsock://:5000"

static const struct conf_mark nowhere = { 0, 0 };

/* One address into `listeners`, with a warning where the way to it is open to strangers. */
static tsec_rc
add_listener(struct tsec_conf *conf, enum conf_id id, const char *text, struct conf_mark mark,
             struct tsec_err *err)
{
    struct conf_listener parsed;
    struct tsec_err inner = { 0 };
    const bool tls_off = strcmp(conf->tls_mode, "off") == 0;

    if (tsec_failed(conf_listener_parse(text, &parsed, &inner))) {
        return conf_wrong(err, conf->name, mark, conf_settings[id].key, "%s", inner.detail);
    }
    for (size_t i = 0; i < conf->listeners.len; i++) {
        if (strcmp(conf->listeners.items[i].value, text) == 0) {
            return conf_wrong(err, conf->name, mark, conf_settings[id].key,
                              "the same address twice");
        }
    }
    TSEC_TRY(conf_list_add(&conf->listeners, NULL, text, mark, err));
    if (parsed.kind == CONF_LISTEN_TCP && tls_off && !conf_listener_is_loopback(&parsed)) {
        return conf_warn(conf, mark, id, err,
                         "without TLS the network reads every request that "
                         "does not come through the attested channel");
    }
    if (parsed.kind == CONF_LISTEN_VSOCK && tls_off) {
        return conf_warn(conf, mark, id, err,
                         "without TLS the parent reads every "
                         "request that does not come through the attested channel");
    }
    return TSEC_OK;
}

static tsec_rc
check_listeners(struct tsec_conf *conf, struct tsec_err *err)
{
    const bool nitro = strcmp(conf->provider, "aws_nitro") == 0;

    if (nitro && conf->parent_communication_socket[0] != '\0') {
        TSEC_TRY(add_listener(conf, CONF_ID_parent_communication_socket,
                              conf->parent_communication_socket,
                              conf->marks[CONF_ID_parent_communication_socket], err));
    }
    for (size_t i = 0; i < conf->listen.len; i++) {
        TSEC_TRY(add_listener(conf, CONF_ID_listen, conf->listen.items[i].value,
                              conf->listen.items[i].mark, err));
    }
    if (conf->listeners.len == 0) {
        TSEC_TRY(
            add_listener(conf, CONF_ID_listen, nitro ? DEFAULT_NITRO : DEFAULT_TCP, nowhere, err));
    }
    return TSEC_OK;
}

static tsec_rc
check_tls(const struct tsec_conf *conf, struct tsec_err *err)
{
    const bool given = strcmp(conf->tls_mode, "given") == 0;

    if (given && conf->tls_certificate_file[0] == '\0') {
        return CONF_WRONG(conf, tls_certificate_file, err, "mode given needs it");
    }
    if (given && conf->tls_key_file[0] == '\0') {
        return CONF_WRONG(conf, tls_key_file, err, "mode given needs it");
    }
    if (!given && conf->tls_certificate_file[0] != '\0') {
        return CONF_WRONG(conf, tls_certificate_file, err, "is used with server.tls.mode: given");
    }
    if (!given && conf->tls_key_file[0] != '\0') {
        return CONF_WRONG(conf, tls_key_file, err, "is used with server.tls.mode: given");
    }
    if (conf->tls_local && strcmp(conf->tls_mode, "off") == 0) {
        return CONF_WRONG(conf, tls_local, err, "contradicts server.tls.mode: off");
    }
    return TSEC_OK;
}

/* HOST:PORT: where it leaves the enclave */
static tsec_rc
check_egress(const struct tsec_conf *conf, struct tsec_err *err)
{
    for (size_t i = 0; i < conf->egress.len; i++) {
        const struct conf_item *item = &conf->egress.items[i];
        struct conf_listener parsed;
        struct egress_target target;
        struct tsec_err inner = { 0 };
        char address[CONF_LISTEN_HOST_MAX] = "";

        if (strlen(item->key) < sizeof(address) - sizeof("tcp://")) {
            memcpy(address, "tcp://", 6);
            memcpy(address + 6, item->key, strlen(item->key) + 1);
        }
        if (tsec_failed(conf_listener_parse(address, &parsed, NULL)) || parsed.host[0] == '\0'
            || parsed.port == 0) {
            return conf_wrong(err, conf->name, item->mark, "egress", "a name here is HOST:PORT");
        }
        if (tsec_failed(egress_target_parse(item->value, &target, &inner))) {
            return conf_wrong(err, conf->name, item->mark, "egress", "%s", inner.detail);
        }
    }
    return TSEC_OK;
}

/* SCHEME://HOST[:PORT] as browsers send it: no path, no wildcard. */
static tsec_rc
check_origins(const struct tsec_conf *conf, struct tsec_err *err)
{
    for (size_t i = 0; i < conf->cors_origins.len; i++) {
        const struct conf_item *item = &conf->cors_origins.items[i];
        const char *text = item->value;
        const size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
                              : strncmp(text, "http://", 7) == 0 ? 7
                                                                 : 0;

        if (scheme == 0 || text[scheme] == '\0' || strpbrk(text + scheme, "/*?# ") != NULL) {
            return conf_wrong(err, conf->name, item->mark, "server.cors_origins",
                              "must be https://HOST or https://HOST:PORT, without a path or *");
        }
    }
    return TSEC_OK;
}

tsec_rc
conf_check_net(struct tsec_conf *conf, struct tsec_err *err)
{
    TSEC_TRY(check_tls(conf, err));
    TSEC_TRY(check_listeners(conf, err));
    TSEC_TRY(check_egress(conf, err));
    return check_origins(conf, err);
}
