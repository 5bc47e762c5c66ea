/* SPDX-License-Identifier: Apache-2.0 */
#include "client/lib/config.h"

#include <string.h>

#include "appraisal/claims.h"
#include "base/base64.h"

#ifndef TEES_PLUGIN_DIR
#define TEES_PLUGIN_DIR "/usr/lib/tee-secrets"
#endif

enum { MEMORY_MAX = 4 * 1024 * 1024, TIMEOUT_S = 60, IDENTITY_MAX = 512 };

void
tees_options_init(struct tees_options *options)
{
    *options = (struct tees_options){
        .struct_size = (uint32_t)sizeof(*options),
        .auth_mount = "attest",
        .timeout_s = TIMEOUT_S,
    };
}

/* ---- copies ---- */

static enum tees_result
no_memory(struct tees_error *error)
{
    return tees_fail(error, TEES_NO_MEMORY, NULL, "no memory for the options");
}

static bool
copy(struct tsec_arena *arena, const char *from, const char **to)
{
    *to = from == NULL ? NULL : tsec_arena_dup(arena, tsec_span_str(from));
    return from == NULL || *to != NULL;
}

static enum tees_result
copy_list(struct tsec_arena *arena, const char *const *from, const char *what, const char ***to,
          size_t *len, struct tees_error *error)
{
    size_t n = 0;

    while (from != NULL && from[n] != NULL && n <= TEES_LIST_MAX) {
        n++;
    }
    if (n > TEES_LIST_MAX) {
        return tees_fail(error, TEES_INVALID, NULL, "%s has more than %d entries", what,
                         TEES_LIST_MAX);
    }
    *to = tsec_arena_alloc(arena, (n + 1) * sizeof(**to));
    if (*to == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; i < n; i++) {
        if (!copy(arena, from[i], &(*to)[i])) {
            return no_memory(error);
        }
    }
    *len = n;
    return TEES_OK;
}

/* ---- what is accepted of a server ---- */

static enum tees_result
read_allowed(const struct tees_options *options, struct tees_config *config,
             struct tees_error *error)
{
    const enum tees_result result = copy_list(config->arena, options->server_allow, "server_allow",
                                              &config->allowed_text, &config->allowed_len, error);

    if (result != TEES_OK) {
        return result;
    }
    if (config->allowed_len == 0) {
        return tees_fail(error, TEES_INVALID, NULL,
                         "server_allow: say which measurements of a server are accepted");
    }
    config->allowed =
        tsec_arena_alloc(config->arena, config->allowed_len * sizeof(*config->allowed));
    if (config->allowed == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; i < config->allowed_len; i++) {
        const char *text = config->allowed_text[i];
        struct tsec_err err = { 0 };

        if (tsec_failed(tsec_expr_parse(tsec_span_str(text), &config->allowed[i], &err))) {
            return tees_fail(error, TEES_INVALID, NULL, "server_allow: %.60s: %.150s", text,
                             err.detail);
        }
    }
    return TEES_OK;
}

static enum tees_result
read_identity(const char *text, struct tees_config *config, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(IDENTITY_MAX);

    if (text == NULL) {
        return TEES_OK;
    }
    if (tsec_failed(tsec_base64_decode(&der, TSEC_BASE64_STD, tsec_span_str(text), NULL))
        || der.len == 0) {
        return tees_fail(error, TEES_INVALID, NULL,
                         "server_identity is the base64 of a public key in DER");
    }
    config->identity = tsec_span(tsec_arena_dup(config->arena, tsec_buf_span(&der)), der.len);
    return config->identity.ptr != NULL && copy(config->arena, text, &config->identity_text)
               ? TEES_OK
               : no_memory(error);
}

static enum tees_result
read_tcb(const char *names, uint32_t *allowed, struct tees_error *error)
{
    *allowed = TSEC_TCB_BIT(TSEC_TCB_UP_TO_DATE) | TSEC_TCB_BIT(TSEC_TCB_NONE);
    while (names != NULL && *names != '\0') {
        const size_t len = strcspn(names, ",");
        const struct tsec_span name = tsec_span(names, len);
        enum tsec_tcb_status status = TSEC_TCB_NONE;

        if (tsec_span_is(name, "any")) {
            *allowed |= TSEC_TCB_ANY;
        } else if (tsec_tcb_status_parse(name, &status) && status != TSEC_TCB_REVOKED) {
            *allowed |= TSEC_TCB_BIT(status);
        } else {
            return tees_fail(error, TEES_INVALID, NULL,
                             "allow_tcb: %.*s is no status that can be taken",
                             (int)(len < 40 ? len : 40), names);
        }
        names += len + (names[len] == ',' ? 1 : 0);
    }
    return TEES_OK;
}

/* ---- the rest ---- */

static enum tees_result
read_settings(const struct tees_options *options, struct tees_config *config,
              struct tees_error *error)
{
    struct cli_settings *s = &config->settings;

    if (options->address == NULL) {
        return tees_fail(error, TEES_INVALID, NULL, "address: say where the server is");
    }
    *s = (struct cli_settings){ .timeout_s = options->timeout_s, .retries = 0 };
    if (!copy(config->arena, options->address, &s->address)
        || !copy(config->arena, options->ca_cert, &s->ca_cert)) {
        return no_memory(error);
    }
    config->https = strncmp(s->address, "https://", 8) == 0;
    config->tls_by_evidence = options->tls_by_evidence != 0;
    if (config->tls_by_evidence && s->ca_cert != NULL) {
        return tees_fail(error, TEES_INVALID, NULL,
                         "ca_cert and tls_by_evidence: one of them vouches for the server");
    }
    s->skip_verify = config->tls_by_evidence;
    return TEES_OK;
}

static enum tees_result
read_own(const struct tees_options *options, struct tees_config *config, struct tees_error *error)
{
    const char *dir = options->plugin_dir == NULL ? TEES_PLUGIN_DIR : options->plugin_dir;
    size_t n = 0;
    enum tees_result result;

    if (!copy(config->arena, options->plugin, &config->plugin)
        || !copy(config->arena, dir, &config->plugin_dir)
        || !copy(config->arena, options->auth_mount == NULL ? "attest" : options->auth_mount,
                 &config->auth_mount)
        || !copy(config->arena, options->sim_roots, &config->sim_roots)) {
        return no_memory(error);
    }
    result = copy_list(config->arena, options->plugin_settings, "plugin_settings",
                       &config->plugin_settings, &n, error);
    if (result == TEES_OK && n % 2 != 0) {
        result = tees_fail(error, TEES_INVALID, NULL, "plugin_settings: %s has no value",
                           options->plugin_settings[n - 1]);
    }
    return result;
}

enum tees_result
tees_config_read(const struct tees_options *options, struct tees_config *config,
                 struct tees_error *error)
{
    struct tsec_err err = { 0 };
    enum tees_result result;
    size_t n = 0;

    if (options->struct_size < sizeof(*options)) {
        return tees_fail(error, TEES_INVALID, NULL, "begin the options with tees_options_init()");
    }
    if (tsec_failed(tsec_arena_new(MEMORY_MAX, &config->arena, &err))) {
        return tees_fail_err(error, TEES_INTERNAL, NULL, &err);
    }
    config->allow_simulated = options->allow_simulated != 0;
    config->allow_debug = options->allow_debug != 0;
    config->require_revocation = options->require_revocation != 0;
    result = read_settings(options, config, error);
    result = result == TEES_OK ? read_allowed(options, config, error) : result;
    result = result == TEES_OK ? read_identity(options->server_identity, config, error) : result;
    result = result == TEES_OK ? read_tcb(options->allow_tcb, &config->allow_tcb, error) : result;
    result = result == TEES_OK ? copy_list(config->arena, options->collateral, "collateral",
                                           &config->collateral, &n, error)
                               : result;
    return result == TEES_OK ? read_own(options, config, error) : result;
}

void
tees_config_done(struct tees_config *config)
{
    tsec_arena_free(config->arena);
    *config = (struct tees_config){ .arena = NULL };
}
