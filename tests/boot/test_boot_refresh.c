/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <time.h>

#include "base/log.h"
#include "boot/boot_internal.h"
#include "tests/double/attest_script.h"
#include "tests/test.h"

static atomic_uint refreshes;
static atomic_int says;

static tsec_rc
counted(struct tsec_attest *attest, struct tsec_err *err)
{
    (void)attest;
    (void)atomic_fetch_add(&refreshes, 1);
    return atomic_load(&says) == 0
               ? TSEC_OK
               : TSEC_FAIL(err, (enum tsec_code)atomic_load(&says), "nobody answers");
}

static struct tsec_attest_ops ops;
static struct verifiers *set;

static void
open_set(int32_t code)
{
    const struct verifier item = { "attest-script", &ops, NULL };

    tsec_log_setup(
        &(struct tsec_log_options){ .level = TSEC_LOG_ERR, .fd = 2, .clock = &tsec_clock_system });
    ops = attest_script_ops;
    ops.refresh = counted;
    atomic_store(&refreshes, 0);
    atomic_store(&says, code);
    CU_ASSERT_FALSE_FATAL(tsec_failed(verifiers_new(&item, 1, &set, NULL)));
}

/* At most two seconds. */
static bool
comes_to(unsigned n)
{
    const struct timespec step = { .tv_nsec = 2 * 1000 * 1000 };

    for (int i = 0; i < 1000 && atomic_load(&refreshes) < n; i++) {
        (void)nanosleep(&step, NULL);
    }
    return atomic_load(&refreshes) >= n;
}

static void
verifiers_are_refreshed_at_once_and_again(void)
{
    struct boot_refresh refresh = { .running = false };

    open_set(0);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(boot_refresh_start(&refresh, set, 5 * TSEC_NS_PER_S / 1000, NULL)));
    CU_ASSERT_TRUE(comes_to(3));
    boot_refresh_stop(&refresh);
    CU_ASSERT_FALSE(refresh.running);
    verifiers_free(set);
}

static void
a_long_interval_does_not_hold_up_the_end(void)
{
    struct boot_refresh refresh = { .running = false };

    open_set(TSEC_E_UNAVAILABLE);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(boot_refresh_start(&refresh, set, 3600 * TSEC_NS_PER_S, NULL)));
    CU_ASSERT_TRUE(comes_to(1));
    boot_refresh_stop(&refresh);
    CU_ASSERT_EQUAL(atomic_load(&refreshes), 1);
    boot_refresh_stop(&refresh);
    verifiers_free(set);
}

static const struct test_case cases[] = {
    { "verifiers are refreshed at once and again", verifiers_are_refreshed_at_once_and_again },
    { "a long interval does not hold up the end", a_long_interval_does_not_hold_up_the_end },
};

TEST_MAIN("boot/refresh", cases)
