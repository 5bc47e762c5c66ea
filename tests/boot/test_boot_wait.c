/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <unistd.h>

#include "boot/boot_internal.h"
#include "tests/conf/sample.h"
#include "tests/double/store_mem.h"

struct trial {
    struct boot boot; /* first */
    unsigned fails;   /* so many times yet */
    enum tsec_code with;
    unsigned tried;
};

static tsec_rc
try_open(struct boot *boot, struct tsec_err *err)
{
    struct trial *t = (struct trial *)(void *)boot;

    t->tried++;
    if (t->fails > 0) {
        t->fails--;
        return TSEC_FAIL(err, t->with, "not yet");
    }
    return TSEC_OK;
}

static bool
is_exclusive(struct tsec_store *store)
{
    (void)store;
    return true;
}

/* A trial whose start may wait so long. */
static struct tsec_conf *
begin(struct trial *t, const char *patience)
{
    struct tsec_conf *conf = NULL;
    char text[1024];

    (void)snprintf(text, sizeof(text),
                   "backend:\n  type: tee\n  tee:\n    provider: simulated\n"
                   "    attestation: {allow_simulated: true}\n"
                   "    storage: {database_uri: \"postgresql://x\", start_timeout: \"%s\"}\n",
                   patience);
    CU_ASSERT_FALSE_FATAL(tsec_failed(sample_parse(text, &conf, NULL)));
    memset(t, 0, sizeof(*t));
    t->boot.conf = conf;
    t->boot.store_plugin.plugin = &store_mem_plugin;
    t->with = TSEC_E_UNAVAILABLE;
    return conf;
}

static void
a_database_that_comes_late_is_waited_for(void)
{
    struct trial t;
    struct tsec_err err = { 0 };
    TSEC_AUTO(conf_free) struct tsec_conf *conf = begin(&t, "1m");

    t.fails = 2;
    CU_ASSERT_EQUAL(boot_wait(&t.boot, try_open, &err).code, 0);
    CU_ASSERT_EQUAL(t.tried, 3);
}

static void
the_wait_ends_as_configured(void)
{
    struct trial t;
    struct tsec_err err = { 0 };
    TSEC_AUTO(conf_free) struct tsec_conf *conf = begin(&t, "0");

    t.fails = 100;
    CU_ASSERT_EQUAL(boot_wait(&t.boot, try_open, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(t.tried, 1);
    CU_ASSERT_STRING_EQUAL(err.detail, "not yet");
}

static void
what_is_wrong_for_good_is_not_waited_for(void)
{
    struct trial t;
    struct tsec_err err = { 0 };
    TSEC_AUTO(conf_free) struct tsec_conf *conf = begin(&t, "1m");

    t.fails = 100;
    t.with = TSEC_E_TAMPERED;
    CU_ASSERT_EQUAL(boot_wait(&t.boot, try_open, &err).code, TSEC_E_TAMPERED);
    CU_ASSERT_EQUAL(t.tried, 1);
}

static void
what_another_server_holds_is_not_waited_for(void)
{
    struct trial t;
    struct tsec_err err = { 0 };
    struct tsec_store_ops ops = store_mem_ops;
    struct tsec_plugin plugin = store_mem_plugin;
    TSEC_AUTO(conf_free) struct tsec_conf *conf = begin(&t, "1m");

    ops.exclusive = is_exclusive;
    plugin.store = &ops;
    t.boot.store_plugin.plugin = &plugin;
    t.fails = 100;
    CU_ASSERT_EQUAL(boot_wait(&t.boot, try_open, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(t.tried, 1);
}

static void
a_signal_to_end_ends_the_wait(void)
{
    struct trial t;
    struct tsec_err err = { 0 };
    sigset_t end;
    TSEC_AUTO(conf_free) struct tsec_conf *conf = begin(&t, "1m");

    (void)sigemptyset(&end);
    (void)sigaddset(&end, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &end, NULL);
    (void)kill(getpid(), SIGTERM);
    t.fails = 100;
    CU_ASSERT_EQUAL(boot_wait(&t.boot, try_open, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(t.tried, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "stopped"));
    (void)pthread_sigmask(SIG_UNBLOCK, &end, NULL);
}

static const struct test_case cases[] = {
    { "a database that comes late is waited for", a_database_that_comes_late_is_waited_for },
    { "the wait ends as configured", the_wait_ends_as_configured },
    { "what is wrong for good is not waited for", what_is_wrong_for_good_is_not_waited_for },
    { "what another server holds is not waited for", what_another_server_holds_is_not_waited_for },
    { "a signal to end ends the wait", a_signal_to_end_ends_the_wait },
};

TEST_MAIN("boot/wait", cases)
