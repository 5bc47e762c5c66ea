/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/remote.h"

#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stdio.h>

static void
set(char out[API_REMOTE_MAX + 1], const char *text)
{
    (void)snprintf(out, API_REMOTE_MAX + 1, "%s", text);
}

static void
ipv4_text(const void *bytes, char out[API_REMOTE_MAX + 1])
{
    if (inet_ntop(AF_INET, bytes, out, API_REMOTE_MAX + 1) == NULL) {
        set(out, "unknown");
    }
}

static void
ipv6_text(const struct in6_addr *ip, char out[API_REMOTE_MAX + 1])
{
    if (IN6_IS_ADDR_V4MAPPED(ip)) {
        ipv4_text(&ip->s6_addr[12], out);
    } else if (inet_ntop(AF_INET6, ip, out, API_REMOTE_MAX + 1) == NULL) {
        set(out, "unknown");
    }
}

/* By copy: a struct sockaddr promises no more alignment than its family needs. */
static struct in6_addr
ipv6_of(const struct sockaddr *addr)
{
    struct sockaddr_in6 in6;

    memcpy(&in6, addr, sizeof(in6));
    return in6.sin6_addr;
}

void
remote_text(const struct sockaddr *addr, char out[API_REMOTE_MAX + 1])
{
    struct sockaddr_in in;
    struct sockaddr_vm vm;
    struct in6_addr ip;

    switch (addr == NULL ? AF_UNSPEC : addr->sa_family) {
    case AF_INET:
        memcpy(&in, addr, sizeof(in));
        ipv4_text(&in.sin_addr, out);
        break;
    case AF_INET6:
        ip = ipv6_of(addr);
        ipv6_text(&ip, out);
        break;
    case AF_VSOCK:
        memcpy(&vm, addr, sizeof(vm));
        (void)snprintf(out, API_REMOTE_MAX + 1, "vsock:%u", vm.svm_cid);
        break;
    case AF_UNIX:
        set(out, "unix");
        break;
    default:
        set(out, "unknown");
        break;
    }
}

bool
remote_source(const struct sockaddr *addr, char out[API_REMOTE_MAX + 1])
{
    struct in6_addr ip;

    out[0] = '\0';
    if (addr == NULL || (addr->sa_family != AF_INET && addr->sa_family != AF_INET6)) {
        return false;
    }
    if (addr->sa_family == AF_INET) {
        remote_text(addr, out);
        return true;
    }
    ip = ipv6_of(addr);
    if (!IN6_IS_ADDR_V4MAPPED(&ip)) {
        memset(&ip.s6_addr[8], 0, 8); /* a client commands its whole /64 */
    }
    ipv6_text(&ip, out);
    return true;
}
