/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/setting.h"

#include <stdio.h>

#define REQUIRED CONF_F_REQUIRED
#define RELOAD   CONF_F_RELOAD
#define LATER    CONF_F_LATER
#define SECRET   CONF_F_SECRET

const struct conf_setting conf_settings[CONF_COUNT] = {
#define CONF(type, field, key, dflt, min, max, allowed, flags, doc)                    \
    { (key), CONF_T_##type, (flags), offsetof(struct tsec_conf, field), (dflt), (min), \
      (max), (allowed),     (doc) },
#include "conf/conf.def"
#undef CONF
};

enum { NAME_MAX_LEN = 64 };

/* The part of a key below `section`, or NULL when it is elsewhere. */
static const char *
below(const char *key, const char *section)
{
    const size_t len = strlen(section);

    if (len == 0) {
        return key;
    }
    return strncmp(key, section, len) == 0 && key[len] == '.' ? key + len + 1 : NULL;
}

struct conf_child
conf_find(const char *section, const char *name)
{
    const size_t len = strlen(name);

    /* A name with a dot in it would be taken for two names. */
    for (size_t i = 0; len > 0 && strchr(name, '.') == NULL && i < CONF_COUNT; i++) {
        const char *rest = below(conf_settings[i].key, section);

        if (rest != NULL && strcmp(rest, "*") != 0 && strncmp(rest, name, len) == 0
            && (rest[len] == '\0' || rest[len] == '.')) {
            return (struct conf_child){ i, rest[len] == '\0' };
        }
    }
    return (struct conf_child){ CONF_COUNT, false };
}

const struct conf_setting *
conf_wildcard(const char *section)
{
    for (size_t i = 0; section[0] != '\0' && i < CONF_COUNT; i++) {
        const char *rest = below(conf_settings[i].key, section);

        if (rest != NULL && strcmp(rest, "*") == 0) {
            return &conf_settings[i];
        }
    }
    return NULL;
}

static size_t
min3(size_t a, size_t b, size_t c)
{
    const size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Levenshtein distance, one row at a time. */
static size_t
distance(struct tsec_span a, struct tsec_span b)
{
    size_t row[NAME_MAX_LEN + 1];

    if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b.len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            const size_t above = row[j];
            const size_t change = diagonal + (a.ptr[i - 1] == b.ptr[j - 1] ? 0 : 1);

            row[j] = min3(above + 1, row[j - 1] + 1, change);
            diagonal = above;
        }
    }
    return row[b.len];
}

/* The best candidate so far; what is farther than a third of the word is no suggestion. */
struct best {
    struct tsec_span word;
    size_t distance;
    struct tsec_span candidate;
};

static struct best
best_for(const char *word)
{
    const size_t len = strlen(word);

    return (struct best){ tsec_span_str(word), len / 3 + 2, { NULL, 0 } };
}

static void
offer(struct best *best, struct tsec_span candidate)
{
    const size_t d = distance(best->word, candidate);

    if (d < best->distance) {
        best->distance = d;
        best->candidate = candidate;
    }
}

static bool
answer(struct tsec_span candidate, char *out, size_t out_len)
{
    if (candidate.ptr == NULL) {
        return false;
    }
    (void)snprintf(out, out_len, "%.*s", (int)candidate.len, (const char *)candidate.ptr);
    return true;
}

bool
conf_nearest(const char *section, const char *name, char *out, size_t out_len)
{
    struct best here = best_for(name);

    for (size_t i = 0; i < CONF_COUNT; i++) {
        const char *rest = below(conf_settings[i].key, section);

        if (rest != NULL && strcmp(rest, "*") != 0) {
            offer(&here, tsec_span(rest, strcspn(rest, ".")));
        }
    }
    if (here.candidate.ptr != NULL) {
        return answer(here.candidate, out, out_len);
    }
    for (size_t i = 0; i < CONF_COUNT; i++) {
        const char *key = conf_settings[i].key;
        const char *dot = strrchr(key, '.');

        if (strcmp(dot == NULL ? key : dot + 1, name) == 0 || strcmp(key, name) == 0) {
            return answer(tsec_span_str(key), out, out_len);
        }
    }
    return false;
}

bool
conf_nearest_value(const char *allowed, const char *value, char *out, size_t out_len)
{
    struct best best = best_for(value);

    for (const char *p = allowed; *p != '\0'; p += strspn(p, "|")) {
        const size_t len = strcspn(p, "|");

        offer(&best, tsec_span(p, len));
        p += len;
    }
    return answer(best.candidate, out, out_len);
}

char **
conf_text_at(struct tsec_conf *conf, const struct conf_setting *s)
{
    return (char **)(void *)((char *)conf + s->offset);
}

int64_t *
conf_int_at(struct tsec_conf *conf, const struct conf_setting *s)
{
    return (int64_t *)(void *)((char *)conf + s->offset);
}

bool *
conf_bool_at(struct tsec_conf *conf, const struct conf_setting *s)
{
    return (bool *)(void *)((char *)conf + s->offset);
}

struct conf_list *
conf_list_at(struct tsec_conf *conf, const struct conf_setting *s)
{
    return (struct conf_list *)(void *)((char *)conf + s->offset);
}
