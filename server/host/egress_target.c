/* SPDX-License-Identifier: Apache-2.0 */
#include "host/egress_target.h"

#include <errno.h>
#include <linux/vm_sockets.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static bool
parse_number(const char *text, size_t len, uint32_t *out)
{
    uint64_t value = 0;

    if (len == 0 || len > 10) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *out = (uint32_t)value;
    return value <= UINT32_MAX;
}

static tsec_rc
parse_unix(const char *path, struct egress_target *out, struct tsec_err *err)
{
    if (path[0] != '/' || strlen(path) >= sizeof(out->path)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "a Unix socket is unix:/PATH, under %d bytes",
                         EGRESS_PATH_MAX);
    }
    memcpy(out->path, path, strlen(path) + 1);
    return TSEC_OK;
}

tsec_rc
egress_target_parse(const char *text, struct egress_target *out, struct tsec_err *err)
{
    static const char scheme[] = "unix:";
    const char *colon = strchr(text, ':');
    const char *port = colon == NULL ? text : colon + 1;

    *out = (struct egress_target){ .cid = EGRESS_PARENT_CID };
    if (strncmp(text, scheme, sizeof(scheme) - 1) == 0) {
        return parse_unix(text + sizeof(scheme) - 1, out, err);
    }
    if (colon != NULL && !parse_number(text, (size_t)(colon - text), &out->cid)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "a vsock CID is a number");
    }
    if (!parse_number(port, strlen(port), &out->port) || out->port == 0
        || out->port == VMADDR_PORT_ANY || out->cid == VMADDR_CID_ANY) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "a vsock port is a number");
    }
    return TSEC_OK;
}

static int
connect_to(int family, const void *address, socklen_t len)
{
    const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int why;

    if (fd < 0) {
        return -errno;
    }
    if (connect(fd, address, len) == 0 || errno == EINPROGRESS) {
        return fd;
    }
    why = errno;
    (void)close(fd);
    return -why;
}

int
egress_target_connect(const struct egress_target *target)
{
    if (target->path[0] != '\0') {
        struct sockaddr_un to = { .sun_family = AF_UNIX };

        memcpy(to.sun_path, target->path, strlen(target->path) + 1);
        return connect_to(AF_UNIX, &to, sizeof(to));
    }

    const struct sockaddr_vm to = { .svm_family = AF_VSOCK,
                                    .svm_cid = target->cid,
                                    .svm_port = target->port };

    return connect_to(AF_VSOCK, &to, sizeof(to));
}
