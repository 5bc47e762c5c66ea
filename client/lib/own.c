/* SPDX-License-Identifier: Apache-2.0 */
#include "client/lib/own.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "load/loader.h"

struct tees_own {
    const struct tsec_attest_ops *ops;
    struct tsec_attest *attest;
    struct tsec_host host; /* .ctx points back here */
    struct tsec_attest_info info;
    const char *const *settings; /* of the configuration */
};

static void
host_log(void *ctx, int level, const char *fmt, ...)
{
    (void)ctx;
    (void)level;
    (void)fmt;
}

static const char *
host_setting(void *ctx, const char *key)
{
    const struct tees_own *own = ctx;
    const char *value = NULL;

    for (const char *const *s = own->settings; s[0] != NULL; s += 2) {
        value = strcmp(s[0], key) == 0 ? s[1] : value; /* the last counts, as with flags */
    }
    return value;
}

static int64_t
host_now(void *ctx)
{
    (void)ctx;
    return tsec_clock_real_ns(&tsec_clock_system) / TSEC_NS_PER_S;
}

static enum tees_result
open_plugin(const struct tees_config *config, struct tees_own *own, struct tees_error *error)
{
    const struct tsec_plugin *plugin = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(tsec_plugin_load(config->plugin_dir, config->plugin, TSEC_PLUGIN_ATTEST,
                                     &plugin, &err))) {
        return tees_fail_err(error, TEES_EVIDENCE, "plugin", &err);
    }
    own->settings = config->plugin_settings;
    own->host = (struct tsec_host){
        .struct_size = (uint32_t)sizeof(own->host),
        .ctx = own,
        .log = host_log,
        .setting = host_setting,
        .now = host_now,
    };
    if (tsec_failed(plugin->attest->open(&own->host, &own->attest, &err))) {
        return tees_fail_err(error, TEES_EVIDENCE, "plugin", &err);
    }
    own->ops = plugin->attest;
    own->info.struct_size = (uint32_t)sizeof(own->info);
    own->ops->describe(own->attest, &own->info);
    if (own->info.makes == NULL || own->info.makes[0] == NULL) {
        return tees_fail(error, TEES_EVIDENCE, "plugin",
                         "%.32s only verifies here: it has no TEE to make evidence with",
                         config->plugin);
    }
    return TEES_OK;
}

enum tees_result
tees_own_open(const struct tees_config *config, struct tees_own **out, struct tees_error *error)
{
    TSEC_AUTO(tees_own_close) struct tees_own *own = NULL;
    enum tees_result result;

    if (config->plugin == NULL) {
        *out = NULL;
        return TEES_OK;
    }
    own = calloc(1, sizeof(*own));
    if (own == NULL) {
        return tees_fail(error, TEES_NO_MEMORY, NULL, "no memory for the TEE");
    }
    result = open_plugin(config, own, error);
    if (result == TEES_OK) {
        *out = TSEC_TAKE(own);
    }
    return result;
}

void
tees_own_close(struct tees_own *own)
{
    if (own != NULL) {
        if (own->ops != NULL) {
            own->ops->close(own->attest);
        }
        free(own);
    }
}

const char *
tees_own_tee(const struct tees_own *own)
{
    return own->info.tee;
}

const char *
tees_own_format(const struct tees_own *own)
{
    return own->info.makes[0];
}

enum tees_result
tees_own_evidence(struct tees_own *own, const struct tsec_evidence_request *request,
                  const char **format, struct tsec_buf *out, struct tees_error *error)
{
    const struct tsec_sink sink = tsec_buf_sink(out);
    struct tsec_err err = { 0 };

    if (tsec_failed(own->ops->evidence(own->attest, request, format, &sink, &err))
        || tsec_failed(tsec_buf_check(out, &err))) {
        return tees_fail_err(error, TEES_EVIDENCE, NULL, &err);
    }
    return TEES_OK;
}
