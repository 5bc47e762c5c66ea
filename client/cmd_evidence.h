/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/cmd_evidence.h
 * @brief Exit statuses of the evidence commands, which are not those of the others.
 *
 * They run anywhere: no server, no token, no configuration, no network.
 */
#ifndef TSEC_CLIENT_CMD_EVIDENCE_H
#define TSEC_CLIENT_CMD_EVIDENCE_H

enum {
    EVIDENCE_GENUINE = 0,  /* genuine, and allowed */
    EVIDENCE_REFUSED = 1,  /* not genuine, or not what was asked for, or not readable as evidence */
    EVIDENCE_UNUSABLE = 2, /* nothing was judged: the arguments, or a file that cannot be read */
};

#endif
