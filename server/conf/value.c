/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "conf/list.h"

enum { SHOWN_MAX = 48 };

/* ` "value"`, or nothing where the value is nobody's business. */
static void
show(const struct conf_setting *s, const struct conf_text *value, char out[SHOWN_MAX])
{
    out[0] = '\0';
    if ((s->flags & CONF_F_SECRET) == 0 && !value->substituted
        && strlen(value->text) < SHOWN_MAX - 4) {
        (void)snprintf(out, SHOWN_MAX, " \"%s\"", value->text);
    }
}

static bool
allowed(const struct conf_setting *s, const char *text)
{
    const size_t len = strlen(text);

    if (s->allowed[0] == '\0') {
        return true;
    }
    for (const char *p = s->allowed; *p != '\0'; p += strspn(p, "|")) {
        const size_t n = strcspn(p, "|");

        if (n == len && strncmp(p, text, n) == 0) {
            return true;
        }
        p += n;
    }
    return false;
}

static tsec_rc
check_allowed(const struct conf_setting *s, const struct conf_text *value, struct tsec_err *err)
{
    char shown[SHOWN_MAX];
    char near[SHOWN_MAX];

    if (allowed(s, value->text)) {
        return TSEC_OK;
    }
    show(s, value, shown);
    if (conf_nearest_value(s->allowed, value->text, near, sizeof(near))) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "unknown value%s; did you mean \"%s\"?", shown, near);
    }
    return TSEC_FAIL(err, TSEC_E_CONFIG, "unknown value%s; it is one of %s", shown, s->allowed);
}

static tsec_rc
set_text(struct tsec_conf *conf, const struct conf_setting *s, const struct conf_text *value,
         struct tsec_err *err)
{
    const size_t len = strlen(value->text);

    if ((int64_t)len < s->min || (int64_t)len > s->max) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "%zu bytes long, must be %lld to %lld", len,
                         (long long)s->min, (long long)s->max);
    }
    if (s->type == CONF_T_ENUM && !(len == 0 && s->dflt[0] == '\0' && s->min == 0)) {
        TSEC_TRY(check_allowed(s, value, err));
    }

    char *copy = conf_text_dup(value->text);

    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "settings");
    }
    conf_text_free(*conf_text_at(conf, s));
    *conf_text_at(conf, s) = copy;
    return TSEC_OK;
}

static tsec_rc
set_int(struct tsec_conf *conf, const struct conf_setting *s, const struct conf_text *value,
        struct tsec_err *err)
{
    char *end = NULL;
    char shown[SHOWN_MAX];

    errno = 0;

    const long long n = strtoll(value->text, &end, 10);
    const bool starts_right =
        value->text[0] == '-' || (value->text[0] >= '0' && value->text[0] <= '9');

    if (!starts_right || *end != '\0' || errno != 0 || n < s->min || n > s->max) {
        show(s, value, shown);
        return TSEC_FAIL(err, TSEC_E_CONFIG, "must be a whole number from %lld to %lld, not%s",
                         (long long)s->min, (long long)s->max, shown[0] == '\0' ? " this" : shown);
    }
    *conf_int_at(conf, s) = n;
    return TSEC_OK;
}

static tsec_rc
set_bool(struct tsec_conf *conf, const struct conf_setting *s, const struct conf_text *value,
         struct tsec_err *err)
{
    const bool yes = strcmp(value->text, "true") == 0;

    if (!yes && strcmp(value->text, "false") != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "must be true or false");
    }
    *conf_bool_at(conf, s) = yes;
    return TSEC_OK;
}

static tsec_rc
set_duration(struct tsec_conf *conf, const struct conf_setting *s, const struct conf_text *value,
             struct tsec_err *err)
{
    int64_t ns = 0;

    if (!tsec_duration_parse(tsec_span_str(value->text), &ns)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "must be a duration such as 30s, 15m or 1h30m");
    }
    if (ns < s->min * TSEC_NS_PER_S || ns > s->max * TSEC_NS_PER_S) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "must be from %lld to %lld seconds", (long long)s->min,
                         (long long)s->max);
    }
    *conf_int_at(conf, s) = ns;
    return TSEC_OK;
}

tsec_rc
conf_value_set(struct tsec_conf *conf, const struct conf_setting *s, const struct conf_text *value,
               struct tsec_err *err)
{
    const bool text = s->type == CONF_T_STR || s->type == CONF_T_ENUM;

    if (!text && s->type != CONF_T_DURATION && value->quoted && !value->substituted) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "is text here; write it without quotes");
    }
    switch (s->type) {
    case CONF_T_STR:
    case CONF_T_ENUM:
        return set_text(conf, s, value, err);
    case CONF_T_INT:
        return set_int(conf, s, value, err);
    case CONF_T_BOOL:
        return set_bool(conf, s, value, err);
    case CONF_T_DURATION:
        return set_duration(conf, s, value, err);
    case CONF_T_LIST:
        return TSEC_FAIL(err, TSEC_E_CONFIG, "must be a list: [\"a\", \"b\"]");
    case CONF_T_MAP:
    case CONF_T_MAP2:
    default:
        return TSEC_FAIL(err, TSEC_E_CONFIG, "must be a mapping: names with values below it");
    }
}

tsec_rc
conf_value_add(struct tsec_conf *conf, const struct conf_setting *s, const char *key,
               const struct conf_text *value, struct conf_mark mark, struct tsec_err *err)
{
    struct conf_list *list = conf_list_at(conf, s);

    if ((int64_t)list->len >= s->max) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "more than %lld entries", (long long)s->max);
    }
    if (value->text[0] == '\0') {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "an entry is empty");
    }
    TSEC_TRY(check_allowed(s, value, err));
    return conf_list_add(list, key, value->text, mark, err);
}

tsec_rc
conf_value_defaults(struct tsec_conf *conf, struct tsec_err *err)
{
    for (size_t i = 0; i < CONF_COUNT; i++) {
        const struct conf_setting *s = &conf_settings[i];
        const struct conf_text value = { s->dflt, false, false };

        if (s->type < CONF_T_LIST) {
            TSEC_TRY(conf_value_set(conf, s, &value, err));
        }
    }
    return TSEC_OK;
}
