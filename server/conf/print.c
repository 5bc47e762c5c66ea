/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "conf/setting.h"

enum { DEPTH_MAX = 8 };

static void
indent(struct tsec_buf *out, size_t depth)
{
    for (size_t i = 0; i < depth; i++) {
        tsec_buf_put_str(out, "  ");
    }
}

/* In double quotes, so that it is read back as text and as it stands. */
static void
put_text(struct tsec_buf *out, const char *text, bool secret)
{
    if (secret && text[0] != '\0') {
        tsec_buf_put_str(out, "\"***\"");
        return;
    }
    tsec_buf_put_byte(out, '"');
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\') {
            tsec_buf_put_byte(out, '\\');
        }
        if (strncmp(p, "${", 2) == 0) {
            tsec_buf_put_byte(out, '$');
        }
        tsec_buf_put_byte(out, (uint8_t)*p);
    }
    tsec_buf_put_byte(out, '"');
}

static const char *
name_of(const char *key)
{
    const char *dot = strrchr(key, '.');

    return dot == NULL ? key : dot + 1;
}

/* Opens the sections that `key` is in and `previous` was not; returns the depth. */
static size_t
put_sections(struct tsec_buf *out, const char *previous, const char *key)
{
    size_t depth = 0;
    bool same = true;

    for (const char *p = key, *dot = strchr(p, '.'); dot != NULL && depth < DEPTH_MAX;
         p = dot + 1, dot = strchr(p, '.')) {
        const size_t upto = (size_t)(dot - key) + 1;

        same = same && strncmp(previous, key, upto) == 0;
        if (!same) {
            indent(out, depth);
            tsec_buf_put(out, p, (size_t)(dot - p));
            tsec_buf_put_str(out, ":\n");
        }
        depth++;
    }
    return depth;
}

static void
put_list(struct tsec_buf *out, const struct conf_list *list, bool secret)
{
    tsec_buf_put_byte(out, '[');
    for (size_t i = 0; i < list->len; i++) {
        tsec_buf_put_str(out, i == 0 ? "" : ", ");
        put_text(out, list->items[i].value, secret);
    }
    tsec_buf_put_str(out, "]\n");
}

static void
put_name(struct tsec_buf *out, const char *name, size_t len)
{
    tsec_buf_put_byte(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (name[i] == '"' || name[i] == '\\') {
            tsec_buf_put_byte(out, '\\');
        }
        tsec_buf_put_byte(out, (uint8_t)name[i]);
    }
    tsec_buf_put_str(out, "\":");
}

static void
put_entry(struct tsec_buf *out, size_t depth, const char *key, const char *value, bool secret)
{
    indent(out, depth);
    put_name(out, key, strlen(key));
    tsec_buf_put_byte(out, ' ');
    put_text(out, value, secret);
    tsec_buf_put_byte(out, '\n');
}

/* item.key is "group.name"; the entries of a group stand together. */
static void
put_map2(struct tsec_buf *out, size_t depth, const struct conf_list *map, bool secret)
{
    const char *group = "";

    for (size_t i = 0; i < map->len; i++) {
        const char *key = map->items[i].key;
        const size_t len = strcspn(key, ".");

        if (strncmp(group, key, len + 1) != 0) {
            indent(out, depth);
            put_name(out, key, len);
            tsec_buf_put_byte(out, '\n');
            group = key;
        }
        put_entry(out, depth + 1, key + len + 1, map->items[i].value, secret);
    }
}

static void
put_setting(struct tsec_buf *out, size_t depth, const struct conf_setting *s,
            struct tsec_conf *conf)
{
    const bool secret = (s->flags & CONF_F_SECRET) != 0;

    if (s->type == CONF_T_MAP2) {
        put_map2(out, depth, conf_list_at(conf, s), secret);
        return;
    }
    indent(out, depth);
    tsec_buf_put_str(out, name_of(s->key));
    tsec_buf_put_str(out, ": ");
    if (s->type == CONF_T_LIST) {
        put_list(out, conf_list_at(conf, s), secret);
        return;
    }
    if (s->type == CONF_T_MAP) {
        const struct conf_list *map = conf_list_at(conf, s);

        tsec_buf_put_str(out, map->len == 0 ? "{}\n" : "\n");
        for (size_t i = 0; i < map->len; i++) {
            put_entry(out, depth + 1, map->items[i].key, map->items[i].value, secret);
        }
        return;
    }
    if (s->type == CONF_T_INT) {
        tsec_buf_printf(out, "%lld", (long long)*conf_int_at(conf, s));
    } else if (s->type == CONF_T_BOOL) {
        tsec_buf_put_str(out, *conf_bool_at(conf, s) ? "true" : "false");
    } else if (s->type == CONF_T_DURATION) {
        tsec_duration_append(out, *conf_int_at(conf, s));
    } else {
        put_text(out, *conf_text_at(conf, s), secret);
    }
    tsec_buf_put_byte(out, '\n');
}

void
conf_print(const struct tsec_conf *conf, struct tsec_buf *out)
{
    struct tsec_conf shown =
        *conf; /* the accessors want it writable; texts are shared, not freed */
    const char *previous = "";

    for (size_t i = 0; i < CONF_COUNT; i++) {
        const struct conf_setting *s = &conf_settings[i];

        put_setting(out, put_sections(out, previous, s->key), s, &shown);
        previous = s->key;
    }
}
