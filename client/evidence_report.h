/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/evidence_report.h
 * @brief A verdict in writing: JSON for programs, and for people what they want to know first.
 *
 * What evidence says is foreign text: in the table no byte of it can steer a terminal.
 */
#ifndef TSEC_CLIENT_EVIDENCE_REPORT_H
#define TSEC_CLIENT_EVIDENCE_REPORT_H

#include "client/evidence_judge.h"

/** {"verdict","format","claims","checks","reason"}; the reason of a genuine one is "". */
void evidence_report_json(const struct evidence_ask *ask, const struct evidence_verdict *verdict,
                          struct tsec_buf *out);
void evidence_report_table(const struct evidence_ask *ask, const struct evidence_verdict *verdict,
                           struct tsec_buf *out);

/** {"verified":false,"format","claims"}: decoded, and judged by nobody. */
void evidence_show_json(const char *format, const struct tsec_claims *claims, struct tsec_buf *out);
void evidence_show_table(const char *format, const struct tsec_claims *claims,
                         struct tsec_buf *out);

#endif
