/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/output.h
 * @brief A server's JSON as tables for people and indented JSON for programs.
 *
 * Works on checked text and keeps every digit.  In a table control characters other than newline
 * and tab come out as \xNN, so that no stored value can steer a terminal.
 */
#ifndef TSEC_CLIENT_OUTPUT_H
#define TSEC_CLIENT_OUTPUT_H

#include "base/buf.h"

/** Indented by two spaces, with a newline at the end. */
void cli_output_json(struct tsec_buf *out, struct tsec_span value);
/** "Key  Value" and a line per member. */
void cli_output_table(struct tsec_buf *out, struct tsec_span object);
/** A line above the table of a part: "======= Data =======". */
void cli_output_title(struct tsec_buf *out, const char *title);
/** "Keys" and a line per element. */
void cli_output_keys(struct tsec_buf *out, const char *title, struct tsec_span array);
/** A string's text, any other value as JSON; nothing escaped, no newline. */
void cli_output_raw(struct tsec_buf *out, struct tsec_span value);
/** The same with control characters made harmless, as in a table. */
void cli_output_cell(struct tsec_buf *out, struct tsec_span value);

#endif
