/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/yaml.h"

#include <stdio.h>
#include <yaml.h>

#include "conf/diag.h"
#include "conf/list.h"
#include "conf/subst.h"
#include "conf/value.h"

enum { KEY_MAX = 160, MAP_NAME_MAX = 128 };

struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    struct tsec_span bytes;
    struct tsec_conf *conf;
    const struct tsec_conf *before;
    struct tsec_err *err;
};

/* Functions of the reader that fail have said where, in r->err. */
#define WRONG(r, mark, key, ...) conf_wrong((r)->err, (r)->conf->name, (mark), (key), __VA_ARGS__)

static struct conf_mark
mark_of(yaml_mark_t mark)
{
    return (struct conf_mark){ (uint32_t)mark.line + 1, (uint32_t)mark.column + 1 };
}

static struct conf_mark
here(const struct reader *r)
{
    return mark_of(r->event.start_mark);
}

/* The encoding is checked before there are lines: count them up to the offending byte. */
static struct conf_mark
mark_at(struct tsec_span bytes, size_t offset)
{
    struct conf_mark mark = { 1, 1 };

    for (size_t i = 0; i < offset && i < bytes.len; i++) {
        mark.column = bytes.ptr[i] == '\n' ? 1 : mark.column + 1;
        mark.line += bytes.ptr[i] == '\n' ? 1 : 0;
    }
    return mark;
}

static tsec_rc
not_yaml(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem == NULL ? "out of memory" : p->problem;

    if (p->error == YAML_READER_ERROR) {
        return WRONG(r, mark_at(r->bytes, p->problem_offset), NULL, "not readable as text: %s",
                     problem);
    }
    return WRONG(r, mark_of(p->problem_mark), NULL, "not YAML: %s%s%s", problem,
                 p->context == NULL ? "" : " ", p->context == NULL ? "" : p->context);
}

static tsec_rc
refuse_decoration(struct reader *r, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL) {
        return WRONG(r, here(r), NULL, "anchors and aliases are not used here; repeat the value");
    }
    if (tag != NULL) {
        return WRONG(r, here(r), NULL, "tags are not used here; leave \"%.40s\" out",
                     (const char *)tag);
    }
    return TSEC_OK;
}

static tsec_rc
next(struct reader *r)
{
    const yaml_event_t *e = &r->event;

    if (r->has_event) {
        yaml_event_delete(&r->event);
        r->has_event = false;
    }
    if (!yaml_parser_parse(&r->parser, &r->event)) {
        return not_yaml(r);
    }
    r->has_event = true;
    if (e->type == YAML_ALIAS_EVENT) {
        return refuse_decoration(r, e->data.alias.anchor, NULL);
    }
    if (e->type == YAML_SCALAR_EVENT) {
        return refuse_decoration(r, e->data.scalar.anchor, e->data.scalar.tag);
    }
    if (e->type == YAML_SEQUENCE_START_EVENT) {
        return refuse_decoration(r, e->data.sequence_start.anchor, e->data.sequence_start.tag);
    }
    if (e->type == YAML_MAPPING_START_EVENT) {
        return refuse_decoration(r, e->data.mapping_start.anchor, e->data.mapping_start.tag);
    }
    return TSEC_OK;
}

static const char *
scalar(const struct reader *r)
{
    return (const char *)r->event.data.scalar.value;
}

static tsec_rc
check_scalar(struct reader *r, const char *key)
{
    const size_t len = r->event.data.scalar.length;

    if (!conf_text_printable(tsec_span(r->event.data.scalar.value, len))) {
        return WRONG(r, here(r), key, "control characters and line ends are not allowed here");
    }
    if (len >= CONF_VALUE_MAX) {
        return WRONG(r, here(r), key, "longer than %d bytes", (int)CONF_VALUE_MAX);
    }
    return TSEC_OK;
}

static bool
is_null(const struct reader *r)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(nulls); i++) {
        if (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
            && strcmp(scalar(r), nulls[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A section whose settings are all commented out is null to YAML; here it is empty. */
static bool
is_empty_section(const struct reader *r)
{
    return r->event.type == YAML_SCALAR_EVENT && r->event.data.scalar.length == 0 && is_null(r);
}

/* The scalar at hand into setting `s`; `entry` names it in a map, `full` in messages. */
static tsec_rc
take_value(struct reader *r, const struct conf_setting *s, const char *full, const char *entry)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(CONF_VALUE_MAX);
    struct tsec_err inner = { 0 };
    struct conf_text value = { NULL, false, false };
    tsec_rc rc;

    if (r->event.type != YAML_SCALAR_EVENT) {
        return WRONG(r, here(r), full, "must be one value, not a list or mapping");
    }
    TSEC_TRY(check_scalar(r, full));
    if (is_null(r)) {
        return WRONG(r, here(r), full, "has no value; give one or leave the setting out");
    }
    value.quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    rc = conf_subst(scalar(r), r->before == NULL ? NULL : &r->before->env, &r->conf->env, &text,
                    &value.substituted, &inner);
    value.text = (const char *)text.ptr;
    if (!tsec_failed(rc) && s->type < CONF_T_LIST) {
        rc = conf_value_set(r->conf, s, &value, &inner);
    } else if (!tsec_failed(rc)) {
        rc = conf_value_add(r->conf, s, entry, &value, here(r), &inner);
    }
    return tsec_failed(rc) ? WRONG(r, here(r), full, "%s", inner.detail) : TSEC_OK;
}

static tsec_rc
read_list(struct reader *r, const struct conf_setting *s)
{
    if (r->event.type != YAML_SEQUENCE_START_EVENT) {
        return WRONG(r, here(r), s->key, "must be a list: [\"a\", \"b\"]");
    }
    TSEC_TRY(next(r));
    while (r->event.type != YAML_SEQUENCE_END_EVENT) {
        TSEC_TRY(take_value(r, s, s->key, NULL));
        TSEC_TRY(next(r));
    }
    return TSEC_OK;
}

/* A name in a mapping; a copy, because the next event takes the original away. */
static tsec_rc
take_name(struct reader *r, const char *section, char name[MAP_NAME_MAX])
{
    const char *where = section[0] == '\0' ? NULL : section;

    if (r->event.type != YAML_SCALAR_EVENT) {
        return WRONG(r, here(r), where, "a name is expected here");
    }
    TSEC_TRY(check_scalar(r, where));
    if (strstr(scalar(r), "${") != NULL) {
        return WRONG(r, here(r), where, "${...} is replaced in values, not in names");
    }
    if (scalar(r)[0] == '\0' || r->event.data.scalar.length >= MAP_NAME_MAX) {
        return WRONG(r, here(r), where, "a name has 1 to %d bytes", MAP_NAME_MAX - 1);
    }
    (void)snprintf(name, MAP_NAME_MAX, "%s", scalar(r));
    return TSEC_OK;
}

/* The entries of a MAP; of MAP2 those of one name, `prefix`. */
static tsec_rc
read_map(struct reader *r, const struct conf_setting *s, const char *section, const char *prefix)
{
    char name[MAP_NAME_MAX];
    char entry[2 * MAP_NAME_MAX];
    char full[KEY_MAX + MAP_NAME_MAX];

    if (is_empty_section(r)) {
        return TSEC_OK;
    }
    if (r->event.type != YAML_MAPPING_START_EVENT) {
        return WRONG(r, here(r), section, "must be a mapping: names with values below it");
    }
    TSEC_TRY(next(r));
    while (r->event.type != YAML_MAPPING_END_EVENT) {
        const struct conf_mark at = here(r);

        TSEC_TRY(take_name(r, section, name));
        (void)snprintf(entry, sizeof(entry), "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".", name);
        (void)snprintf(full, sizeof(full), "%s.%s", section, name);
        for (size_t i = 0; i < conf_list_at(r->conf, s)->len; i++) {
            const struct conf_item *item = &conf_list_at(r->conf, s)->items[i];

            if (strcmp(item->key, entry) == 0) {
                return WRONG(r, at, full, "already set in line %u", item->mark.line);
            }
        }
        TSEC_TRY(next(r));
        TSEC_TRY(take_value(r, s, full, entry));
        TSEC_TRY(next(r));
    }
    return TSEC_OK;
}

static tsec_rc
unknown(struct reader *r, struct conf_mark at, const char *section, const char *name)
{
    char near[KEY_MAX];
    char full[KEY_MAX + MAP_NAME_MAX];

    (void)snprintf(full, sizeof(full), "%.100s%s%.40s", section, section[0] == '\0' ? "" : ".",
                   name);
    if (section[0] == '\0' && strchr(name, '.') != NULL) {
        return WRONG(r, at, full,
                     "no such setting; a dot does not nest: write one name below the other");
    }
    if (conf_nearest(section, name, near, sizeof(near))) {
        return WRONG(r, at, full, "no such setting; did you mean \"%s\"?", near);
    }
    return WRONG(r, at, full, "no such setting");
}

static tsec_rc
read_leaf(struct reader *r, const struct conf_setting *s, struct conf_mark at)
{
    struct conf_mark *mark = &r->conf->marks[s - conf_settings];

    *mark = at;
    if (s->type == CONF_T_LIST) {
        return read_list(r, s);
    }
    return s->type == CONF_T_MAP ? read_map(r, s, s->key, "") : take_value(r, s, s->key, NULL);
}

/* A free name of a MAP2, such as a plugin's; a dot in it would be taken for the next level. */
static tsec_rc
read_group(struct reader *r, const char *section, const char *name, struct conf_mark at)
{
    const struct conf_setting *s = conf_wildcard(section);
    char full[KEY_MAX];

    if (s == NULL || strchr(name, '.') != NULL) {
        return unknown(r, at, section, name);
    }
    (void)snprintf(full, sizeof(full), "%.30s.%s", section, name);
    for (size_t i = 0; i < conf_list_at(r->conf, s)->len; i++) {
        const struct conf_item *item = &conf_list_at(r->conf, s)->items[i];

        if (strncmp(item->key, name, strlen(name)) == 0 && item->key[strlen(name)] == '.') {
            return WRONG(r, at, full, "already set before line %u", item->mark.line + 1);
        }
    }
    TSEC_TRY(next(r));
    return read_map(r, s, full, name);
}

static tsec_rc read_section(struct reader *r, const char *section);

/* What a name of a section leads to.  `seen`: where each was, to refuse it the second time. */
static tsec_rc
read_child(struct reader *r, const char *section, struct conf_mark seen[CONF_COUNT])
{
    const struct conf_mark at = here(r);
    char name[MAP_NAME_MAX];
    char full[KEY_MAX];

    TSEC_TRY(take_name(r, section, name));

    const struct conf_child child = conf_find(section, name);

    (void)snprintf(full, sizeof(full), "%.30s%s%s", section, section[0] == '\0' ? "" : ".", name);
    if (child.first == CONF_COUNT) {
        return read_group(r, section, name, at);
    }
    if (seen[child.first].line > 0) {
        return WRONG(r, at, full, "already set in line %u", seen[child.first].line);
    }
    seen[child.first] = at;
    TSEC_TRY(next(r));
    return child.leaf ? read_leaf(r, &conf_settings[child.first], at) : read_section(r, full);
}

static tsec_rc
read_section(struct reader *r, const char *section)
{
    struct conf_mark seen[CONF_COUNT] = { { 0, 0 } };

    if (section[0] != '\0' && is_empty_section(r)) {
        return TSEC_OK;
    }
    if (r->event.type != YAML_MAPPING_START_EVENT) {
        return WRONG(r, here(r), section[0] == '\0' ? NULL : section,
                     "settings are expected here: names with values");
    }
    TSEC_TRY(next(r));
    while (r->event.type != YAML_MAPPING_END_EVENT) {
        TSEC_TRY(read_child(r, section, seen));
        TSEC_TRY(next(r));
    }
    return TSEC_OK;
}

static tsec_rc
read_stream(struct reader *r)
{
    TSEC_TRY(next(r)); /* the stream's start */
    TSEC_TRY(next(r));
    if (r->event.type != YAML_DOCUMENT_START_EVENT) {
        return WRONG(r, here(r), NULL, "the file has no settings");
    }
    if (r->event.data.document_start.version_directive != NULL
        || r->event.data.document_start.tag_directives.start
               != r->event.data.document_start.tag_directives.end) {
        return WRONG(r, here(r), NULL, "directives (%%YAML, %%TAG) are not used here");
    }
    TSEC_TRY(next(r));
    TSEC_TRY(read_section(r, ""));
    TSEC_TRY(next(r)); /* the document's end */
    TSEC_TRY(next(r));
    if (r->event.type != YAML_STREAM_END_EVENT) {
        return WRONG(r, here(r), NULL, "a second document begins here; the file has one");
    }
    return TSEC_OK;
}

tsec_rc
conf_yaml_read(struct tsec_conf *conf, struct tsec_span bytes, const struct tsec_conf *before,
               struct tsec_err *err)
{
    struct reader r = { .conf = conf, .before = before, .err = err, .bytes = bytes };
    tsec_rc rc;

    if (!yaml_parser_initialize(&r.parser)) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "YAML parser");
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, bytes.ptr, bytes.len);
    rc = read_stream(&r);
    if (r.has_event) {
        yaml_event_delete(&r.event);
    }
    yaml_parser_delete(&r.parser);
    return rc;
}
