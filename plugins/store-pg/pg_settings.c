/* SPDX-License-Identifier: Apache-2.0 */
#include "pg_settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static tsec_rc
read_number(const struct tsec_host *host, const char *key, int min, int max, int *out,
            struct tsec_err *err)
{
    const char *text = host->setting(host->ctx, key);
    char *end = NULL;
    long number;

    if (text == NULL) {
        return TSEC_OK;
    }
    errno = 0;
    number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < min || number > max) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "plugins.store-pg.%s: a number from %d to %d", key,
                         min, max);
    }
    *out = (int)number;
    return TSEC_OK;
}

static tsec_rc
read_choice(const struct tsec_host *host, const char *key, const char *yes, const char *no,
            bool *out, struct tsec_err *err)
{
    const char *text = host->setting(host->ctx, key);

    if (text == NULL) {
        return TSEC_OK;
    }
    if (strcmp(text, yes) != 0 && strcmp(text, no) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "plugins.store-pg.%s: %s or %s", key, yes, no);
    }
    *out = strcmp(text, yes) == 0;
    return TSEC_OK;
}

tsec_rc
pg_settings_read(const struct tsec_host *host, struct pg_settings *out, struct tsec_err *err)
{
    *out = (struct pg_settings){ .call_timeout_ms = 2400, .connections = 4, .migrate = true };
    TSEC_TRY(read_number(host, "call_timeout_ms", 100, 60000, &out->call_timeout_ms, err));
    TSEC_TRY(read_number(host, "connections", 1, PG_CONNECTIONS_MAX, &out->connections, err));
    TSEC_TRY(read_choice(host, "allow_volatile", "true", "false", &out->allow_volatile, err));
    return read_choice(host, "migrate", "auto", "never", &out->migrate, err);
}

static tsec_rc
take_detour(struct pg_env *env, size_t i, struct tsec_err *err)
{
    const struct tsec_host *host = env->host;
    const struct pg_host *h = &env->place.hosts[i];
    char key[sizeof(h->name) + 32];
    const char *address;

    (void)snprintf(key, sizeof(key), "egress %s:%s", h->name, h->port);
    address = host->setting(host->ctx, key);
    return address == NULL ? TSEC_OK : pg_place_detour(&env->place, i, address, err);
}

tsec_rc
pg_env_init(struct pg_env *env, const struct tsec_host *host, const char *uri, struct tsec_err *err)
{
    *env = (struct pg_env){ .host = host };
    TSEC_TRY(pg_settings_read(host, &env->settings, err));
    TSEC_TRY(pg_place_parse(uri, &env->place, err));
    for (size_t i = 0; i < env->place.hosts_len; i++) {
        TSEC_TRY(take_detour(env, i, err));
    }
    return TSEC_OK;
}

void
pg_env_warn(const struct pg_env *env)
{
    const struct tsec_host *host = env->host;

    for (size_t i = 0; i < env->place.hosts_len; i++) {
        const struct pg_host *h = &env->place.hosts[i];

        if (pg_place_exposed(&env->place, i)) {
            host->log(host->ctx, TSEC_LOG_WARN,
                      "the way to %s is not protected: records are sealed, but the password, the "
                      "sizes and the times of what is written are not; set sslmode=verify-full",
                      h->name[0] != '\0' ? h->name : h->addr);
        }
    }
}

void
pg_env_done(struct pg_env *env)
{
    pg_place_done(&env->place);
}
