/* SPDX-License-Identifier: Apache-2.0 */
/* Which plugins the configuration asks for, and what they are lent. */
#include "boot/boot_internal.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* Appends one that the file does not give to the plugin by name. */
static void
add_known(const struct tsec_conf *conf, const char *name, const char *key, const char *value,
          struct boot_plugin *out, size_t *n)
{
    if (conf_plugin_setting(conf, name, key) == NULL && *n < BOOT_SETTINGS_MAX) {
        out->settings[2 * *n] = key;
        out->settings[2 * *n + 1] = value;
        (*n)++;
    }
}

/* "plugins.NAME.KEY: value" of the file, then what the server knows by itself; `known`: key, value,
 * key, value, NULL, or NULL. */
static void
collect_settings(const struct boot *boot, const char *name, const char *const *known,
                 struct boot_plugin *out)
{
    const struct tsec_conf *conf = boot->conf;
    const size_t len = strlen(name);
    size_t n = 0;

    for (size_t i = 0; i < conf->plugin_settings.len && n < BOOT_SETTINGS_MAX; i++) {
        const struct conf_item *item = &conf->plugin_settings.items[i];

        if (strncmp(item->key, name, len) == 0 && item->key[len] == '.') {
            out->settings[2 * n] = item->key + len + 1;
            out->settings[2 * n + 1] = item->value;
            n++;
        }
    }
    for (; known != NULL && known[0] != NULL; known += 2) {
        add_known(conf, name, known[0], known[1], out, &n);
    }
    for (size_t i = 0; i < boot->ways_out_len; i++) {
        add_known(conf, name, boot->ways_out[i].key, boot->ways_out[i].address, out, &n);
    }
    if (strcmp(name, "attest-maa") == 0 && conf->attestation_url[0] != '\0') {
        add_known(conf, name, "issuer", conf->attestation_url, out, &n);
    }
    out->settings[2 * n] = NULL;
}

static tsec_rc
load(const struct boot *boot, const char *name, enum tsec_plugin_kind kind,
     const char *const *known, struct boot_plugin *out, struct tsec_err *err)
{
    TSEC_TRY(tsec_plugin_load(boot->conf->plugins_dir, name, kind, &out->plugin, err));
    collect_settings(boot, name, known, out);
    plugin_services_init(&out->services, name, out->settings, &tsec_clock_system);
    tsec_log(TSEC_LOG_INFO, "plugin loaded", TSEC_F_STR("name", name),
             TSEC_F_STR("version", out->plugin->version));
    return TSEC_OK;
}

static tsec_rc
make_state_dir(const struct tsec_conf *conf, struct tsec_err *err)
{
    if (mkdir(conf->state_dir, 0700) != 0 && errno != EEXIST) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "state_dir %s: %s", conf->state_dir, strerror(errno));
    }
    return TSEC_OK;
}

static const char *
attest_plugin(const char *provider)
{
    static const struct {
        const char *provider;
        const char *plugin;
    } providers[] = {
        { "aws_nitro", "attest-nitro" },
        { "azure_cc", "attest-maa" },
        { "simulated", "attest-sim" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(providers); i++) {
        if (strcmp(provider, providers[i].provider) == 0) {
            return providers[i].plugin;
        }
    }
    return NULL;
}

tsec_rc
boot_open_attest(struct boot *boot, struct tsec_err *err)
{
    const char *name = attest_plugin(boot->conf->provider);
    const char *const known[] = { "state_dir", boot->conf->state_dir, NULL };
    struct boot_plugin *p = &boot->attest_plugin;

    TSEC_TRY(make_state_dir(boot->conf, err));
    if (name == NULL) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "backend.tee.provider: no plugin for %s",
                         boot->conf->provider);
    }
    TSEC_TRY(load(boot, name, TSEC_PLUGIN_ATTEST, known, p, err));
    return p->plugin->attest->open(&p->services.host, &boot->attest, err);
}

static bool
is_installed(const struct tsec_conf *conf, const char *name)
{
    char path[PATH_MAX];
    const int len = snprintf(path, sizeof(path), "%s/%s.so", conf->plugins_dir, name);

    return len > 0 && (size_t)len < sizeof(path) && access(path, F_OK) == 0;
}

/* Without a state_dir: it holds no key here. */
static tsec_rc
open_further(struct boot *boot, const char *name, struct boot_verifier *out, struct tsec_err *err)
{
    TSEC_TRY(load(boot, name, TSEC_PLUGIN_ATTEST, NULL, &out->plugin, err));
    return out->plugin.plugin->attest->open(&out->plugin.services.host, &out->attest, err);
}

tsec_rc
boot_open_verifier(struct boot *boot, const char *provider, bool may_be_absent,
                   struct tsec_err *err)
{
    const char *name = attest_plugin(provider);
    struct boot_verifier *v = &boot->further[boot->further_len];
    struct tsec_err why = { 0 };
    tsec_rc rc;

    if (name == NULL || boot->further_len == TSEC_ARRAY_LEN(boot->further)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "backend.tee.attestation.verifiers: no plugin for %s",
                         provider);
    }
    if (may_be_absent && !is_installed(boot->conf, name)) {
        return TSEC_OK;
    }
    rc = open_further(boot, name, v, &why);
    if (!tsec_failed(rc)) {
        boot->further_len++;
        return TSEC_OK;
    }
    if (may_be_absent) {
        tsec_log_err("a verifier is not used", &why);
        return TSEC_OK;
    }
    if (err != NULL) {
        *err = why;
    }
    return rc;
}

static const char *
store_plugin(const char *uri)
{
    static const struct {
        const char *scheme;
        const char *plugin;
    } schemes[] = {
        { "postgresql:", "store-pg" },    { "postgres:", "store-pg" },
        { "redis:", "store-redis" },      { "rediss:", "store-redis" },
        { "redis+unix:", "store-redis" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(schemes); i++) {
        if (strncmp(uri, schemes[i].scheme, strlen(schemes[i].scheme)) == 0) {
            return schemes[i].plugin;
        }
    }
    return "store-sqlite";
}

static tsec_rc
load_store(struct boot *boot, struct tsec_err *err)
{
    const char *const known[] = { "state_dir", boot->conf->state_dir, "call_timeout_ms",
                                  boot->call_timeout_ms, NULL };

    (void)snprintf(boot->call_timeout_ms, sizeof(boot->call_timeout_ms), "%lld",
                   (long long)(boot_store_share_ns(boot->conf) / TSEC_NS_PER_MS));
    return load(boot, store_plugin(boot->conf->database_uri), TSEC_PLUGIN_STORE, known,
                &boot->store_plugin, err);
}

static tsec_rc
open_store(struct boot *boot, struct tsec_err *err)
{
    struct boot_plugin *p = &boot->store_plugin;

    return p->plugin->store->open(&p->services.host, boot->conf->database_uri, &boot->store, err);
}

tsec_rc
boot_open_store(struct boot *boot, struct tsec_err *err)
{
    TSEC_TRY(load_store(boot, err));
    return boot_wait(boot, open_store, err);
}

static tsec_rc
migrate(struct boot *boot, struct tsec_err *err)
{
    const struct boot_plugin *p = &boot->store_plugin;

    TSEC_TRY(boot_open_egress(boot, err));
    TSEC_TRY(load_store(boot, err));
    if (!TSEC_HAS(p->plugin->store, migrate)) {
        tsec_log(TSEC_LOG_INFO, "this store has no tables to migrate",
                 TSEC_F_STR("name", p->plugin->name));
        return TSEC_OK;
    }
    return p->plugin->store->migrate(&p->services.host, boot->conf->database_uri, err);
}

tsec_rc
boot_migrate(const struct tsec_conf *conf, struct tsec_err *err)
{
    struct boot boot = { .conf = conf };

    (void)signal(SIGPIPE, SIG_IGN);

    const tsec_rc rc = migrate(&boot, err);

    boot_close_egress(&boot);
    return rc;
}

void
boot_close_plugins(struct boot *boot)
{
    if (boot->store != NULL) {
        boot->store_plugin.plugin->store->close(boot->store);
        boot->store = NULL;
    }
    while (boot->further_len > 0) {
        const struct boot_verifier *v = &boot->further[--boot->further_len];

        v->plugin.plugin->attest->close(v->attest);
    }
    if (boot->attest != NULL) {
        boot->attest_plugin.plugin->attest->close(boot->attest);
        boot->attest = NULL;
    }
}
