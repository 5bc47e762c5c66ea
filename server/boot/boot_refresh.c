/* SPDX-License-Identifier: Apache-2.0 */
/* What verification needs and what ages, fetched by a thread of its own. */
#include <time.h>

#include "base/log.h"
#include "boot/boot_internal.h"

/* After a failure sooner than the schedule has it, and not at once. */
#define AGAIN_NS (300 * TSEC_NS_PER_S)

/* True: all of them did. */
static bool
refresh_all(const struct verifiers *set)
{
    bool fine = true;

    for (size_t i = 0; i < verifiers_len(set); i++) {
        const struct verifier *v = verifiers_at(set, i);
        struct tsec_err err = { 0 };

        if (tsec_failed(v->ops->refresh(v->attest, &err))) {
            tsec_log(TSEC_LOG_WARN, "collateral could not be refreshed; what is there stays",
                     TSEC_F_STR("plugin", v->name));
            tsec_log_err("that is why", &err);
            fine = false;
        }
    }
    return fine;
}

/* False: it is time to stop. */
static bool
sleep_for(struct boot_refresh *refresh, int64_t ns)
{
    struct timespec until;
    bool stop;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    ns += until.tv_nsec;
    until.tv_sec += (time_t)(ns / TSEC_NS_PER_S);
    until.tv_nsec = (long)(ns % TSEC_NS_PER_S);
    (void)pthread_mutex_lock(&refresh->lock);
    while (!refresh->stop && pthread_cond_timedwait(&refresh->wake, &refresh->lock, &until) == 0) {
    }
    stop = refresh->stop;
    (void)pthread_mutex_unlock(&refresh->lock);
    return !stop;
}

static void *
run(void *ctx)
{
    struct boot_refresh *refresh = ctx;
    bool fine;

    do {
        fine = refresh_all(refresh->verifiers);
    } while (
        sleep_for(refresh, fine || refresh->every_ns < AGAIN_NS ? refresh->every_ns : AGAIN_NS));
    return NULL;
}

tsec_rc
boot_refresh_start(struct boot_refresh *refresh, const struct verifiers *verifiers,
                   int64_t every_ns, struct tsec_err *err)
{
    pthread_condattr_t attr;

    refresh->verifiers = verifiers;
    refresh->every_ns = every_ns;
    refresh->stop = false;
    (void)pthread_mutex_init(&refresh->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&refresh->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    if (pthread_create(&refresh->thread, NULL, run, refresh) != 0) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the thread that refreshes collateral");
    }
    refresh->running = true;
    return TSEC_OK;
}

void
boot_refresh_stop(struct boot_refresh *refresh)
{
    if (!refresh->running) {
        return;
    }
    (void)pthread_mutex_lock(&refresh->lock);
    refresh->stop = true;
    (void)pthread_cond_signal(&refresh->wake);
    (void)pthread_mutex_unlock(&refresh->lock);
    (void)pthread_join(refresh->thread, NULL);
    refresh->running = false;
    (void)pthread_cond_destroy(&refresh->wake);
    (void)pthread_mutex_destroy(&refresh->lock);
}
