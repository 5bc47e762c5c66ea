/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/approle_rows.h
 * @brief Inside AppRole: where rows are and how ids become tags.  Only approle*.c include this.
 */
#ifndef TSEC_CORE_APPROLE_ROWS_H
#define TSEC_CORE_APPROLE_ROWS_H

#include "core/approle.h"

/** "sys/approle/<mount id>" folder name; `folder` brings its slashes. */
struct tsec_span approle_key(const struct approle_at *at, const char *folder,
                             struct tsec_span name);
void approle_tag(const struct approle_at *at, const char *what, struct tsec_span id,
                 uint8_t tag[RECORD_TAG_LEN]);
TSEC_MUST_CHECK tsec_rc approle_by_role_id(const struct approle_at *at, struct tsec_span role_id,
                                           const struct approle **out, struct tsec_err *err);

#endif
