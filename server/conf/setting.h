/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf/setting.h
 * @brief The table of conf.def as data: finding a setting, and the one that was probably meant.
 */
#ifndef TSEC_CONF_SETTING_H
#define TSEC_CONF_SETTING_H

#include "conf/conf.h"

enum conf_type {
    CONF_T_STR = 1,
    CONF_T_ENUM,
    CONF_T_INT,
    CONF_T_BOOL,
    CONF_T_DURATION,
    CONF_T_LIST,
    CONF_T_MAP,
    CONF_T_MAP2,
};

enum conf_flag { CONF_F_REQUIRED = 1, CONF_F_RELOAD = 2, CONF_F_SECRET = 4, CONF_F_LATER = 8 };

struct conf_setting {
    const char *key;
    enum conf_type type;
    unsigned flags;
    size_t offset; /* of the field in struct tsec_conf */
    const char *dflt;
    int64_t min;
    int64_t max;
    const char *allowed;
    const char *doc;
};

extern const struct conf_setting conf_settings[CONF_COUNT];

/** A name under a section; `section` is "" at the top. */
struct conf_child {
    size_t first; /* index of the first setting it leads to, CONF_COUNT = no such name */
    bool leaf;    /* it is that setting itself */
};
struct conf_child conf_find(const char *section, const char *name);
/** The MAP2 that takes any other name of a section, or NULL. */
const struct conf_setting *conf_wildcard(const char *section);

/** What was probably meant by `name`: a name of that section, else the whole key of a setting of
 *  that name elsewhere.  False: nothing is near. */
bool conf_nearest(const char *section, const char *name, char *out, size_t out_len);
/** The nearest of "a|b|c". */
bool conf_nearest_value(const char *allowed, const char *value, char *out, size_t out_len);

/** The field of a setting, by its type. */
char **conf_text_at(struct tsec_conf *conf, const struct conf_setting *s);
int64_t *conf_int_at(struct tsec_conf *conf, const struct conf_setting *s);
bool *conf_bool_at(struct tsec_conf *conf, const struct conf_setting *s);
struct conf_list *conf_list_at(struct tsec_conf *conf, const struct conf_setting *s);

#endif
