/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf/subst.h
 * @brief ${NAME} in a value, once: what a variable holds is never looked at again.
 */
#ifndef TSEC_CONF_SUBST_H
#define TSEC_CONF_SUBST_H

#include "conf/conf.h"

enum { CONF_VALUE_MAX = 8192, CONF_ENV_NAME_MAX = 128 };

/** Appends `value` to `out` with each ${NAME} replaced and each $${ as ${.  Variables come from
 *  `before` (may be NULL), then from the environment, and are kept in `env`.  `*used` is set when
 *  any was replaced.  TSEC_E_CONFIG names the variable, never what is in it. */
TSEC_MUST_CHECK tsec_rc conf_subst(const char *value, const struct conf_list *before,
                                   struct conf_list *env, struct tsec_buf *out, bool *used,
                                   struct tsec_err *err);

#endif
