/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/span.h"

#include "conf/check.h"
#include "conf/diag.h"
#include "conf/file.h"
#include "conf/list.h"
#include "conf/value.h"
#include "conf/yaml.h"

static const struct conf_mark nowhere = { 0, 0 };

tsec_rc
conf_parse(const char *name, struct tsec_span bytes, const struct tsec_conf *before,
           struct tsec_conf **out, struct tsec_err *err)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = calloc(1, sizeof(*conf));

    if (conf == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "settings");
    }
    conf->name = conf_text_dup(name);
    if (conf->name == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "settings");
    }
    if (bytes.len > CONF_FILE_MAX) {
        return conf_wrong(err, name, nowhere, NULL, "larger than %d bytes", (int)CONF_FILE_MAX);
    }
    TSEC_TRY(conf_value_defaults(conf, err));
    TSEC_TRY(conf_yaml_read(conf, bytes, before, err));
    TSEC_TRY(conf_check(conf, bytes, err));
    *out = TSEC_TAKE(conf);
    return TSEC_OK;
}

tsec_rc
conf_load(const char *path, const struct tsec_conf *before, struct tsec_conf **out,
          struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(CONF_FILE_MAX);
    struct tsec_err inner = { 0 };

    if (tsec_failed(conf_file_read(path, &bytes, &inner))) {
        return conf_wrong(err, path, nowhere, NULL, "%s", inner.detail);
    }
    return conf_parse(path, tsec_buf_span(&bytes), before, out, err);
}

void
conf_free(struct tsec_conf *conf)
{
    if (conf == NULL) {
        return;
    }
    for (size_t i = 0; i < CONF_COUNT; i++) {
        const struct conf_setting *s = &conf_settings[i];

        if (s->type >= CONF_T_LIST) {
            conf_list_done(conf_list_at(conf, s));
        } else if (s->type == CONF_T_STR || s->type == CONF_T_ENUM) {
            conf_text_free(*conf_text_at(conf, s));
        }
    }
    conf_list_done(&conf->listeners);
    conf_list_done(&conf->measurements);
    conf_list_done(&conf->operators);
    conf_list_done(&conf->warnings);
    conf_list_done(&conf->env);
    free(conf->name);
    free(conf);
}

enum tsec_log_level
conf_log_level(const struct tsec_conf *conf)
{
    static const struct {
        const char *name;
        enum tsec_log_level level;
    } levels[] = {
        { "error", TSEC_LOG_ERR },
        { "warn", TSEC_LOG_WARN },
        { "info", TSEC_LOG_INFO },
        { "debug", TSEC_LOG_DEBUG },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(levels); i++) {
        if (strcmp(conf->log_level, levels[i].name) == 0) {
            return levels[i].level;
        }
    }
    return TSEC_LOG_INFO;
}

const char *
conf_plugin_setting(const struct tsec_conf *conf, const char *plugin, const char *key)
{
    const size_t len = strlen(plugin);

    for (size_t i = 0; i < conf->plugin_settings.len; i++) {
        const struct conf_item *item = &conf->plugin_settings.items[i];

        if (strncmp(item->key, plugin, len) == 0 && item->key[len] == '.'
            && strcmp(item->key + len + 1, key) == 0) {
            return item->value;
        }
    }
    return NULL;
}
