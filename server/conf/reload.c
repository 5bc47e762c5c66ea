/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/diag.h"
#include "conf/list.h"

/* const: the accessors are shared with the reader, which writes. */
static bool
same(const struct conf_setting *s, const struct tsec_conf *a, const struct tsec_conf *b)
{
    const char *pa = (const char *)a + s->offset;
    const char *pb = (const char *)b + s->offset;

    switch (s->type) {
    case CONF_T_STR:
    case CONF_T_ENUM:
        return strcmp(*(char *const *)(const void *)pa, *(char *const *)(const void *)pb) == 0;
    case CONF_T_INT:
    case CONF_T_DURATION:
        return *(const int64_t *)(const void *)pa == *(const int64_t *)(const void *)pb;
    case CONF_T_BOOL:
        return *(const bool *)(const void *)pa == *(const bool *)(const void *)pb;
    case CONF_T_LIST:
    case CONF_T_MAP:
    case CONF_T_MAP2:
    default:
        return conf_list_equal((const struct conf_list *)(const void *)pa,
                               (const struct conf_list *)(const void *)pb);
    }
}

tsec_rc
conf_check_reload(const struct tsec_conf *before, const struct tsec_conf *after,
                  struct tsec_err *err)
{
    for (size_t i = 0; i < CONF_COUNT; i++) {
        const struct conf_setting *s = &conf_settings[i];

        if ((s->flags & CONF_F_RELOAD) == 0 && !same(s, before, after)) {
            return conf_wrong(err, after->name, after->marks[i], s->key,
                              "cannot change while the server runs; restart it");
        }
    }
    return TSEC_OK;
}
