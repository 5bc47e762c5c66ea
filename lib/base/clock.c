/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <time.h>

static int64_t
read_clock(clockid_t id)
{
    struct timespec ts = { 0, 0 };

    (void)clock_gettime(id, &ts); /* cannot fail for these clocks */
    return (int64_t)ts.tv_sec * TSEC_NS_PER_S + (int64_t)ts.tv_nsec;
}

static int64_t
system_real(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_REALTIME);
}

/* BOOTTIME also counts while a virtual machine is suspended: a lease does not outlive its time by
 * being put to sleep. */
static int64_t
system_mono(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_BOOTTIME);
}

const struct tsec_clock tsec_clock_system = { NULL, system_real, system_mono };

/* Threads may read it while a test moves it. */
static int64_t
fake_real(void *ctx)
{
    return __atomic_load_n(&((const struct tsec_clock_fake *)ctx)->real, __ATOMIC_RELAXED);
}

static int64_t
fake_mono(void *ctx)
{
    return __atomic_load_n(&((const struct tsec_clock_fake *)ctx)->mono, __ATOMIC_RELAXED);
}

void
tsec_clock_fake_init(struct tsec_clock_fake *fake, int64_t real_ns)
{
    fake->clock = (struct tsec_clock){ fake, fake_real, fake_mono };
    fake->real = real_ns;
    fake->mono = 0;
}

void
tsec_clock_fake_advance(struct tsec_clock_fake *fake, int64_t ns)
{
    (void)__atomic_fetch_add(&fake->real, ns, __ATOMIC_RELAXED);
    (void)__atomic_fetch_add(&fake->mono, ns, __ATOMIC_RELAXED);
}
