/* SPDX-License-Identifier: Apache-2.0 */
#include "process/schedule.h"

#include <sched.h>

bool
process_schedule(void)
{
    const struct sched_param none = { .sched_priority = 0 };

    return sched_setscheduler(0, SCHED_BATCH, &none) == 0;
}
