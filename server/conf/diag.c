/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/diag.h"

#include <stdarg.h>
#include <stdio.h>

#include "conf/list.h"

enum { NAME_SHOWN = 64, SENTENCE_MAX = 192 };

static void
sentence(char out[SENTENCE_MAX], const char *name, struct conf_mark mark, const char *key,
         const char *text)
{
    const size_t len = strlen(name);
    const char *shown = len > NAME_SHOWN ? name + len - NAME_SHOWN : name;
    char place[32] = "";

    if (mark.line > 0) {
        (void)snprintf(place, sizeof(place), "%u:%u:", mark.line, mark.column);
    }
    (void)snprintf(out, SENTENCE_MAX, "%s%s:%s %s%s%s", shown == name ? "" : "...", shown, place,
                   key == NULL ? "" : key, key == NULL ? "" : ": ", text);
}

tsec_rc
conf_wrong(struct tsec_err *err, const char *name, struct conf_mark mark, const char *key,
           const char *fmt, ...)
{
    char text[SENTENCE_MAX];
    char whole[SENTENCE_MAX];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    sentence(whole, name, mark, key, text);
    return TSEC_FAIL(err, TSEC_E_CONFIG, "%s", whole);
}

tsec_rc
conf_warn(struct tsec_conf *conf, struct conf_mark mark, enum conf_id id, struct tsec_err *err,
          const char *fmt, ...)
{
    char text[SENTENCE_MAX];
    char whole[SENTENCE_MAX];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    sentence(whole, conf->name, mark, conf_settings[id].key, text);
    return conf_list_add(&conf->warnings, NULL, whole, mark, err);
}
