/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/diag.h"

#include <stdarg.h>
#include <stdio.h>

#include "conf/list.h"

enum {
    ERROR_MAX = sizeof(((struct tsec_err *)NULL)->detail),
    WARNING_MAX = 1024,
    NAME_LEAST = 24, /* of a file's name, however long the rest is */
};

/* When it does not fit in `size` bytes the file's name is cut, at the front. */
static void
sentence(char *out, size_t size, const char *name, struct conf_mark mark, const char *key,
         const char *text)
{
    const char *colon = key == NULL ? "" : ": ";
    const char *full = key == NULL ? "" : key;
    const size_t len = strlen(name);
    char place[32] = "";
    size_t rest;
    size_t room;

    if (mark.line > 0) {
        (void)snprintf(place, sizeof(place), "%u:%u:", mark.line, mark.column);
    }
    rest = strlen(place) + strlen(full) + strlen(colon) + strlen(text) + sizeof("...: ");
    room = rest + NAME_LEAST < size ? size - rest : NAME_LEAST;
    if (len > room) {
        (void)snprintf(out, size, "...%s:%s %s%s%s", name + len - room, place, full, colon, text);
    } else {
        (void)snprintf(out, size, "%s:%s %s%s%s", name, place, full, colon, text);
    }
}

tsec_rc
conf_wrong(struct tsec_err *err, const char *name, struct conf_mark mark, const char *key,
           const char *fmt, ...)
{
    char text[ERROR_MAX];
    char whole[ERROR_MAX];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    sentence(whole, sizeof(whole), name, mark, key, text);
    return TSEC_FAIL(err, TSEC_E_CONFIG, "%s", whole);
}

tsec_rc
conf_warn(struct tsec_conf *conf, struct conf_mark mark, enum conf_id id, struct tsec_err *err,
          const char *fmt, ...)
{
    char text[WARNING_MAX];
    char whole[WARNING_MAX];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    sentence(whole, sizeof(whole), conf->name, mark, conf_settings[id].key, text);
    return conf_list_add(&conf->warnings, NULL, whole, mark, err);
}
