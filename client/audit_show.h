/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/audit_show.h
 * @brief Audit entries opened and put into lines of JSON.
 */
#ifndef TSEC_CLIENT_AUDIT_SHOW_H
#define TSEC_CLIENT_AUDIT_SHOW_H

#include "client/audit_keys.h"
#include "client/audit_log.h"
#include "client/cli.h"

struct audit_show {
    struct cli *cli;
    struct audit_keys keys;
    struct tsec_buf *lines;
    int64_t from;
    bool all;
};

/** Reads the flags -identity, -from and -all; the log's leaves come here from then on. */
int audit_show_open(struct audit_show *show, struct cli *cli, struct audit_log *log);
void audit_show_done(struct audit_show *show);

#endif
