/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/fake_host.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void __attribute__((format(printf, 3, 4)))
fake_log(void *ctx, int level, const char *fmt, ...)
{
    struct fake_host *fake = ctx;
    va_list ap;

    fake->lines++;
    fake->warnings += level <= TSEC_LOG_WARN ? 1 : 0;
    va_start(ap, fmt);
    (void)vsnprintf(fake->last, sizeof(fake->last), fmt, ap);
    va_end(ap);
}

static const char *
fake_setting(void *ctx, const char *key)
{
    const struct fake_host *fake = ctx;

    for (const char *const *s = fake->settings; s != NULL && s[0] != NULL; s += 2) {
        if (strcmp(s[0], key) == 0) {
            return s[1];
        }
    }
    return NULL;
}

static int64_t
fake_now(void *ctx)
{
    return ((const struct fake_host *)ctx)->now;
}

void
fake_host_init(struct fake_host *fake, const char *const *settings)
{
    *fake = (struct fake_host){ .settings = settings, .now = 1800000000 };
    fake->host = (struct tsec_host){ .struct_size = (uint32_t)sizeof(struct tsec_host),
                                     .ctx = fake,
                                     .log = fake_log,
                                     .setting = fake_setting,
                                     .now = fake_now };
}
