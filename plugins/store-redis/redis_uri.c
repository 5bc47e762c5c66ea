/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_uri.h"

#include <stdio.h>
#include <sys/un.h>

#include "base/buf.h"
#include "codec/pct.h"

enum { REDIS_PORT = 6379, SENTINEL_PORT = 26379 };

/* The key names carry it between braces; what may stand in a host's name may stand here. */
static const char prefix_chars[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";

/* ---- pieces ---- */

/* Cuts `*text` at the first `sep` and gives what stood before it; all of it when there is none. */
static struct tsec_span
cut(struct tsec_span *text, char sep, bool *found)
{
    const uint8_t *at = text->len == 0 ? NULL : memchr(text->ptr, sep, text->len);
    const size_t len = at == NULL ? text->len : (size_t)(at - text->ptr);
    const struct tsec_span head = tsec_span(text->ptr, len);
    const size_t skip = at == NULL ? len : len + 1;

    *text = tsec_span(text->ptr + skip, text->len - skip);
    *found = at != NULL;
    return head;
}

static bool
to_number(struct tsec_span text, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;

    if (text.len == 0 || text.len > 10) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        n = n * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *out = n;
    return n <= max;
}

/* Percent-decoded, as text that ends in NUL; plain characters only. */
static bool
to_text(struct tsec_span from, char *out, size_t max)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(max);

    if (tsec_failed(tsec_pct_decode(&buf, from, false, NULL))
        || tsec_failed(tsec_buf_check(&buf, NULL)) || !tsec_text_plain(tsec_buf_span(&buf))) {
        return false;
    }
    if (buf.len > 0) {
        memcpy(out, buf.ptr, buf.len);
    }
    out[buf.len] = '\0';
    return true;
}

/* ---- places ---- */

static bool
parse_vsock(struct tsec_span text, uint32_t default_port, struct redis_place *out)
{
    bool found = false;
    uint64_t cid = 0;
    uint64_t port = default_port;
    const struct tsec_span first = cut(&text, ':', &found);

    if (!to_number(first, UINT32_MAX, &cid)
        || (found && (!to_number(text, UINT32_MAX, &port) || port == 0))) {
        return false;
    }
    *out =
        (struct redis_place){ .family = REDIS_VSOCK, .cid = (uint32_t)cid, .port = (uint32_t)port };
    return true;
}

/* Takes the host off the front of `*text`; what is left is empty or ":PORT". */
static bool
parse_host(struct tsec_span *text, struct redis_place *out)
{
    const bool bracket = text->len > 0 && text->ptr[0] == '[';
    size_t len = 0;

    while (len < text->len && text->ptr[len] != (bracket ? ']' : ':')) {
        len++;
    }
    if (bracket && len == text->len) {
        return false;
    }

    const struct tsec_span host =
        bracket ? tsec_span(text->ptr + 1, len - 1) : tsec_span(text->ptr, len);
    const size_t skip = bracket ? len + 1 : len;

    if (host.len == 0 || !to_text(host, out->host, REDIS_HOST_MAX)) {
        return false;
    }
    *text = tsec_span(text->ptr + skip, text->len - skip);
    return out->host[0] != '\0' && strpbrk(out->host, "/@[] ") == NULL;
}

bool
redis_place_parse(struct tsec_span text, uint32_t default_port, struct redis_place *out)
{
    uint64_t port = default_port;

    *out = (struct redis_place){ .family = REDIS_TCP };
    if (tsec_span_starts(text, tsec_span_str("vsock:"))) {
        return parse_vsock(tsec_span(text.ptr + 6, text.len - 6), default_port, out);
    }
    if (!parse_host(&text, out)) {
        return false;
    }
    if (text.len > 0
        && (text.ptr[0] != ':'
            || !to_number(tsec_span(text.ptr + 1, text.len - 1), UINT16_MAX, &port))) {
        return false;
    }
    out->port = (uint32_t)port;
    return port != 0;
}

void
redis_place_text(const struct redis_place *place, char *out)
{
    const bool v6 = strchr(place->host, ':') != NULL;

    switch (place->family) {
    case REDIS_UNIX:
        (void)snprintf(out, REDIS_PLACE_TEXT, "%s", place->host);
        break;
    case REDIS_VSOCK:
        (void)snprintf(out, REDIS_PLACE_TEXT, "vsock:%u:%u", place->cid, place->port);
        break;
    case REDIS_TCP:
    default:
        (void)snprintf(out, REDIS_PLACE_TEXT, v6 ? "[%s]:%u" : "%s:%u", place->host, place->port);
        break;
    }
}

static tsec_rc
take_places(struct tsec_span hosts, struct redis_uri *out, struct tsec_err *err)
{
    const uint32_t port = out->sentinel[0] != '\0' ? SENTINEL_PORT : REDIS_PORT;
    bool more = true;

    while (more) {
        const struct tsec_span host = cut(&hosts, ',', &more);

        if (out->places_len == REDIS_PLACES_MAX) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "the Redis URI names more than %d hosts",
                             REDIS_PLACES_MAX);
        }
        if (!redis_place_parse(host, port, &out->places[out->places_len])) {
            return TSEC_FAIL(err, TSEC_E_CONFIG,
                             "host %zu of the Redis URI: write NAME, NAME:PORT, [IPV6]:PORT or "
                             "vsock:CID:PORT",
                             out->places_len + 1);
        }
        out->places_len++;
    }
    return TSEC_OK;
}

static tsec_rc
take_socket(struct tsec_span path, struct redis_uri *out, struct tsec_err *err)
{
    struct redis_place *place = &out->places[0];
    const size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

    place->family = REDIS_UNIX;
    if (path.len < 2 || path.ptr[0] != '/' || !to_text(path, place->host, max)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "write redis+unix:///PATH/OF/SOCKET, of at most %zu bytes", max);
    }
    out->places_len = 1;
    return TSEC_OK;
}

/* ---- who, and options ---- */

static tsec_rc
take_user(struct tsec_span who, struct redis_uri *out, struct tsec_err *err)
{
    const struct tsec_span user = cut(&who, ':', &out->has_password);

    if (!to_text(user, out->user, REDIS_USER_MAX)
        || !to_text(who, out->password, REDIS_PASSWORD_MAX)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "user or password of the Redis URI: too long, or badly escaped: write "
                         "anything but letters and digits as %%XX");
    }
    if (!out->has_password || out->password[0] == '\0') {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "the Redis URI names a user without a password: write USER:PASSWORD@");
    }
    return TSEC_OK;
}

static tsec_rc
take_db(struct tsec_span text, struct redis_uri *out, struct tsec_err *err)
{
    uint64_t n = 0;

    if (!to_number(text, REDIS_DB_MAX, &n)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "the database of the Redis URI is a number, 0 to %d",
                         REDIS_DB_MAX);
    }
    out->db = (unsigned)n;
    return TSEC_OK;
}

static tsec_rc
take_prefix(struct tsec_span value, struct redis_uri *out, struct tsec_err *err)
{
    if (!to_text(value, out->prefix, REDIS_NAME_MAX) || out->prefix[0] == '\0'
        || strspn(out->prefix, prefix_chars) != strlen(out->prefix)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "prefix= of the Redis URI: 1 to %d letters, digits, '.', '-', '_', ':'",
                         REDIS_NAME_MAX);
    }
    return TSEC_OK;
}

static tsec_rc
take_option(struct tsec_span option, struct redis_uri *out, struct tsec_err *err)
{
    bool has_value = false;
    uint64_t n = 0;
    const struct tsec_span name = cut(&option, '=', &has_value);

    if (tsec_span_is(name, "db")) {
        return take_db(option, out, err);
    }
    if (tsec_span_is(name, "prefix")) {
        return take_prefix(option, out, err);
    }
    if (tsec_span_is(name, "sentinel")) {
        if (!to_text(option, out->sentinel, REDIS_NAME_MAX) || out->sentinel[0] == '\0') {
            return TSEC_FAIL(err, TSEC_E_CONFIG,
                             "sentinel= of the Redis URI names the master as the sentinels do");
        }
        return TSEC_OK;
    }
    if (tsec_span_is(name, "wait_replicas")) {
        if (!to_number(option, REDIS_WAIT_MAX, &n)) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "wait_replicas= of the Redis URI: 0 to %d",
                             REDIS_WAIT_MAX);
        }
        out->wait_replicas = (unsigned)n;
        return TSEC_OK;
    }
    return TSEC_FAIL(err, TSEC_E_CONFIG,
                     "an option of the Redis URI is none of db, prefix, sentinel, wait_replicas");
}

/* ---- the whole ---- */

static tsec_rc
take_options(struct tsec_span options, struct redis_uri *out, struct tsec_err *err)
{
    bool more = options.len > 0;

    while (more) {
        TSEC_TRY(take_option(cut(&options, '&', &more), out, err));
    }
    return TSEC_OK;
}

/* The last '@' ends the user's part: a password may hold one that nobody escaped. */
static tsec_rc
take_authority(struct tsec_span *text, struct redis_uri *out, struct tsec_err *err)
{
    size_t at = text->len;

    while (at > 0 && text->ptr[at - 1] != '@') {
        at--;
    }
    if (at == 0) {
        return TSEC_OK;
    }
    TSEC_TRY(take_user(tsec_span(text->ptr, at - 1), out, err));
    *text = tsec_span(text->ptr + at, text->len - at);
    return TSEC_OK;
}

static tsec_rc
take_all(struct tsec_span text, bool is_socket, struct redis_uri *out, struct tsec_err *err)
{
    bool found = false;
    struct tsec_span rest = text;
    struct tsec_span where = cut(&rest, '?', &found);

    TSEC_TRY(take_options(rest, out, err));
    TSEC_TRY(take_authority(&where, out, err));
    if (is_socket) {
        if (out->sentinel[0] != '\0') {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "sentinels are named as redis://HOST:PORT,...");
        }
        return take_socket(where, out, err);
    }

    const struct tsec_span hosts = cut(&where, '/', &found);

    if (where.len > 0) {
        TSEC_TRY(take_db(where, out, err));
    }
    return take_places(hosts, out, err);
}

tsec_rc
redis_uri_parse(const char *uri, struct redis_uri *out, struct tsec_err *err)
{
    static const char tcp[] = "redis://";
    static const char unix_socket[] = "redis+unix://";
    const struct tsec_span text = tsec_span_str(uri);
    tsec_rc rc;

    *out = (struct redis_uri){ .prefix = "tee-secrets" };
    if (tsec_span_starts(text, tsec_span_str("rediss:"))) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "rediss: this build's hiredis has no TLS: run stunnel or a like tunnel "
                         "beside the server and name its local end as redis://127.0.0.1:PORT");
    }
    if (strchr(uri, '#') != NULL) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "a Redis URI has no '#': write it as %%23");
    }
    if (tsec_span_starts(text, tsec_span_str(tcp))) {
        rc = take_all(tsec_span(text.ptr + sizeof(tcp) - 1, text.len - sizeof(tcp) + 1), false, out,
                      err);
    } else if (tsec_span_starts(text, tsec_span_str(unix_socket))) {
        rc = take_all(
            tsec_span(text.ptr + sizeof(unix_socket) - 1, text.len - sizeof(unix_socket) + 1), true,
            out, err);
    } else {
        rc = TSEC_FAIL(err, TSEC_E_CONFIG,
                       "write redis://HOST:PORT/DB or redis+unix:///PATH/OF/SOCKET");
    }
    if (tsec_failed(rc)) {
        redis_uri_done(out);
    }
    return rc;
}

void
redis_uri_done(struct redis_uri *uri)
{
    explicit_bzero(uri->password, sizeof(uri->password));
    uri->has_password = false;
}
