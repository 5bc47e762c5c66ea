/* SPDX-License-Identifier: Apache-2.0 */
#include "client/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/input.h"

#define TOKEN_FILE ".tee-secrets-token"

const char *
cli_settings_env(const char *name)
{
    static const char *const prefixes[] = { "TEE_SECRETS_", "VAULT_" };
    char full[64];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(prefixes); i++) {
        (void)snprintf(full, sizeof(full), "%s%s", prefixes[i], name);
        const char *value = getenv(full);

        if (value != NULL && value[0] != '\0') {
            return value;
        }
    }
    return NULL;
}

static tsec_rc
read_number(const char *name, unsigned fallback, unsigned max, unsigned *out, struct tsec_err *err)
{
    const char *text = cli_settings_env(name);
    char *end = NULL;
    unsigned long n;

    *out = fallback;
    if (text == NULL) {
        return TSEC_OK;
    }
    n = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || (*end != '\0' && strcmp(end, "s") != 0) || n > max) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s in the environment is not a number up to %u",
                         name, max);
    }
    *out = (unsigned)n;
    return TSEC_OK;
}

tsec_rc
cli_settings_load(struct cli_settings *out, struct tsec_err *err)
{
    const char *address = cli_settings_env("ADDR");
    const char *skip = cli_settings_env("SKIP_VERIFY");

    *out = (struct cli_settings){
        .address = address == NULL ? CLI_DEFAULT_ADDRESS : address,
        .ca_cert = cli_settings_env("CACERT"),
        .ca_path = cli_settings_env("CAPATH"),
        .client_cert = cli_settings_env("CLIENT_CERT"),
        .client_key = cli_settings_env("CLIENT_KEY"),
        .name_space = cli_settings_env("NAMESPACE"),
        .wrap_ttl = cli_settings_env("WRAP_TTL"),
        .skip_verify = skip != NULL && (strcmp(skip, "1") == 0 || strcmp(skip, "true") == 0),
        .retry_wait_ms = 1000,
    };
    TSEC_TRY(read_number("CLIENT_TIMEOUT", 60, 3600, &out->timeout_s, err));
    return read_number("MAX_RETRIES", 2, 20, &out->retries, err);
}

bool
cli_token_valid(struct tsec_span token)
{
    for (size_t i = 0; i < token.len; i++) {
        if (token.ptr[i] <= 0x20 || token.ptr[i] >= 0x7f) {
            return false;
        }
    }
    return token.len > 0 && token.len <= CLI_TOKEN_MAX;
}

static tsec_rc
home_path(const char *name, char out[PATH_MAX], struct tsec_err *err)
{
    const char *home = getenv("HOME");

    if (home == NULL || home[0] != '/'
        || snprintf(out, PATH_MAX, "%s/%s", home, name) >= PATH_MAX) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "HOME does not name a folder");
    }
    return TSEC_OK;
}

static tsec_rc
load_file(const char *name, struct tsec_buf *out, struct tsec_err *err)
{
    char path[PATH_MAX];

    if (tsec_failed(home_path(name, path, NULL)) || access(path, F_OK) != 0) {
        return TSEC_OK;
    }
    TSEC_TRY(cli_input_file(path, out, err));
    cli_input_trim(out);
    return TSEC_OK;
}

tsec_rc
cli_token_load(struct tsec_buf *out, struct tsec_err *err)
{
    const char *token = cli_settings_env("TOKEN");

    if (token != NULL) {
        tsec_buf_put_str(out, token);
    } else {
        TSEC_TRY(load_file(TOKEN_FILE, out, err));
    }
    if (token == NULL && out->len == 0) {
        TSEC_TRY(load_file(".vault-token", out, err));
    }
    TSEC_TRY(tsec_buf_check(out, err));
    if (out->len > 0 && !cli_token_valid(tsec_buf_span(out))) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the token holds characters that no token has; look where it comes from");
    }
    return TSEC_OK;
}

static bool
write_all(int fd, struct tsec_span bytes)
{
    while (bytes.len > 0) {
        const ssize_t n = write(fd, bytes.ptr, bytes.len);

        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n > 0) {
            bytes = tsec_span(bytes.ptr + n, bytes.len - (size_t)n);
        }
    }
    return true;
}

tsec_rc
cli_file_replace(const char *path, struct tsec_span bytes, struct tsec_err *err)
{
    char fresh[PATH_MAX];
    bool written;
    int fd;

    if (snprintf(fresh, sizeof(fresh), "%s.XXXXXX", path) >= (int)sizeof(fresh)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the path %.60s… is too long", path);
    }
    fd = mkostemp(fresh, O_CLOEXEC); /* for the owner only */
    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot write beside %.120s: %s", path,
                         strerror(errno));
    }
    written = write_all(fd, bytes) && fsync(fd) == 0;
    if (close(fd) != 0 || !written || rename(fresh, path) != 0) {
        (void)unlink(fresh);
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot write %.120s: %s", path, strerror(errno));
    }
    return TSEC_OK;
}

tsec_rc
cli_token_store(struct tsec_span token, struct tsec_err *err)
{
    char path[PATH_MAX];

    TSEC_TRY(home_path(TOKEN_FILE, path, err));
    return cli_file_replace(path, token, err);
}
