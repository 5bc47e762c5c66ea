/* SPDX-License-Identifier: Apache-2.0 */
#include "host/services.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

enum { LINE_MAX_LEN = 512 };

static enum tsec_log_level
known_level(int level)
{
    if (level <= TSEC_LOG_ERR) {
        return TSEC_LOG_ERR;
    }
    if (level == TSEC_LOG_WARN) {
        return TSEC_LOG_WARN;
    }
    return level <= TSEC_LOG_INFO ? TSEC_LOG_INFO : TSEC_LOG_DEBUG;
}

static void __attribute__((format(printf, 3, 4)))
lend_log(void *ctx, int level, const char *fmt, ...)
{
    const struct plugin_services *services = ctx;
    char line[LINE_MAX_LEN];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    tsec_log(known_level(level), "plugin", TSEC_F_STR("name", services->plugin),
             TSEC_F_STR("says", line));
}

static const char *
lend_setting(void *ctx, const char *key)
{
    const struct plugin_services *services = ctx;

    for (const char *const *s = services->settings; s != NULL && s[0] != NULL; s += 2) {
        if (strcmp(s[0], key) == 0) {
            return s[1];
        }
    }
    return NULL;
}

static int64_t
lend_now(void *ctx)
{
    const struct plugin_services *services = ctx;

    return tsec_clock_real_ns(services->clock) / TSEC_NS_PER_S;
}

void
plugin_services_init(struct plugin_services *services, const char *plugin,
                     const char *const *settings, const struct tsec_clock *clock)
{
    *services = (struct plugin_services){ .settings = settings, .clock = clock };
    (void)snprintf(services->plugin, sizeof(services->plugin), "%s", plugin);
    services->host = (struct tsec_host){ .struct_size = (uint32_t)sizeof(struct tsec_host),
                                         .ctx = services,
                                         .log = lend_log,
                                         .setting = lend_setting,
                                         .now = lend_now };
}
