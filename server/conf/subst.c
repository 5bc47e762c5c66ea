/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/subst.h"

#include <stdlib.h>

#include "conf/list.h"

static bool
name_byte(char c, bool first)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'
           || (!first && c >= '0' && c <= '9');
}

/* `text` is what follows "${"; sets `name` and returns what follows "}". */
static tsec_rc
take_name(const char **text, char name[CONF_ENV_NAME_MAX], struct tsec_err *err)
{
    size_t len = 0;
    const char *p = *text;

    while (len < CONF_ENV_NAME_MAX - 1 && name_byte(p[len], len == 0)) {
        len++;
    }
    if (len == 0 || p[len] != '}') {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "\"${\" must be followed by a variable's name and \"}\"; "
                         "write \"$${\" for a literal \"${\"");
    }
    memcpy(name, p, len);
    name[len] = '\0';
    *text = p + len + 1;
    return TSEC_OK;
}

static tsec_rc
look_up(const char *name, const struct conf_list *before, struct conf_list *env, const char **value,
        struct tsec_err *err)
{
    const struct conf_mark none = { 0, 0 };
    const char *found = conf_list_get(env, name);

    if (found == NULL) {
        found = before == NULL ? NULL : conf_list_get(before, name);
        found = found == NULL ? getenv(name) : found;
        if (found == NULL) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "the environment variable %s is not set", name);
        }
        if (!conf_text_printable(tsec_span_str(found))) {
            return TSEC_FAIL(err, TSEC_E_CONFIG,
                             "the environment variable %s holds control characters, or is not "
                             "UTF-8",
                             name);
        }
        TSEC_TRY(conf_list_add(env, name, found, none, err));
        found = conf_list_get(env, name);
    }
    *value = found;
    return TSEC_OK;
}

tsec_rc
conf_subst(const char *value, const struct conf_list *before, struct conf_list *env,
           struct tsec_buf *out, bool *used, struct tsec_err *err)
{
    const char *p = value;

    while (*p != '\0') {
        if (strncmp(p, "$${", 3) == 0) {
            tsec_buf_put_str(out, "${");
            p += 3;
        } else if (strncmp(p, "${", 2) == 0) {
            char name[CONF_ENV_NAME_MAX];
            const char *found = NULL;

            p += 2;
            TSEC_TRY(take_name(&p, name, err));
            TSEC_TRY(look_up(name, before, env, &found, err));
            tsec_buf_put_str(out, found);
            *used = true;
        } else {
            tsec_buf_put_byte(out, (uint8_t)*p++);
        }
    }
    tsec_buf_put_byte(out, 0);
    if (tsec_failed(tsec_buf_check(out, NULL))) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "longer than %d bytes", (int)CONF_VALUE_MAX);
    }
    return TSEC_OK;
}
