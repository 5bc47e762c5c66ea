/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/list.h"

#include <stdlib.h>

enum { GROW = 8 };

char *
conf_text_dup(const char *text)
{
    return strdup(text);
}

void
conf_text_free(char *text)
{
    if (text != NULL) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
}

/* C0 and DEL; in UTF-8 C1, U+2028, U+2029, U+FEFF, U+FFFE, U+FFFF.  YAML treats some of them as
 * line ends, a log or a terminal others. */
static bool
odd(const uint8_t *p, size_t left)
{
    static const char *const sequences[] = {
        "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf", "\xef\xbf\xbe", "\xef\xbf\xbf",
    };
    const struct tsec_span rest = tsec_span(p, left);

    if (p[0] < 0x20 || p[0] == 0x7f || (left > 1 && p[0] == 0xc2 && p[1] < 0xa0)) {
        return true;
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(sequences); i++) {
        if (tsec_span_starts(rest, tsec_span_str(sequences[i]))) {
            return true;
        }
    }
    return false;
}

bool
conf_text_printable(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (odd(text.ptr + i, text.len - i)) {
            return false;
        }
    }
    return tsec_utf8_valid(text);
}

/* The items themselves are pointers: moving them leaves no text behind. */
static bool
make_room(struct conf_list *list)
{
    if (list->len % GROW != 0) {
        return true;
    }

    struct conf_item *more = reallocarray(list->items, list->len + GROW, sizeof(struct conf_item));

    if (more == NULL) {
        return false;
    }
    list->items = more;
    return true;
}

tsec_rc
conf_list_add(struct conf_list *list, const char *key, const char *value, struct conf_mark mark,
              struct tsec_err *err)
{
    char *key_copy = key == NULL ? NULL : conf_text_dup(key);
    char *value_copy = conf_text_dup(value);

    if (value_copy == NULL || (key != NULL && key_copy == NULL) || !make_room(list)) {
        conf_text_free(key_copy);
        conf_text_free(value_copy);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "settings");
    }
    list->items[list->len++] = (struct conf_item){ key_copy, value_copy, mark };
    return TSEC_OK;
}

const char *
conf_list_get(const struct conf_list *list, const char *key)
{
    for (size_t i = 0; i < list->len; i++) {
        if (list->items[i].key != NULL && strcmp(list->items[i].key, key) == 0) {
            return list->items[i].value;
        }
    }
    return NULL;
}

static bool
text_equal(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
conf_list_equal(const struct conf_list *a, const struct conf_list *b)
{
    bool same = a->len == b->len;

    for (size_t i = 0; same && i < a->len; i++) {
        same = text_equal(a->items[i].key, b->items[i].key)
               && text_equal(a->items[i].value, b->items[i].value);
    }
    return same;
}

void
conf_list_done(struct conf_list *list)
{
    for (size_t i = 0; i < list->len; i++) {
        conf_text_free(list->items[i].key);
        conf_text_free(list->items[i].value);
    }
    free(list->items);
    *list = (struct conf_list){ NULL, 0 };
}
