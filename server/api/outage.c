/* SPDX-License-Identifier: Apache-2.0 */
#include "api/outage.h"

#include <string.h>

#include "base/clock.h"
#include "base/span.h"

#define TELL_EVERY_NS (60 * TSEC_NS_PER_S)

static const int32_t lasting[OUTAGE_KINDS] = {
    TSEC_E_BUSY,     TSEC_E_NO_MEMORY, TSEC_E_OUTCOME_UNKNOWN, TSEC_E_READ_ONLY,
    TSEC_E_ROLLBACK, TSEC_E_SEALED,    TSEC_E_UNAVAILABLE,     TSEC_E_NOT_INITIALIZED,
};

void
outage_init(struct outage *outage)
{
    memset(outage, 0, sizeof(*outage));
    for (size_t i = 0; i < OUTAGE_KINDS; i++) {
        outage->kinds[i].code = lasting[i];
    }
    (void)pthread_mutex_init(&outage->lock, NULL);
}

void
outage_done(struct outage *outage)
{
    (void)pthread_mutex_destroy(&outage->lock);
}

bool
outage_tell(struct outage *outage, int32_t code, int64_t mono_ns, uint64_t *untold)
{
    bool tell = true;

    *untold = 0;
    (void)pthread_mutex_lock(&outage->lock);
    for (size_t i = 0; i < OUTAGE_KINDS; i++) {
        struct outage_kind *kind = &outage->kinds[i];

        if (kind->code != code) {
            continue;
        }
        tell = !kind->told || mono_ns - kind->told_mono_ns >= TELL_EVERY_NS;
        if (tell) {
            *untold = kind->untold;
            kind->told_mono_ns = mono_ns;
            kind->told = true;
            kind->untold = 0;
        } else {
            kind->untold++;
        }
    }
    (void)pthread_mutex_unlock(&outage->lock);
    return tell;
}
