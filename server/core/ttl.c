/* SPDX-License-Identifier: Apache-2.0 */
#include "core/ttl.h"

static void
cap(struct ttl_answer *answer, int64_t limit_s)
{
    if (answer->ttl_s > limit_s) {
        answer->ttl_s = limit_s;
        answer->cap_s = limit_s;
    }
}

struct ttl_answer
ttl_compute(const struct ttl_ask *ask)
{
    const int64_t issued = ask->issued_s == 0 ? ask->now_s : ask->issued_s;
    const int64_t age = ask->now_s - issued;
    const int64_t max = ask->max_s == 0 ? TTL_MAX_S : ask->max_s;
    struct ttl_answer answer = { 0, 0, 0 };

    if (ask->period_s > 0) {
        answer.ttl_s = ask->period_s;
    } else if (ask->ttl_s > 0) {
        answer.ttl_s = ask->ttl_s;
    } else {
        answer.ttl_s = ask->default_s == 0 ? TTL_DEFAULT_S : ask->default_s;
    }
    answer.asked_s = answer.ttl_s;
    /* A periodic token outlives the mount's maximum: that is what the period is for. */
    if (ask->period_s <= 0) {
        cap(&answer, max - age);
    }
    if (ask->explicit_max_s > 0) {
        cap(&answer, ask->explicit_max_s - age);
    }
    cap(&answer, TTL_LIMIT_S);
    return answer;
}
