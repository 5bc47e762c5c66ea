/* SPDX-License-Identifier: Apache-2.0 */
#include "host/services.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/test.h"

static int fds[2];
static struct tsec_clock_fake clock_fake;

/* What was logged since the last call. */
static const char *
logged(void)
{
    static char text[2048];
    const ssize_t n = read(fds[0], text, sizeof(text) - 1);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void
a_line_has_the_plugins_name_and_level(void)
{
    struct plugin_services services;
    const struct tsec_host *host = &services.host;

    plugin_services_init(&services, "store-sqlite", NULL, &clock_fake.clock);
    host->log(host->ctx, TSEC_LOG_WARN, "disk %d is %s", 7, "slow");
    const char *line = logged();

    CU_ASSERT_PTR_NOT_NULL(strstr(line, "store-sqlite"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "disk 7 is slow"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "warn"));
    host->log(host->ctx, -5, "worse");
    CU_ASSERT_PTR_NOT_NULL(strstr(logged(), "err"));
    host->log(host->ctx, 99, "chatter");
    host->log(host->ctx, TSEC_LOG_INFO, "after");
    line = logged();
    CU_ASSERT_PTR_NULL(strstr(line, "chatter")); /* debug, which is off */
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "after"));
}

static void
a_plugin_cannot_forge_a_line(void)
{
    struct plugin_services services;
    const struct tsec_host *host = &services.host;
    char longest[4096];
    const char *line;

    plugin_services_init(&services, "attest-sim", NULL, &clock_fake.clock);
    host->log(host->ctx, TSEC_LOG_INFO, "%s", "fine\nlevel=info msg=\"forged\"");
    line = logged();
    CU_ASSERT_PTR_EQUAL(strchr(line, '\n'), line + strlen(line) - 1);
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    host->log(host->ctx, TSEC_LOG_INFO, "%s", longest);
    line = logged();
    CU_ASSERT_TRUE(strlen(line) < 1024);
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "xxxx"));
}

static void
a_setting_is_found_by_its_whole_name(void)
{
    static const char *const settings[] = { "dir", "/a", "directory", "/b", "empty", "", NULL };
    struct plugin_services services;
    const struct tsec_host *host = &services.host;

    plugin_services_init(&services, "store-sqlite", settings, &clock_fake.clock);
    CU_ASSERT_STRING_EQUAL(host->setting(host->ctx, "dir"), "/a");
    CU_ASSERT_STRING_EQUAL(host->setting(host->ctx, "directory"), "/b");
    CU_ASSERT_STRING_EQUAL(host->setting(host->ctx, "empty"), "");
    CU_ASSERT_PTR_NULL(host->setting(host->ctx, "di"));
    CU_ASSERT_PTR_NULL(host->setting(host->ctx, "/a")); /* a value is no key */
    plugin_services_init(&services, "store-sqlite", NULL, &clock_fake.clock);
    CU_ASSERT_PTR_NULL(host->setting(host->ctx, "dir"));
}

static void
the_time_is_the_servers(void)
{
    struct plugin_services services;
    const struct tsec_host *host = &services.host;

    plugin_services_init(&services, "store-sqlite", NULL, &clock_fake.clock);
    CU_ASSERT_EQUAL(host->now(host->ctx), 1800000000);
    tsec_clock_fake_advance(&clock_fake, 5 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(host->now(host->ctx), 1800000005);
}

static const struct test_case cases[] = {
    { "a line has the plugin's name and level", a_line_has_the_plugins_name_and_level },
    { "a plugin cannot forge a line", a_plugin_cannot_forge_a_line },
    { "a setting is found by its whole name", a_setting_is_found_by_its_whole_name },
    { "the time is the server's", the_time_is_the_servers },
};

int
main(void)
{
    struct tsec_log_options options = { .format = TSEC_LOG_KEY_VALUE,
                                        .level = TSEC_LOG_INFO,
                                        .clock = &clock_fake.clock };

    if (pipe(fds) != 0) {
        return TEST_FAIL;
    }
    tsec_clock_fake_init(&clock_fake, 1800000000 * TSEC_NS_PER_S);
    options.fd = fds[1];
    tsec_log_setup(&options);
    return test_main("host/services", cases, sizeof(cases) / sizeof(cases[0]));
}
