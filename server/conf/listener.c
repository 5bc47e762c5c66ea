/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/listener.h"

#include <string.h>

/* A whole decimal of at most `max`. */
static bool
number(const char *text, uint64_t max, uint32_t *out)
{
    uint64_t n = 0;

    if (*text == '\0') {
        return false;
    }
    for (const char *p = text; *p != '\0'; p++) {
        if (*p < '0' || *p > '9') {
            return false;
        }
        n = n * 10 + (uint64_t)(*p - '0');
        if (n > max) {
            return false;
        }
    }
    *out = (uint32_t)n;
    return true;
}

static tsec_rc
parse_vsock(const char *rest, struct conf_listener *out, struct tsec_err *err)
{
    const char *colon = strchr(rest, ':');
    char cid[12] = "";
    const size_t len = colon == NULL ? 0 : (size_t)(colon - rest);

    out->kind = CONF_LISTEN_VSOCK;
    out->cid = CONF_CID_ANY;
    if (colon == NULL || len >= sizeof(cid)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "must be vsock://CID:PORT; an empty CID is any");
    }
    memcpy(cid, rest, len);
    if (len > 0 && !number(cid, CONF_CID_ANY, &out->cid)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "the CID of a vsock address is a number");
    }
    if (!number(colon + 1, CONF_CID_ANY - 1, &out->port) || out->port == 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "the port of a vsock address is a number above 0");
    }
    return TSEC_OK;
}

static bool
host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || (c != '\0' && strchr(".-_:%", c) != NULL);
}

static tsec_rc
parse_tcp(const char *rest, struct conf_listener *out, struct tsec_err *err)
{
    const char *colon = strrchr(rest, ':');
    size_t len = colon == NULL ? 0 : (size_t)(colon - rest);
    const char *host = rest;
    const bool bracketed = len >= 2 && rest[0] == '[' && rest[len - 1] == ']';

    out->kind = CONF_LISTEN_TCP;
    if (bracketed) {
        host++;
        len -= 2;
    }
    if (colon == NULL || len >= sizeof(out->host) || !number(colon + 1, 65535, &out->port)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "must be tcp://HOST:PORT with a port up to 65535");
    }
    for (size_t i = 0; i < len; i++) {
        if (!host_byte(host[i]) || (host[i] == ':' && !bracketed)) {
            return TSEC_FAIL(err, TSEC_E_CONFIG,
                             "the host of a tcp address is a name, an IPv4 address, or an IPv6 "
                             "address in [ ]");
        }
    }
    memcpy(out->host, host, len);
    out->host[len] = '\0';
    return TSEC_OK;
}

static tsec_rc
parse_unix(const char *rest, struct conf_listener *out, struct tsec_err *err)
{
    const size_t len = strlen(rest);

    out->kind = CONF_LISTEN_UNIX;
    if (rest[0] != '/' || len < 2 || len >= sizeof(out->path)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "must be unix:///PATH, absolute and of at most %d bytes",
                         CONF_LISTEN_PATH_MAX - 1);
    }
    memcpy(out->path, rest, len + 1);
    return TSEC_OK;
}

tsec_rc
conf_listener_parse(const char *text, struct conf_listener *out, struct tsec_err *err)
{
    static const struct {
        const char *scheme;
        tsec_rc (*parse)(const char *rest, struct conf_listener *out, struct tsec_err *err);
    } schemes[] = {
        { "tcp://", parse_tcp },
        { "unix://", parse_unix },
        { "vsock://", parse_vsock },
    };

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        const size_t len = strlen(schemes[i].scheme);

        if (strncmp(text, schemes[i].scheme, len) == 0) {
            return schemes[i].parse(text + len, out, err);
        }
    }
    return TSEC_FAIL(err, TSEC_E_CONFIG,
                     "must be tcp://HOST:PORT, unix:///PATH or vsock://CID:PORT");
}

bool
conf_listener_is_loopback(const struct conf_listener *listener)
{
    return listener->kind == CONF_LISTEN_TCP
           && (strncmp(listener->host, "127.", 4) == 0 || strcmp(listener->host, "::1") == 0
               || strcmp(listener->host, "localhost") == 0);
}
