/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/kv.h
 * @brief Paths of a key-value mount (version 2), for the kv commands.
 */
#ifndef TSEC_CLIENT_KV_H
#define TSEC_CLIENT_KV_H

#include "client/call.h"

enum { CLI_KV_PATH_MAX = 4096, CLI_KV_BODY_MAX = CLI_REPLY_MAX };

/** "MOUNT/area/PATH" of operand `i`.  The mount is -mount, or the operand's first segment. */
int cli_kv_path(struct cli *cli, size_t i, const char *area, struct tsec_buf *out);
/** -versions or -version as a JSON array under "versions"; a usage error without one. */
int cli_kv_versions(struct cli *cli, struct tsec_buf *body);
/** A flag that must be a number from 0 on; *given stays false without it. */
int cli_kv_number(struct cli *cli, const char *flag, int64_t *out, bool *given);
/** {"data":DATA,"options":{"cas":N}} */
int cli_kv_write_body(struct cli *cli, struct tsec_span data, struct tsec_buf *out);

#endif
