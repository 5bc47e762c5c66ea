/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_place.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

#define DEFAULT_SCHEMA "tee_secrets"
#define DEFAULT_FOLDER "/var/run/postgresql"

enum { URI_MAX = 4096 };

/* ---- the URI ---- */

static bool
is_schema(struct tsec_span name)
{
    if (name.len == 0 || name.len > PG_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        const uint8_t c = name.ptr[i];
        const bool letter = (c >= 'a' && c <= 'z') || c == '_';

        if (!letter && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return true;
}

static tsec_rc
take_schema(struct tsec_span name, struct pg_place *place, struct tsec_err *err)
{
    if (place->schema[0] != '\0' || !is_schema(name)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "storage.database_uri: schema=NAME stands once, of at most %d characters "
                         "a-z 0-9 _, a letter first",
                         (int)PG_NAME_MAX);
    }
    memcpy(place->schema, name.ptr, name.len);
    return TSEC_OK;
}

/* Where the options begin.  A password may hold a question mark: libpq ends it at the "@" that
 * comes before any "/". */
static const char *
options_of(const char *uri)
{
    const char *at = strstr(uri, "://");
    const char *end;

    at = at == NULL ? uri : at + 3;
    end = at + strcspn(at, "@/");
    return strchr(*end == '@' ? end : at, '?');
}

/* Copies the URI without our own option, which libpq would refuse. */
static tsec_rc
split_uri(const char *uri, struct pg_place *place, struct tsec_buf *rest, struct tsec_err *err)
{
    static const char own[] = "schema=";
    const char *at = options_of(uri);
    char separator = '?';

    tsec_buf_put(rest, uri, at == NULL ? strlen(uri) : (size_t)(at - uri));
    while (at != NULL) {
        const char *option = at + 1;
        const char *end = strchr(option, '&');
        const size_t len = end == NULL ? strlen(option) : (size_t)(end - option);

        if (strncmp(option, own, strlen(own)) == 0) {
            TSEC_TRY(take_schema(tsec_span(option + strlen(own), len - strlen(own)), place, err));
        } else {
            tsec_buf_put_byte(rest, (uint8_t)separator);
            tsec_buf_put(rest, option, len);
            separator = '&';
        }
        at = end;
    }
    tsec_buf_put_byte(rest, 0);
    if (place->schema[0] == '\0') {
        (void)snprintf(place->schema, sizeof(place->schema), DEFAULT_SCHEMA);
    }
    return tsec_buf_check(rest, err);
}

/* libpq quotes what it does not understand, and that may be a password: only what stands before
 * the quotation is told. */
static tsec_rc
refuse_uri(char *why, struct tsec_err *err)
{
    const size_t len = why == NULL ? 0 : strcspn(why, "\"\n");
    const tsec_rc rc =
        TSEC_FAIL(err, TSEC_E_CONFIG, "storage.database_uri is not a PostgreSQL URI: %.*s",
                  len > 80 ? 80 : (int)len, why == NULL ? "" : why);

    PQfreemem(why);
    return rc;
}

const char *
pg_place_option(const struct pg_place *place, const char *keyword)
{
    for (const PQconninfoOption *o = place->options; o != NULL && o->keyword != NULL; o++) {
        if (strcmp(o->keyword, keyword) == 0) {
            return o->val != NULL && o->val[0] != '\0' ? o->val : NULL;
        }
    }
    return NULL;
}

/* ---- hosts ---- */

/* The i-th of a comma-separated list; a list of one stands for all. */
static struct tsec_span
nth(const char *list, size_t i)
{
    const char *at = list;

    if (list == NULL) {
        return tsec_span("", 0);
    }
    if (strchr(list, ',') == NULL) {
        return tsec_span_str(list);
    }
    for (; i > 0 && at != NULL; i--) {
        at = strchr(at, ',');
        at = at == NULL ? NULL : at + 1;
    }
    return at == NULL ? tsec_span("", 0) : tsec_span(at, strcspn(at, ","));
}

static size_t
count(const char *list)
{
    size_t n = list == NULL ? 0 : 1;

    for (const char *at = list; at != NULL && *at != '\0'; at++) {
        n += *at == ',' ? 1 : 0;
    }
    return n;
}

static bool
copy(char *out, size_t size, struct tsec_span text, const char *otherwise)
{
    const struct tsec_span used = text.len > 0 ? text : tsec_span_str(otherwise);

    if (used.len >= size) {
        return false;
    }
    memcpy(out, used.ptr, used.len);
    out[used.len] = '\0';
    return true;
}

static tsec_rc
split_hosts(struct pg_place *place, struct tsec_err *err)
{
    const char *names = pg_place_option(place, "host");
    const char *addrs = pg_place_option(place, "hostaddr");
    const char *ports = pg_place_option(place, "port");
    const size_t n = addrs != NULL ? count(addrs) : names != NULL ? count(names) : 1;

    if (n > PG_HOSTS_MAX || (names != NULL && count(names) != n)
        || (count(ports) > 1 && count(ports) != n)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "storage.database_uri names at most %d hosts, with as many addresses and "
                         "as many ports or one",
                         (int)PG_HOSTS_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        struct pg_host *h = &place->hosts[i];

        if (!copy(h->name, sizeof(h->name), nth(names, i), addrs == NULL ? DEFAULT_FOLDER : "")
            || !copy(h->addr, sizeof(h->addr), nth(addrs, i), "")
            || !copy(h->port, sizeof(h->port), nth(ports, i), "5432")) {
            return TSEC_FAIL(err, TSEC_E_CONFIG,
                             "storage.database_uri: a host or port is too long");
        }
    }
    place->hosts_len = n;
    return TSEC_OK;
}

/* A standby answers with what it has, which may be old; so may whatever a name leads to after a
 * failover. */
static tsec_rc
refuse_standbys(const struct pg_place *place, struct tsec_err *err)
{
    const char *attrs = pg_place_option(place, "target_session_attrs");

    if (attrs == NULL || strcmp(attrs, "read-write") == 0 || strcmp(attrs, "primary") == 0) {
        return TSEC_OK;
    }
    return TSEC_FAIL(err, TSEC_E_CONFIG,
                     "storage.database_uri: target_session_attrs=%.20s would read old records from "
                     "a standby; leave it out",
                     attrs);
}

static void
write_label(struct pg_place *place)
{
    const struct pg_host *h = &place->hosts[0];
    const char *db = pg_place_option(place, "dbname");

    (void)snprintf(place->label, sizeof(place->label), "%.60s:%s/%.40s%s",
                   h->name[0] != '\0' ? h->name : h->addr, h->port, db == NULL ? "" : db,
                   place->hosts_len > 1 ? " (and others)" : "");
}

tsec_rc
pg_place_parse(const char *uri, struct pg_place *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf rest = TSEC_BUF_INIT(URI_MAX + 1);
    char *why = NULL;

    *out = (struct pg_place){ .options = NULL };
    TSEC_TRY(split_uri(uri, out, &rest, err));
    out->options = PQconninfoParse((const char *)rest.ptr, &why);
    if (out->options == NULL) {
        return refuse_uri(why, err);
    }
    out->password = pg_place_option(out, "password");
    TSEC_TRY(split_hosts(out, err));
    TSEC_TRY(refuse_standbys(out, err));
    write_label(out);
    return TSEC_OK;
}

void
pg_place_done(struct pg_place *place)
{
    for (PQconninfoOption *o = place->options; o != NULL && o->keyword != NULL; o++) {
        if (o->val != NULL && strstr(o->keyword, "password") != NULL) {
            explicit_bzero(o->val, strlen(o->val));
        }
    }
    PQconninfoFree(place->options);
    *place = (struct pg_place){ .options = NULL };
}

tsec_rc
pg_place_detour(struct pg_place *place, size_t i, const char *address, struct tsec_err *err)
{
    struct pg_host *h = &place->hosts[i];
    const char *colon = strrchr(address, ':');

    if (colon == NULL || colon[1] == '\0'
        || !copy(h->addr, sizeof(h->addr), tsec_span(address, (size_t)(colon - address)), "")
        || h->addr[0] == '\0' || !copy(h->port, sizeof(h->port), tsec_span_str(colon + 1), "")) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "egress: ADDRESS:PORT is wanted, not %.60s", address);
    }
    return TSEC_OK;
}

static bool
is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0
           || strcmp(host, "::1") == 0;
}

bool
pg_place_exposed(const struct pg_place *place, size_t i)
{
    const struct pg_host *h = &place->hosts[i];
    const char *mode = pg_place_option(place, "sslmode");

    /* By its name and not its detour: that ends outside too. */
    if (h->name[0] == '/' || h->name[0] == '@'
        || is_loopback(h->name[0] != '\0' ? h->name : h->addr)) {
        return false;
    }
    return mode == NULL || strcmp(mode, "verify-full") != 0;
}

/* ---- for libpq ---- */

static void
add(struct pg_conninfo *out, const char *keyword, const char *value)
{
    if (value != NULL && value[0] != '\0' && out->n < PG_OPTIONS_MAX - 1) {
        out->keywords[out->n] = keyword;
        out->values[out->n] = value;
        out->n++;
    }
}

/* Where the URI is silent.  Kerberos would be tried at every connection, and reads files of its
 * own; dead peers are to be noticed within seconds and not hours. */
static const struct {
    const char *keyword;
    const char *value;
} defaults[] = {
    { "gssencmode", "disable" },
    { "target_session_attrs", "read-write" },
    { "keepalives_idle", "5" },
    { "keepalives_interval", "2" },
    { "keepalives_count", "3" },
    { "tcp_user_timeout", "8000" },
    { "application_name", "tee-secrets" },
};

void
pg_place_conninfo(const struct pg_place *place, size_t i, struct pg_conninfo *out)
{
    const struct pg_host *h = &place->hosts[i];

    *out = (struct pg_conninfo){ .n = 0 };
    add(out, "host", h->name);
    add(out, "hostaddr", h->addr);
    add(out, "port", h->port);
    for (const PQconninfoOption *o = place->options; o->keyword != NULL; o++) {
        if (strcmp(o->keyword, "host") != 0 && strcmp(o->keyword, "hostaddr") != 0
            && strcmp(o->keyword, "port") != 0) {
            add(out, o->keyword, o->val);
        }
    }
    for (size_t d = 0; d < TSEC_ARRAY_LEN(defaults); d++) {
        if (pg_place_option(place, defaults[d].keyword) == NULL) {
            add(out, defaults[d].keyword, defaults[d].value);
        }
    }
}

void
pg_place_scrub(const struct pg_place *place, const char *text, char *out, size_t size)
{
    const size_t hidden = place->password == NULL ? 0 : strlen(place->password);
    size_t n = 0;

    /* A line that begins with a capital is DETAIL, HINT or LOCATION of the one before. */
    while (*text != '\0' && n + 4 < size && !(*text == '\n' && text[1] >= 'A' && text[1] <= 'Z')) {
        if (hidden > 0 && strncmp(text, place->password, hidden) == 0) {
            n += (size_t)snprintf(out + n, size - n, "***");
            text += hidden;
            continue;
        }
        out[n++] = (unsigned char)*text < ' ' ? ' ' : *text;
        text++;
    }
    while (n > 0 && out[n - 1] == ' ') {
        n--;
    }
    out[n] = '\0';
}
