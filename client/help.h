/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/help.h
 * @brief What the commands say about themselves.
 */
#ifndef TSEC_CLIENT_HELP_H
#define TSEC_CLIENT_HELP_H

#include "client/cli.h"

void cli_help_all(struct tsec_buf *out, const struct cli_command *const *tables);
/** The commands whose first word is `group`; false when there are none. */
bool cli_help_group(struct tsec_buf *out, const struct cli_command *const *tables,
                    const char *group);
void cli_help_command(struct tsec_buf *out, const struct cli_command *command,
                      const struct cli_flag *common);

#endif
