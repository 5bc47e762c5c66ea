/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file monitor/metrics.h
 * @brief What a dashboard may know of the server, as Prometheus text (exposition format 0.0.4).
 *
 * Counts and states only: never a path or a token, and no name but that of a role of attested code.
 */
#ifndef TSEC_MONITOR_METRICS_H
#define TSEC_MONITOR_METRICS_H

#include "api/grants.h"
#include "attest/appraiser.h"
#include "channel/channel.h"
#include "core/node.h"
#include "core/store_watch.h"
#include "gateway/gateway.h"

struct metrics_sources {
    struct node *node;
    struct store_watch *store_watch;   /* NULL: nobody watches */
    const struct gateway *gateway;     /* NULL: not started yet */
    const struct appraiser *appraiser; /* NULL: there is none */
    struct grants *grants;             /* NULL: nothing is granted here */
    struct channels *channels;         /* NULL: there are none */
    const struct tsec_clock *clock;
    const char *version;
};

void metrics_text(const struct metrics_sources *sources, struct tsec_buf *out);

#endif
