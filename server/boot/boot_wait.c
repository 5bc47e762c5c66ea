/* SPDX-License-Identifier: Apache-2.0 */
/* A start beside a database that is not there yet, as when both start with the machine. */
#include <signal.h>
#include <time.h>

#include "base/log.h"
#include "boot/boot_internal.h"

#define TRY_EVERY_NS (TSEC_NS_PER_S / 2)

/* False: the wait is over, because the server is to end. */
static bool
wait_a_little(void)
{
    const struct timespec step = { .tv_nsec = TRY_EVERY_NS };
    sigset_t end;

    (void)sigemptyset(&end);
    (void)sigaddset(&end, SIGTERM);
    (void)sigaddset(&end, SIGINT);
    return sigtimedwait(&end, NULL, &step) < 0;
}

static bool
may_come_yet(tsec_rc rc)
{
    return rc.code == TSEC_E_UNAVAILABLE || rc.code == TSEC_E_OUTCOME_UNKNOWN;
}

tsec_rc
boot_wait(struct boot *boot, boot_open_fn open, struct tsec_err *err)
{
    const int64_t until =
        tsec_clock_mono_ns(&tsec_clock_system) + boot->conf->storage_start_timeout_ns;
    bool told = false;

    for (;;) {
        struct tsec_err why = { 0 };
        const tsec_rc rc = open(boot, &why);

        /* What only one server can have open is not away, but taken. */
        if (!may_come_yet(rc) || TSEC_HAS(boot->store_plugin.plugin->store, exclusive)
            || tsec_clock_mono_ns(&tsec_clock_system) >= until) {
            *err = why;
            return rc;
        }
        if (!told) {
            told = true;
            tsec_log_err("waiting for the database", &why);
        }
        if (!wait_a_little()) {
            return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "stopped while it waited for the database");
        }
    }
}
