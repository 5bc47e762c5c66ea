/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf/value.h
 * @brief The text of a value to the field of its setting, checked.
 */
#ifndef TSEC_CONF_VALUE_H
#define TSEC_CONF_VALUE_H

#include "conf/setting.h"

/** How the value stood in the file, which decides what a message may quote and which types fit. */
struct conf_text {
    const char *text;
    bool quoted;      /* so it is no number and no truth value */
    bool substituted; /* it came from the environment: never quoted in a message */
};

/** Sets the field of a scalar setting.  TSEC_E_CONFIG says what would be right. */
TSEC_MUST_CHECK tsec_rc conf_value_set(struct tsec_conf *conf, const struct conf_setting *s,
                                       const struct conf_text *value, struct tsec_err *err);
/** Adds an entry to a LIST, MAP or MAP2; `key` is NULL for a LIST. */
TSEC_MUST_CHECK tsec_rc conf_value_add(struct tsec_conf *conf, const struct conf_setting *s,
                                       const char *key, const struct conf_text *value,
                                       struct conf_mark mark, struct tsec_err *err);
/** Every setting to its default. */
TSEC_MUST_CHECK tsec_rc conf_value_defaults(struct tsec_conf *conf, struct tsec_err *err);

#endif
