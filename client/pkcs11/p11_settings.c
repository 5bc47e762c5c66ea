/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_settings.h"

#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/input.h"

enum { ARENA_MAX = 128 * 1024, FILE_MAX = 64 * 1024 };

static const struct {
    const char *name; /* in the file */
    const char *env;
} names[P11_SETTINGS] = {
    [P11_ADDRESS] = { "address", "ADDR" },
    [P11_NAMESPACE] = { "namespace", "NAMESPACE" },
    [P11_CA_CERT] = { "ca_cert", "CACERT" },
    [P11_CA_PATH] = { "ca_path", "CAPATH" },
    [P11_CLIENT_CERT] = { "client_cert", "CLIENT_CERT" },
    [P11_CLIENT_KEY] = { "client_key", "CLIENT_KEY" },
    [P11_SKIP_VERIFY] = { "skip_verify", "SKIP_VERIFY" },
    [P11_TIMEOUT] = { "timeout", "CLIENT_TIMEOUT" },
    [P11_RETRIES] = { "retries", "MAX_RETRIES" },
    [P11_MOUNT] = { "mount", "PKCS11_MOUNT" },
    [P11_KEYS] = { "keys", "PKCS11_KEYS" },
    [P11_VERSIONS] = { "versions", "PKCS11_VERSIONS" },
    [P11_TOKEN_FILE] = { "token_file", "PKCS11_TOKEN_FILE" },
};

struct p11_settings {
    struct tsec_arena *arena;
    const char *values[P11_SETTINGS];
    const char *mount;
    bool all_versions;
    bool environment; /* may be asked */
    bool token_in_environment;
    struct cli_settings server;
};

static struct tsec_span
trim(struct tsec_span text)
{
    while (text.len > 0 && tsec_is_space(text.ptr[0])) {
        text = tsec_span(text.ptr + 1, text.len - 1);
    }
    while (text.len > 0 && tsec_is_space(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

static tsec_rc
keep(struct p11_settings *s, enum p11_setting setting, struct tsec_span text, struct tsec_err *err)
{
    if (!tsec_text_plain(text)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s has characters that it cannot have",
                         names[setting].name);
    }
    s->values[setting] = tsec_arena_dup(s->arena, text);
    return s->values[setting] == NULL
               ? TSEC_FAIL(err, TSEC_E_TOO_LARGE, "%s is too long", names[setting].name)
               : TSEC_OK;
}

/** "name = value"; blank lines and those with '#' say nothing. */
static tsec_rc
read_line(struct p11_settings *s, struct tsec_span line, struct tsec_err *err)
{
    const uint8_t *equals = line.len == 0 ? NULL : memchr(line.ptr, '=', line.len);

    if (line.len == 0 || line.ptr[0] == '#') {
        return TSEC_OK;
    }
    if (equals == NULL) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "the settings file has a line that is no name = value");
    }
    const struct tsec_span name = trim(tsec_span(line.ptr, (size_t)(equals - line.ptr)));
    const struct tsec_span value =
        trim(tsec_span(equals + 1, line.len - (size_t)(equals - line.ptr) - 1));

    for (int i = 0; i < P11_SETTINGS; i++) {
        if (tsec_span_is(name, names[i].name)) {
            return value.len == 0 ? TSEC_OK : keep(s, (enum p11_setting)i, value, err);
        }
    }
    return TSEC_FAIL(err, TSEC_E_CONFIG, "the settings file has a name that is none of a setting");
}

static tsec_rc
read_file(struct p11_settings *s, const char *path, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(FILE_MAX);

    TSEC_TRY(cli_input_file(path, &text, err));
    struct tsec_span rest = tsec_buf_span(&text);

    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
        const size_t n = end == NULL ? rest.len : (size_t)(end - rest.ptr);

        TSEC_TRY(read_line(s, trim(tsec_span(rest.ptr, n)), err));
        rest = end == NULL ? tsec_span(NULL, 0) : tsec_span(end + 1, rest.len - n - 1);
    }
    return TSEC_OK;
}

static tsec_rc
find_file(struct p11_settings *s, const char *reserved, struct tsec_err *err)
{
    static const char prefix[] = "conf=";
    const char *named = s->environment ? cli_settings_env("PKCS11_CONF") : NULL;

    if (reserved != NULL && reserved[0] != '\0') {
        if (strncmp(reserved, prefix, sizeof(prefix) - 1) != 0) {
            return TSEC_FAIL(err, TSEC_E_CONFIG,
                             "C_Initialize was given something other than conf=");
        }
        return read_file(s, reserved + sizeof(prefix) - 1, err);
    }
    if (named != NULL) {
        return read_file(s, named, err);
    }
    /* One that is there for another user is as good as none. */
    return access(P11_CONF_FILE, R_OK) == 0 ? read_file(s, P11_CONF_FILE, err) : TSEC_OK;
}

static tsec_rc
read_environment(struct p11_settings *s, struct tsec_err *err)
{
    for (int i = 0; s->environment && i < P11_SETTINGS; i++) {
        const char *value = cli_settings_env(names[i].env);

        if (value != NULL) {
            TSEC_TRY(keep(s, (enum p11_setting)i, tsec_span_str(value), err));
        }
    }
    return TSEC_OK;
}

/** The same texts as the command line takes: "60" and "60s". */
static tsec_rc
number(const struct p11_settings *s, enum p11_setting setting, unsigned fallback, unsigned max,
       unsigned *out, struct tsec_err *err)
{
    const char *text = s->values[setting];
    char *end = NULL;

    *out = fallback;
    if (text == NULL) {
        return TSEC_OK;
    }
    const unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || (*end != '\0' && strcmp(end, "s") != 0) || n > max) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s is not a number up to %u", names[setting].name,
                         max);
    }
    *out = (unsigned)n;
    return TSEC_OK;
}

static tsec_rc
choice(const struct p11_settings *s, enum p11_setting setting, const char *yes, const char *no,
       bool *out, struct tsec_err *err)
{
    const char *text = s->values[setting];

    *out = text != NULL && strcmp(text, yes) == 0;
    if (text != NULL && !*out && strcmp(text, no) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%s is neither %s nor %s", names[setting].name, yes,
                         no);
    }
    return TSEC_OK;
}

static tsec_rc
set_mount(struct p11_settings *s, struct tsec_err *err)
{
    struct tsec_span mount =
        tsec_span_str(s->values[P11_MOUNT] == NULL ? "transit" : s->values[P11_MOUNT]);

    while (mount.len > 0 && mount.ptr[0] == '/') {
        mount = tsec_span(mount.ptr + 1, mount.len - 1);
    }
    while (mount.len > 0 && mount.ptr[mount.len - 1] == '/') {
        mount.len--;
    }
    if (mount.len == 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "mount names none");
    }
    s->mount = tsec_arena_dup(s->arena, mount);
    return s->mount == NULL ? TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory") : TSEC_OK;
}

static tsec_rc
understand(struct p11_settings *s, struct tsec_err *err)
{
    const char *address = s->values[P11_ADDRESS];
    const char *skip = s->values[P11_SKIP_VERIFY];

    s->server = (struct cli_settings){
        .address = address == NULL ? CLI_DEFAULT_ADDRESS : address,
        .ca_cert = s->values[P11_CA_CERT],
        .ca_path = s->values[P11_CA_PATH],
        .client_cert = s->values[P11_CLIENT_CERT],
        .client_key = s->values[P11_CLIENT_KEY],
        .name_space = s->values[P11_NAMESPACE],
        .skip_verify = skip != NULL && (strcmp(skip, "1") == 0 || strcmp(skip, "true") == 0),
        .retry_wait_ms = 1000,
    };
    TSEC_TRY(number(s, P11_TIMEOUT, 60, 3600, &s->server.timeout_s, err));
    TSEC_TRY(number(s, P11_RETRIES, 2, 20, &s->server.retries, err));
    TSEC_TRY(choice(s, P11_VERSIONS, "all", "latest", &s->all_versions, err));
    return set_mount(s, err);
}

tsec_rc
p11_settings_load(const char *reserved, struct p11_settings **out, struct tsec_err *err)
{
    TSEC_AUTO(p11_settings_free) struct p11_settings *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory");
    }
    s->environment = getauxval(AT_SECURE) == 0;
    s->token_in_environment = s->environment && cli_settings_env("TOKEN") != NULL;
    TSEC_TRY(tsec_arena_new(ARENA_MAX, &s->arena, err));
    TSEC_TRY(find_file(s, reserved, err));
    TSEC_TRY(read_environment(s, err));
    TSEC_TRY(understand(s, err));
    *out = TSEC_TAKE(s);
    return TSEC_OK;
}

void
p11_settings_free(struct p11_settings *settings)
{
    if (settings != NULL) {
        tsec_arena_free(settings->arena);
        free(settings);
    }
}

const struct cli_settings *
p11_settings_server(const struct p11_settings *settings)
{
    return &settings->server;
}

const char *
p11_settings_mount(const struct p11_settings *settings)
{
    return settings->mount;
}

bool
p11_settings_all_versions(const struct p11_settings *settings)
{
    return settings->all_versions;
}

bool
p11_settings_lists(const struct p11_settings *settings)
{
    const char *keys = settings->values[P11_KEYS];

    return keys == NULL || strcmp(keys, "*") == 0;
}

bool
p11_settings_shows(const struct p11_settings *settings, struct tsec_span name, bool usual)
{
    struct tsec_span one;
    size_t at = 0;

    if (p11_settings_lists(settings)) {
        return usual || settings->values[P11_KEYS] != NULL;
    }
    while (p11_settings_next_key(settings, &at, &one)) {
        if (tsec_span_equal(one, name)) {
            return true;
        }
    }
    return false;
}

bool
p11_settings_next_key(const struct p11_settings *settings, size_t *at, struct tsec_span *out)
{
    const struct tsec_span keys = tsec_span_str(settings->values[P11_KEYS]);

    while (*at < keys.len) {
        const uint8_t *from = keys.ptr + *at;
        const uint8_t *comma = memchr(from, ',', keys.len - *at);
        const size_t n = comma == NULL ? keys.len - *at : (size_t)(comma - from);

        *at += n + 1;
        *out = trim(tsec_span(from, n));
        if (out->len > 0) {
            return true;
        }
    }
    return false;
}

static tsec_rc
token_of_file(const struct p11_settings *settings, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_TRY(cli_input_file(settings->values[P11_TOKEN_FILE], out, err));
    cli_input_trim(out);
    if (!cli_token_valid(tsec_buf_span(out))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "token_file holds no token");
    }
    return TSEC_OK;
}

tsec_rc
p11_settings_token(const struct p11_settings *settings, struct tsec_buf *out, struct tsec_err *err)
{
    tsec_buf_reset(out);
    if (settings->token_in_environment && cli_settings_env("TOKEN") == NULL) {
        return TSEC_OK; /* dropped since: that of another place would be somebody else's */
    }
    if (!settings->token_in_environment && settings->values[P11_TOKEN_FILE] != NULL) {
        return token_of_file(settings, out, err);
    }
    return settings->environment ? cli_token_load(out, err) : TSEC_OK;
}
