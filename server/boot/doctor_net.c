/* SPDX-License-Identifier: Apache-2.0 */
/* What is outside of the process: ways out, the database, addresses to listen on. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "boot/doctor_internal.h"
#include "gateway/listen.h"
#include "host/egress_target.h"

enum { CONNECT_MS = 2000 };

/* 0, or why not. */
static int
connects(const struct egress_target *target)
{
    const int fd = egress_target_connect(target);
    struct pollfd wait = { .fd = fd, .events = POLLOUT };
    socklen_t len = sizeof(int);
    int why = 0;

    if (fd < 0) {
        return -fd;
    }
    if (poll(&wait, 1, CONNECT_MS) != 1) {
        why = ETIMEDOUT;
    } else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len) != 0) {
        why = errno;
    }
    (void)close(fd);
    return why;
}

static void
say_way_out(const struct conf_item *item, struct doctor_report *report)
{
    struct egress_target target;
    struct tsec_err err = { 0 };
    int why;

    if (tsec_failed(egress_target_parse(item->value, &target, &err))) {
        doctor_say(report, DOCTOR_FAIL, "egress", "see egress in tee-secrets.yaml(5)", "%s: %s",
                   item->key, err.detail);
        return;
    }
    why = connects(&target);
    if (why != 0) {
        doctor_say(report, DOCTOR_FAIL, "egress",
                   "start the parent's proxy for it (vsock-proxy), with that host in its allowlist",
                   "%s by %s: %s", item->key, item->value, strerror(why));
        return;
    }
    doctor_say(report, DOCTOR_OK, "egress", NULL, "%s by %s: the parent takes connections",
               item->key, item->value);
}

void
doctor_egress(struct boot *boot, struct doctor_report *report)
{
    struct tsec_err err = { 0 };

    for (size_t i = 0; i < boot->conf->egress.len; i++) {
        say_way_out(&boot->conf->egress.items[i], report);
    }
    if (tsec_failed(boot_open_egress(boot, &err))) {
        doctor_say(report, DOCTOR_FAIL, "egress", "bring the loopback interface up", "%s",
                   err.detail);
    }
}

void
doctor_store(struct boot *boot, struct doctor_report *report)
{
    struct tsec_err err = { 0 };
    const struct tsec_store_ops *ops;

    if (tsec_failed(boot_open_store(boot, &err))) {
        doctor_say(report, DOCTOR_FAIL, "store",
                   "is it up and reachable from here, and are its tables made (tee-secretsd "
                   "--migrate)?  A SQLite file is one server's: stop that first",
                   "%s", err.detail);
        boot->store = NULL;
        return;
    }
    ops = boot->store_plugin.plugin->store;
    if (tsec_failed(ops->health(boot->store, &err))) {
        doctor_say(report, DOCTOR_FAIL, "store", "see the plugin's page (docs/store-*.md)",
                   "%s: %s", boot->store_plugin.plugin->name, err.detail);
    } else if (err.detail[0] != '\0') {
        doctor_say(report, DOCTOR_WARN, "store", "see the plugin's page (docs/store-*.md)",
                   "%s: %s", boot->store_plugin.plugin->name, err.detail);
    } else {
        doctor_say(report, DOCTOR_OK, "store", NULL, "%s opens and takes commits",
                   boot->store_plugin.plugin->name);
    }
}

void
doctor_listeners(const struct tsec_conf *conf, struct doctor_report *report)
{
    for (size_t i = 0; i < conf->listeners.len; i++) {
        struct listen_socket socket = { .fd = -1 };
        struct tsec_err err = { 0 };
        const char *address = conf->listeners.items[i].value;

        if (tsec_failed(listen_open(address, &socket, &err))) {
            doctor_say(report, DOCTOR_FAIL, "listener",
                       "end what has it (a server that runs already?), or choose another address",
                       "%s: %s", address, err.detail);
            continue;
        }
        listen_close(&socket);
        doctor_say(report, DOCTOR_OK, "listener", NULL, "%s is free", address);
    }
}
